"""A gate on a custom resource that Flux takes for healthy at once.

## What it does
Speaks where other Kustomizations depend on one that waits, by `wait: true` or a
health check, for an object of one of a few kinds that say nothing of themselves
when they are new, and no `healthCheckExprs` tells Flux where to look: `Cluster` of
CloudNativePG, `CephCluster` of Rook, `Dragonfly`. Of every kind it speaks where
`healthCheckExprs` do cover it, but hold of an object that has no status yet.

## Why it matters
Flux goes by `status.observedGeneration` and the conditions. Such an object has
none in its first moments, so the wait is over before the first pod runs. What
depends on it starts too early, without any error.

## Example
```yaml
kind: Kustomization
metadata: {name: postgres}   # applies a Cluster of CloudNativePG
spec: {path: ./postgres, wait: true}
---
kind: Kustomization
metadata: {name: shop}
spec: {path: ./shop, dependsOn: [{name: postgres}]}
```

## Instead
```yaml
kind: Kustomization
metadata: {name: postgres}
spec:
  path: ./postgres
  wait: true
  healthCheckExprs:
    - apiVersion: postgresql.cnpg.io/v1
      kind: Cluster
      current: status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')
```

## Fix
Add the expression; Flux has known `healthCheckExprs` since 2.5.

## Silence it
Ignore the finding with a reason.

## References
windsorcli/cli#3186 · sylva-core#2789
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.knowledge.blind import BLIND
from bot.model.cluster import Confidence, Node
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.flux import HealthExpression
from bot.model.quote import code
from bot.model.ref import GroupKind, Ref
from bot.simulate.case import Case, Rule
from bot.simulate.expressions import counts_as_new

ID = "health-check-blind"


def check(case: Case) -> Iterator[Finding]:
    needed: dict[Ref, Ref] = {}
    for node in case.cluster.nodes.values():
        for entry in node.kustomization.depends_on:
            needed.setdefault(entry.ref, node.ref)
    for ref, dependent in needed.items():
        found = case.cluster.nodes.get(ref)
        blind = next(_blind(found), None) if found else None
        if found and blind:
            yield _finding(case, found, *blind, dependent)


def _blind(node: Node) -> Iterator[tuple[Ref, str]]:
    """The objects that a Kustomization waits for and that are healthy at once, with the field that says so."""
    kustomization = node.kustomization
    applied = {one.ref: one for one in node.resources} if kustomization.health_expressions else {}
    waited = [one.ref for one in node.resources] if kustomization.wait else kustomization.health_checks
    for ref in waited:
        seen = _seen(node, ref.group_kind)
        if seen is None and ref.group_kind in BLIND:
            yield ref, "wait" if kustomization.wait else "healthChecks"
        elif seen and ref in applied and counts_as_new(applied[ref], seen.texts):
            yield ref, "healthCheckExprs"


def _seen(node: Node, what: GroupKind) -> HealthExpression | None:
    """The expression that covers the kind; one without a kind covers the group."""
    told = node.kustomization.health_expressions
    return next((one for one in told if one.what.group == what.group and one.what.kind in ("", what.kind)), None)


def _finding(case: Case, node: Node, blind: Ref, field: str, dependent: Ref) -> Finding:
    known = f": {code(BLIND[blind.group_kind])}" if blind.group_kind in BLIND else ""
    told = field == "healthCheckExprs"
    why = (
        f"its `healthCheckExprs` hold of a new {code(blind.kind)}"
        if told
        else (f"Flux takes a new {code(blind.kind)} for healthy")
    )
    advice = (
        f"Let `current` read what the controller writes{known}."
        if told
        else (f"Add `healthCheckExprs` for {code(blind.group_kind)}{known}.")
    )
    return Finding(
        rule=ID,
        severity=Severity.NOTE,
        outcome=Outcome.SILENT,
        when=(When.FRESH,),
        confidence=Confidence.LIKELY,
        about=node.ref,
        needs=blind,
        at=case.place(node.kustomization.resource, "spec", field),
        message=(
            f"{code(node.ref)} waits for {code(blind)}, but {why} at "
            f"once, so {code(dependent)}, which depends on it, starts before it runs."
        ),
        advice=advice,
        related=(Related(case.place_of(blind), f"{code(blind)} is waited for"),) if case.resource(blind) else (),
    )


RULE = Rule(ID, Severity.NOTE, __doc__, check)
