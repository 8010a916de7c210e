"""A cluster's Kustomizations as boxes: how each fares on a fresh cluster, and what it applies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.knowledge.kinds import flux_kind, is_builtin
from bot.model.cluster import Broken, Node, Unresolved
from bot.model.quote import code
from bot.model.ref import Ref
from bot.model.resource import Resource
from bot.review.explain import explain_cause
from bot.review.words import counted
from bot.simulate.case import Case
from bot.simulate.cause import Cause, Why, causes
from bot.simulate.order import Gap, Opening
from bot.simulate.stage import awaited
from bot.simulate.waves import layers
from bot.view.view import Box, Change, Outcome, Role, State, Thing, Told

MOST_THINGS: Final = 150
"""Objects of one Kustomization that are named; the others are counted."""

_OTHERS_FAULT: Final = frozenset({Why.NOT_CREATED, Why.DEPENDENCY_NOT_READY, Why.NOT_MADE})


def boxes(before: Case | None, after: Case | None) -> Iterator[Box]:
    """Every Kustomization of either side, in the order of Refs."""
    old = _states(_Side(before, after, Change.REMOVED)) if before else {}
    new = _states(_Side(after, before, Change.ADDED)) if after else {}
    for ref in sorted({*old, *new}):
        yield Box(ref, _changed(ref, before, after), old.get(ref), new.get(ref))


def _changed(ref: Ref, before: Case | None, after: Case | None) -> Change:
    old = before.cluster.nodes.get(ref) if before else None
    new = after.cluster.nodes.get(ref) if after else None
    if old is None or new is None or before is after:
        return Change.SAME if before is after else Change.ADDED if old is None else Change.REMOVED
    if old is new or (old.kustomization.resource.body == new.kustomization.resource.body and _bodies(old, new)):
        return Change.SAME
    return Change.CHANGED


def _bodies(old: Node, new: Node) -> bool:
    return {one.ref: one.body for one in old.resources} == {one.ref: one.body for one in new.resources}


@dataclass(frozen=True, slots=True)
class _Side:
    """A cluster, the same one on the other side, and what became of that which only this side has."""

    case: Case
    other: Case | None
    only_here: Change

    def change(self, resource: Resource, there: Mapping[Ref, Resource]) -> Change:
        """What the change does to an object; ``there`` are those of its Kustomization on the other side."""
        if self.other is self.case:
            return Change.SAME
        known = there.get(resource.ref)
        if known is None:
            return self.only_here
        return Change.SAME if known is resource or known.body == resource.body else Change.CHANGED


def _states(side: _Side) -> dict[Ref, State]:
    within: dict[Ref, list[Opening]] = {}
    for opening in side.case.openings:
        if opening.gap is Gap.WITHIN:
            within.setdefault(opening.dependent, []).append(opening)
    return {
        ref: _state(side, ref, number, within.get(ref, []))
        for number, layer in enumerate(layers(side.case.cluster))
        for ref in layer
    }


def _state(side: _Side, ref: Ref, layer: int, within: list[Opening]) -> State:
    case = side.case
    node = case.cluster.nodes[ref]
    outcome, why = fate(case, ref)
    things = sorted(_things(side, node, within), key=_importance)
    return State(
        layer=layer,
        outcome=outcome,
        at=case.place(node.kustomization.resource),
        path=node.kustomization.path,
        gate=_gate(case, node),
        why=why,
        things=tuple(things[:MOST_THINGS]),
        others=len(node.resources) - min(len(things), MOST_THINGS),
    )


def _things(side: _Side, node: Node, within: list[Opening]) -> Iterator[Thing]:
    refused = {need.resource.ref for need in side.case.fresh.unsure(node.ref)}
    notes = dict(_notes(node, within))
    counterpart = side.other.cluster.nodes.get(node.ref) if side.other else None
    there = {one.ref: one for one in counterpart.resources} if counterpart else {}
    for resource in node.resources:
        role, change = _role(resource), side.change(resource, there)
        if role is not Role.OTHER or change is not Change.SAME:
            ref, at = resource.ref, side.case.place(resource)
            yield Thing(ref, role, at, change, notes.get(ref, ""), ref in refused)


def _importance(thing: Thing) -> tuple[bool, bool, int, Ref]:
    return (not thing.fails, thing.change is Change.SAME, tuple(Role).index(thing.role), thing.ref)


def _role(resource: Resource) -> Role:
    match resource.ref.kind:
        case "HelmRelease":
            return Role.RELEASE
        case "CustomResourceDefinition":
            return Role.DEFINITION
        case "Namespace":
            return Role.NAMESPACE
        case _:
            what = resource.group_kind
            return Role.OTHER if is_builtin(what) or flux_kind(what) else Role.CUSTOM


def _notes(node: Node, within: list[Opening]) -> Iterator[tuple[Ref, str]]:
    for release in node.releases:
        chart = release.chart
        if chart and chart.name:
            yield release.ref, f"chart {chart.name} {chart.version or chart.tag}".rstrip()
    for opening in within:
        yield opening.provider.by, f"brings {code(opening.need.fact.what)}, but too late"
        yield opening.need.resource.ref, f"its kind comes only with {code(opening.provider.by.name)}"


def _gate(case: Case, node: Node) -> str:
    if isinstance(node.building, Broken | Unresolved):
        said = node.building.message if isinstance(node.building, Broken) else node.building.why
        return f"not built: {said}"
    objects = awaited(case.fresh.stage, node)
    if node.kustomization.wait:
        return f"ready when all that it applies is healthy ({counted(len(objects), 'HelmRelease or Kustomization')})"
    if objects:
        return f"ready when it is applied and healthy: {', '.join(code(one) for one in objects)}"
    return "ready as soon as it is applied; it waits for nothing of what it applies"


def fate(case: Case, ref: Ref) -> tuple[Outcome, tuple[Told, ...]]:
    """What a fresh start makes of a Kustomization, and why where that is not ready."""
    found = causes(case.fresh, ref)
    if found:
        outcome = Outcome.BLOCKED if all(_is_others_fault(case, cause) for cause in found) else Outcome.STUCK
        return outcome, tuple(_told(case, cause) for cause in found)
    if not case.fresh.is_late(ref):
        return Outcome.READY, ()
    return Outcome.LATE, tuple(
        Told(f"{code(need.resource.ref)} is not sure to be taken at the first try", need.predicted,
             case.place(need.resource))
        for need in case.fresh.unsure(ref)
    )  # fmt: skip


def _is_others_fault(case: Case, cause: Cause) -> bool:
    waits = cause.why is Why.UNHEALTHY and cause.other in case.cluster.nodes
    return waits or cause.why in _OTHERS_FAULT


def _told(case: Case, cause: Cause) -> Told:
    at = case.place(cause.resource) if cause.resource else case.place_of(cause.about)
    return Told(explain_cause(replace(cause, predicted="")), cause.predicted, at)
