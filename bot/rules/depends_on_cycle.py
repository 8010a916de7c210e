"""Kustomizations, or HelmReleases, that wait for each other.

## What it does
Speaks where `dependsOn` entries form a cycle, an entry that names its own
object included.

## Why it matters
None of the members ever becomes ready. Among Kustomizations of one source it is
worse: Flux cannot sort them, so no Kustomization of that source is told of a new
revision any more, and all fall back to their interval; only a log line says so.

## Example
```yaml
kind: Kustomization
metadata: {name: apps}
spec: {dependsOn: [{name: databases}]}
---
kind: Kustomization
metadata: {name: databases}
spec: {dependsOn: [{name: apps}]}
```

## Instead
One of the two entries goes.

## Fix
Remove the entry that nothing needs.

## Silence it
Ignore the finding with a reason.

## References
kustomize-controller#1712
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.graph.cycles import cycles
from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule

ID = "depends-on-cycle"


def check(case: Case) -> Iterator[Finding]:
    nodes = case.cluster.nodes
    kustomizations = {ref: [e.ref for e in node.kustomization.depends_on] for ref, node in nodes.items()}
    releases = {ref: [e.ref for e in found[0].depends_on] for ref, found in case.cluster.releases.items()}
    for cycle in (*cycles(kustomizations), *cycles(releases)):
        yield _finding(case, cycle)


def _finding(case: Case, cycle: tuple[Ref, ...]) -> Finding:
    first, after = cycle[0], cycle[1 % len(cycle)]
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.PROVEN,
        about=first,
        needs=after,
        at=_entry(case, first, after).at,
        message=_message(case, cycle),
        predicted=f"dependency '{after.namespace}/{after.name}' is not ready",
        advice="Remove the entry." if first == after else "Remove an entry that nothing needs.",
        related=tuple(_entry(case, ref, cycle[(n + 1) % len(cycle)]) for n, ref in enumerate(cycle) if n),
    )


def _message(case: Case, cycle: tuple[Ref, ...]) -> str:
    first = cycle[0]
    if len(cycle) == 1:
        return f"{code(first)} waits for itself and never becomes ready."
    round_trip = " → ".join(code(ref) for ref in (*cycle, first))
    whole = "; besides, Flux tells no Kustomization of their source of a new revision any more"
    more = whole if first.kind == "Kustomization" and _one_source(case, cycle) else ""
    return f"These wait for each other and never become ready: {round_trip}{more}."


def _one_source(case: Case, cycle: tuple[Ref, ...]) -> bool:
    return len({case.cluster.nodes[ref].kustomization.source for ref in cycle}) == 1


def _entry(case: Case, ref: Ref, names: Ref) -> Related:
    """The place of the entry of ``ref`` that names another member."""
    node = case.cluster.nodes.get(ref)
    resource = node.kustomization.resource if node else case.cluster.releases[ref][0].resource
    parents = node.parents if node else (case.cluster.releases[ref][1],)
    at = case.place_of_entry(resource, "dependsOn", names.name, parents)
    return Related(at, f"{code(ref)} waits for {code(names)}")


RULE = Rule(ID, Severity.ERROR, __doc__, check)
