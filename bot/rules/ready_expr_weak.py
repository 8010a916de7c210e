"""A `readyExpr` that asks for less than Flux would by itself.

## What it does
Speaks where the `readyExpr` of a `dependsOn` entry reads nothing of the
dependency's `status`, or not its `observedGeneration`. Which fields an expression
reads is all that fluxbot looks at; where that cannot be told it is silent.

## Why it matters
The expression replaces Flux's own checks. Without a look at the status the
dependent starts while its dependency is failing; without `observedGeneration` a
dependency that has not even begun with its new spec counts as ready.

## Example
```yaml
spec:
  dependsOn:
    - name: databases
      readyExpr: dep.metadata.labels['version'] == self.metadata.labels['version']
```

## Instead
```yaml
spec:
  dependsOn:
    - name: databases
      readyExpr: >-
        dep.metadata.labels['version'] == self.metadata.labels['version'] &&
        dep.status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True') &&
        dep.metadata.generation == dep.status.observedGeneration
```

## Fix
Add what is missing, or run the controller with `AdditiveCELDependencyCheck`, which
keeps Flux's own checks beside the expression.

## Silence it
Ignore the finding with a reason.

## References
kustomize-controller, Kustomization API: Dependency ready expression
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flux.cel import fields_read
from bot.flux.truth import Truth
from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.flux import Dependency
from bot.model.quote import code
from bot.model.ref import Ref
from bot.model.resource import Resource
from bot.simulate.case import Case, Rule
from bot.simulate.controllers import is_switched_on
from bot.simulate.expressions import Moment, holds

ID = "ready-expr-weak"


def check(case: Case) -> Iterator[Finding]:
    found = [(*one, weak) for one in _entries(case) if (weak := _weakness(case, *one[:2]))]
    if found and not is_switched_on(case.cluster, "AdditiveCELDependencyCheck"):
        yield from (_finding(case, *one) for one in found)


def _entries(case: Case) -> Iterator[tuple[Dependency, Resource, tuple[Ref, ...]]]:
    for node in case.cluster.nodes.values():
        yield from ((entry, node.kustomization.resource, node.parents) for entry in node.kustomization.depends_on)
    for release, owner in case.cluster.releases.values():
        yield from ((entry, release.resource, (owner,)) for entry in release.depends_on)


def _weakness(case: Case, entry: Dependency, resource: Resource) -> str:
    """What the expression leaves out and what comes of it; empty where nothing is known to be missing."""
    read = fields_read(entry.ready_expr, "dep") if entry.ready_expr else None
    if read is None or ("status",) in read or resource.ref in case.fresh.stage.flawed:
        return ""
    if not any(path[0] == "status" for path in read):
        return "reads nothing of its status, so a dependency that is failing is good enough"
    if holds(case.cluster, resource, entry, Moment.FAILING) is Truth.TRUE:
        return "holds of a dependency whose `Ready` is `False`, so one that is failing is good enough"
    if not any("observedGeneration" in path for path in read):
        return "does not read its `observedGeneration`, so one that has not begun with its new spec is good enough"
    if holds(case.cluster, resource, entry, Moment.NOT_BEGUN) is Truth.TRUE:
        return "holds whatever its `observedGeneration`, so one that has not begun with its new spec is good enough"
    return ""


def _finding(case: Case, entry: Dependency, resource: Resource, parents: tuple[Ref, ...], weakness: str) -> Finding:
    return Finding(
        rule=ID,
        severity=Severity.NOTE,
        outcome=Outcome.SILENT,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.PROVEN,
        about=resource.ref,
        needs=entry.ref,
        at=case.place_of_entry(resource, "dependsOn", entry.ref.name, parents),
        message=(
            f"The `readyExpr` with which {code(resource.ref)} waits for {code(entry.ref)} replaces Flux's own checks "
            f"and {weakness}."
        ),
        advice=(
            "Add `dep.status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True') && "
            "dep.metadata.generation == dep.status.observedGeneration`."
        ),
    )


RULE = Rule(ID, Severity.NOTE, __doc__, check)
