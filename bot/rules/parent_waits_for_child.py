"""A Kustomization that waits for what it applies, and a child of it that waits for the Kustomization.

## What it does
Speaks where a Kustomization with `wait: true`, or with a health check, waits
for a Kustomization that it applies, and the `dependsOn` of that child leads
back to the parent, directly or through others.

## Why it matters
The parent is ready only once the child is, and the child does not begin before
the parent is ready. Each waits until its timeout, and starts again, for ever;
so does everything that depends on one of them.

## Example
```yaml
kind: Kustomization
metadata: {name: infrastructure}   # applies the Kustomization cert-manager
spec: {path: ./infrastructure, wait: true}
---
kind: Kustomization
metadata: {name: cert-manager}
spec: {path: ./cert-manager, dependsOn: [{name: infrastructure}]}
```

## Instead
```yaml
kind: Kustomization
metadata: {name: cert-manager}
spec: {path: ./cert-manager}
```

## Fix
Remove the entry: a child is created by its parent, so it never comes first
anyway. Where the child needs something else that the parent applies to be
healthy, remove `wait` from the parent and name that under `healthChecks`.

## Silence it
Ignore the finding with a reason.

## References
kustomize-controller `checkHealth`: only a wait for itself is left out
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.ref import Ref
from bot.model.span import Span
from bot.simulate.case import Case, Rule
from bot.simulate.link import Link, Reason
from bot.simulate.ring import Ring, by_parent

ID = "parent-waits-for-child"


def check(case: Case) -> Iterator[Finding]:
    for parent, rings in by_parent(case.rings).items():
        yield _finding(case, parent, rings)


def _finding(case: Case, parent: Ref, rings: list[Ring]) -> Finding:
    nearest = min(rings, key=lambda ring: (len(ring.links), ring.links[0].other))
    entry, child = _back(nearest), nearest.links[0].other.ref
    others = [_back(ring) for ring in rings if ring is not nearest]
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.PROVEN,
        about=entry.step.ref,
        needs=parent,
        at=_place(case, entry),
        message=_message(case, parent, child, nearest),
        predicted=f"dependency '{parent.namespace}/{parent.name}' is not ready",
        advice=(
            f"Remove the entry: {code(parent)} creates {code(child)} anyway. "
            f"Or let {code(parent.name)} wait only for what {code(entry.step.ref.name)} needs, by health checks."
        ),
        related=(
            Related(case.place_of(parent, *nearest.links[0].field), f"{code(parent)} waits for {code(child)}"),
            *dict.fromkeys(_related(case, link) for link in (*nearest.told[1:], *others) if link != entry),
        ),
    )


def _back(ring: Ring) -> Link:
    """The ``dependsOn`` entry that leads to the parent."""
    return next(link for link in ring.links if link.other == ring.links[0].step)


def _message(case: Case, parent: Ref, child: Ref, ring: Ring) -> str:
    how = "`wait: true`" if case.cluster.nodes[parent].kustomization.wait else "a health check"
    entry = _back(ring)
    way = "" if entry.step.ref == child else f", for which {code(child)} waits,"
    return (
        f"{code(entry.step.ref)}{way} waits for {code(parent)}, which by {how} is not ready before {code(child)} is, "
        "a Kustomization that it applies: none of them ever becomes ready."
    )


def _related(case: Case, link: Link) -> Related:
    verb = "is created by" if link.reason is Reason.CREATED_BY else "waits for"
    return Related(_place(case, link), f"{code(link.step.ref)} {verb} {code(link.other.ref)}")


def _place(case: Case, link: Link) -> Span:
    node = case.cluster.nodes[link.step.ref]
    if link.reason is Reason.DEPENDS_ON:
        return case.place_of_entry(node.kustomization.resource, "dependsOn", link.other.ref.name, node.parents)
    return case.place(node.kustomization.resource)


RULE = Rule(ID, Severity.ERROR, __doc__, check)
