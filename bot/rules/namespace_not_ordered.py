"""An object whose Namespace something else makes, and nothing orders the two.

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
Add the `dependsOn` entry. Where only a HelmRelease of the same Kustomization makes
the namespace, apply a Namespace beside it: Flux applies Namespaces in a stage of
their own, before everything else. Two Kustomizations that apply one Namespace are
no cure: the first that drops it deletes it.

## Silence it
Declare namespaces that are made outside under `clusters[].provided.namespaces`.

## References
kustomize-controller#511
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flux.resource_set import RESOURCE_SET
from bot.model.cluster import Broken, Confidence, Node
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule
from bot.simulate.fact import Need
from bot.simulate.late import retry_after, scene
from bot.simulate.namespace import Maker, makers
from bot.simulate.unread import waits_for_unknown

ID = "namespace-not-ordered"


def check(case: Case) -> Iterator[Finding]:
    for ref in case.fresh.cluster.nodes:
        for need in case.fresh.unsure(ref):
            maker = _maker(case, ref, need) if need.fact.name else None
            if maker:
                yield _finding(case, ref, need, maker)


def _maker(case: Case, ref: Ref, need: Need) -> Maker | None:
    """What makes the namespace too late; None where the Kustomization is stuck for another reason."""
    found = makers(case.cluster, need.fact)
    if need in case.fresh.absent(ref):
        own = (ref, *case.fresh.stage.children.get(ref, ()))
        return next((maker for maker in found if maker.owner in own), None)
    if ref.kind == RESOURCE_SET.kind:
        return None  # it is tried again within seconds
    outer = (maker for maker in found if maker.owner != ref and not case.reach.forbids(ref, maker.owner))
    return next(outer, None) if ref in case.fresh.applied else None


def _finding(case: Case, ref: Ref, need: Need, maker: Maker) -> Finding:
    within = need in case.fresh.absent(ref)
    when = case.when(lambda running: need in running.unsure(ref))
    return Finding(
        rule=ID,
        severity=Severity.ERROR if within else Severity.WARNING,
        outcome=Outcome.DEADLOCK if within else Outcome.LATE,
        when=when,
        confidence=_confidence(case, case.cluster.nodes[ref]),
        about=ref,
        needs=None if within else maker.owner,
        object=need.resource.ref,
        provider=maker.by,
        at=case.place(need.resource),
        message=_deadlock(ref, need, maker, when) if within else _race(case, ref, need, maker, when),
        predicted=need.predicted,
        advice=_way_out(ref, need, maker) if within else _order(case, ref, maker),
        related=(Related(case.place_of(maker.by), f"{code(maker.by)} makes it, applied by {code(maker.owner)}"),),
    )


def _confidence(case: Case, node: Node) -> Confidence:
    """A guess where a file, or a Kustomization that comes before, is missing that may hold the Namespace."""
    is_cut = isinstance(node.building, Broken) and bool(node.unread)
    return Confidence.GUESS if is_cut or waits_for_unknown(case.cluster, node.ref) else Confidence.PROVEN


def _deadlock(ref: Ref, need: Need, maker: Maker, when: tuple[When, ...]) -> str:
    own = f"and both are in {code(ref)}"
    child = f"but {code(maker.owner)}, which applies that, is itself created by {code(ref)}"
    return (
        f"{code(need.resource.ref)} needs the namespace {code(need.fact.name)} that only {code(maker.by)} makes, "
        f"{own if maker.owner == ref else child}; Flux dry-runs all of a Kustomization before it applies any of it, "
        f"so {scene(when)} the namespace never comes."
    )


def _race(case: Case, ref: Ref, need: Need, maker: Maker, when: tuple[When, ...]) -> str:
    return (
        f"{code(ref)} applies {code(need.resource.ref)}, but nothing makes sure that {code(maker.owner)} has made "
        f"the namespace {code(need.fact.name)} before; {scene(when)} it fails at first, and Flux tries again only "
        f"after {retry_after(case, ref)}."
    )


def _way_out(ref: Ref, need: Need, maker: Maker) -> str:
    if maker.owner == ref:
        return f"Apply a Namespace {code(need.fact.name)} in the same Kustomization."
    return (
        f"Move {code(need.resource.ref)} into a Kustomization that depends on {code(maker.owner.name)}. "
        "Move only what no cluster has yet: Flux deletes what is live when it moves."
    )


def _order(case: Case, ref: Ref, maker: Maker) -> str:
    names = [entry.ref for entry in case.cluster.nodes[ref].kustomization.depends_on]
    if maker.owner in names:
        return f"Let {code(maker.owner.name)} wait for {code(maker.by)}."
    return f"Add {code(maker.owner.name)} to the dependsOn of {code(ref.name)}."


RULE = Rule(ID, Severity.WARNING, __doc__, check)
