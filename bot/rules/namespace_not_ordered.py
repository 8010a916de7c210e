"""An object whose Namespace is made elsewhere, later, or by nothing.

## What it does
Speaks where a Kustomization applies an object into a namespace that it does not
make itself, and no `dependsOn` leads to what makes it.

## Why it matters
The API server refuses an object whose namespace does not exist, and one refused
object keeps the whole stage from being applied. If the namespace comes from
another Kustomization that is merely later, a retry heals it after
`retryInterval`, which defaults to `interval`. If it comes from a HelmRelease of
the same Kustomization (`createNamespace`), the HelmRelease is never applied
either: a deadlock.

## Example
```yaml
kind: Kustomization
metadata: {name: dashboards}   # applies ConfigMaps into the namespace monitoring
spec: {path: ./dashboards}     # the Namespace is applied by the Kustomization monitoring
```

## Instead
```yaml
spec:
  path: ./dashboards
  dependsOn: [{name: monitoring}]
```

## Fix
Add the `dependsOn` entry, or apply the Namespace in the same Kustomization: Flux
applies Namespaces in a stage of their own, before everything else.

## Silence it
Declare namespaces that are made outside under `clusters[].provided.namespaces`.

## References
kustomize-controller#511
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Severity
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule
from bot.simulate.fact import Need
from bot.simulate.namespace import Maker, makers

ID = "namespace-not-ordered"


def check(case: Case) -> Iterator[Finding]:
    for ref in case.fresh.cluster.nodes:
        for need in case.fresh.unsure(ref):
            if need.fact.name:
                found = makers(case.cluster, need.fact)
                if found and (ref in case.fresh.applied or any(maker.owner == ref for maker in found)):
                    yield _finding(case, ref, need, found[0])


def _finding(case: Case, ref: Ref, need: Need, maker: Maker) -> Finding:
    within = ref not in case.fresh.applied
    name = code(need.fact.name)
    return Finding(
        rule=ID,
        severity=Severity.ERROR if within else Severity.WARNING,
        outcome=Outcome.DEADLOCK if within else Outcome.LATE,
        when=case.when(lambda running: need in running.unsure(ref)),
        confidence=Confidence.PROVEN,
        about=ref,
        needs=None if within else maker.owner,
        object=need.resource.ref,
        provider=maker.by,
        at=case.place(need.resource),
        message=(
            f"{code(need.resource.ref)} needs the namespace {name}, which only {code(maker.by)} of the same set makes; "
            f"on a fresh cluster nothing of {code(ref)} is ever applied."
            if within
            else f"{code(ref)} applies {code(need.resource.ref)} into the namespace {name}, which {code(maker.owner)} "
            "makes, and nothing orders the two; on a fresh cluster it fails until a retry."
        ),
        predicted=need.predicted,
        advice=(
            f"Apply a Namespace {name} in the same Kustomization."
            if within
            else f"Add {code(maker.owner.name)} to the dependsOn of {code(ref.name)}, or apply the Namespace there too."
        ),
    )


RULE = Rule(ID, Severity.WARNING, __doc__, check)
