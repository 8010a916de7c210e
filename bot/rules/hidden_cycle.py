"""A circle of waits that no `dependsOn` shows as one.

## What it does
Speaks where following what Flux waits for leads back to the beginning, and
something else than `dependsOn` is part of the way: a source, a Secret, values,
a CRD or a namespace that one of the members makes, a health check, or a secret
store or issuer without which what is waited for does not become ready.

## Why it matters
None of the members ever becomes ready on a fresh cluster. The running cluster
has the source, the Secret or the CRD from earlier days, so the circle is found
on the day of disaster recovery; one of waits stops updates there too.

## Example
```yaml
kind: Kustomization
metadata: {name: settings}          # applies the ConfigMap cluster-settings
spec: {path: ./settings, dependsOn: [{name: apps}]}
---
kind: Kustomization
metadata: {name: apps}
spec:
  path: ./apps
  postBuild: {substituteFrom: [{kind: ConfigMap, name: cluster-settings}]}
```

## Instead
`settings` comes first: its `dependsOn` entry goes, and `apps` depends on it.

## Fix
Remove the entry that nothing needs, or move what the others need into a
Kustomization that waits for none of them. Move only what no cluster has yet:
Flux deletes what is live when it moves.

## Silence it
Name what is made by hand before Flux starts under `clusters[].provided.objects`
or `clusters[].provided.crds`.

## References
devantler-tech/platform#3006 · devantler-tech/platform#1764
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, Outcome, Related, Severity
from bot.model.quote import code
from bot.model.span import Span
from bot.simulate.case import Case, Rule
from bot.simulate.link import Link, Reason
from bot.simulate.ring import Ring, hidden

ID = "hidden-cycle"


def check(case: Case) -> Iterator[Finding]:
    for ring in hidden(case.rings):
        yield _finding(case, ring)


def _finding(case: Case, ring: Ring) -> Finding:
    first = ring.told[0]
    rest = ring.told[1:]
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=case.when(lambda running: first.step.ref in running.cluster.nodes and running.is_stuck(first.step.ref)),
        confidence=ring.confidence,
        about=first.step.ref,
        needs=first.other.ref,
        object=first.what if first.reason is Reason.NEEDS else None,
        provider=first.by,
        at=_place(case, first),
        message="; ".join((f"These wait for each other and never become ready: {_told(first)}", *map(_told, rest)))
        + ".",
        advice=_advice(rest),
        related=tuple(Related(_place(case, link), _told(link)) for link in rest),
    )


def _told(link: Link) -> str:
    """One link as a clause that begins with the object that waits."""
    tail, head = code(link.step.ref), code(link.other.ref)
    match link.reason:
        case Reason.READS:
            made = "" if link.by == link.what else f", made from {code(link.by)}"
            return f"{tail} reads {code(link.what)}{made}, which {head} applies"
        case Reason.NEEDS:
            return f"{tail} applies {code(link.what)}, which needs what {head} brings"
        case Reason.USES:
            return f"{tail} is not ready before {code(link.what)}, which uses {code(link.by)} of {head}"
        case Reason.CREATED_BY:
            return f"{tail} is created by {head}"
        case Reason.WAITS_FOR:
            return f"{tail} is not ready before {head} is healthy"
        case Reason.DEPENDS_ON | Reason.GOES_ON:
            return f"{tail} depends on {head}"


def _advice(rest: tuple[Link, ...]) -> str:
    entry = next((link for link in rest if link.reason is Reason.DEPENDS_ON), None)
    if entry is None:
        return "Move what the others need into a Kustomization that waits for none of them."
    return (
        f"Remove {code(entry.other.ref.name)} from the dependsOn of {code(entry.step.ref.name)}, or move what the "
        "others need into a Kustomization that waits for none of them."
    )


def _place(case: Case, link: Link) -> Span:
    """Where a link is written, in the object that waits."""
    ref = link.step.ref
    resource = case.resource(ref)
    if link.reason is Reason.DEPENDS_ON and resource:
        node = case.cluster.nodes.get(ref)
        above = node.parents if node else (case.cluster.releases[ref][1],)
        return case.place_of_entry(resource, "dependsOn", link.other.ref.name, above)
    return case.place_of(ref, *link.field)


RULE = Rule(ID, Severity.ERROR, __doc__, check)
