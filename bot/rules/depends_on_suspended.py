"""Something waits for a suspended object.

## What it does
Speaks where a Kustomization with `suspend: true` is named in the `dependsOn` of
one that is not suspended, or is waited for by what applies it, and where a
suspended HelmRelease is named in the `dependsOn` of another.

## Why it matters
Flux leaves a suspended object alone, so on a fresh cluster it never becomes
ready, nor does anything behind it. On a running cluster a Kustomization counts
as ready only with the revision that its dependents want to apply: the next
commit stops them.

## Example
```yaml
kind: Kustomization
metadata: {name: databases}
spec: {path: ./databases, suspend: true}
---
kind: Kustomization
metadata: {name: apps}
spec: {path: ./apps, dependsOn: [{name: databases}]}
```

## Instead
`databases` is not suspended, or `apps` does not depend on it.

## Fix
Resume the object once the work is done, or suspend what waits for it too.

## Silence it
Ignore the finding with a reason and a date: `until` brings it back.

## References
kustomize-controller#1604 · kustomize-controller#1100
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule
from bot.simulate.stage import awaited

ID = "depends-on-suspended"
_SHOWN = 3


def check(case: Case) -> Iterator[Finding]:
    for ref, node in case.cluster.nodes.items():
        if node.kustomization.suspended:
            dependents, parents = _dependents(case, ref), _waiting(case, ref)
            if dependents or parents:
                yield _finding(case, ref, dependents, parents)
    for ref, (release, _) in case.cluster.releases.items():
        waiting = _waiting_releases(case, ref) if release.suspended else []
        if waiting:
            yield _finding(case, ref, waiting, [])


def _dependents(case: Case, ref: Ref) -> list[Ref]:
    """The Kustomizations that name a suspended one."""
    active = (node.kustomization for node in case.cluster.nodes.values() if not node.kustomization.suspended)
    return sorted(one.ref for one in active if any(entry.ref == ref for entry in one.depends_on))


def _waiting(case: Case, ref: Ref) -> list[Ref]:
    """The Kustomizations that are not ready before a suspended one is healthy."""
    active = (node for node in case.cluster.nodes.values() if not node.kustomization.suspended)
    return sorted(node.ref for node in active if ref in awaited(case.fresh.stage, node))


def _waiting_releases(case: Case, ref: Ref) -> list[Ref]:
    active = (one for one, _ in case.cluster.releases.values() if not one.suspended)
    return sorted(one.ref for one in active if any(entry.ref == ref for entry in one.depends_on))


def _finding(case: Case, ref: Ref, dependents: list[Ref], parents: list[Ref]) -> Finding:
    waiting = [*dependents, *(parent for parent in parents if parent not in dependents)]
    running = bool(parents) or any(_same_source(case, ref, one) for one in dependents)
    names = ", ".join(code(one) for one in waiting[:_SHOWN])
    more = f" and {len(waiting) - _SHOWN} more" if len(waiting) > _SHOWN else ""
    later = "; on the running cluster that stops at the next revision" if running else ""
    return Finding(
        rule=ID,
        severity=Severity.WARNING,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING) if running else (When.FRESH,),
        confidence=Confidence.PROVEN,
        about=ref,
        at=case.place_of(ref, "spec", "suspend"),
        message=(
            f"{code(ref)} is suspended, so on a fresh cluster what waits for it never becomes ready: "
            f"{names}{more}{later}."
        ),
        predicted=f"dependency '{ref.namespace}/{ref.name}' is not ready" if dependents else "",
        advice=f"Resume {code(ref.name)}, or suspend what waits for it too.",
        related=tuple(_related(case, ref, one, named=one in dependents) for one in waiting[:_SHOWN]),
    )


def _same_source(case: Case, ref: Ref, other: Ref) -> bool:
    """Whether two Kustomizations want the same revision; HelmReleases have none in common."""
    nodes = case.cluster.nodes
    return ref in nodes and nodes[ref].kustomization.source == nodes[other].kustomization.source


def _related(case: Case, ref: Ref, other: Ref, *, named: bool) -> Related:
    node, resource = case.cluster.nodes.get(other), case.resource(other)
    parents = node.parents if node else (case.cluster.releases[other][1],)
    entry = case.place_of_entry(resource, "dependsOn", ref.name, parents) if resource and named else None
    return Related(entry or case.place_of(other, "spec"), f"{code(other)} waits for {code(ref)}")


RULE = Rule(ID, Severity.WARNING, __doc__, check)
