"""Why a Kustomization does not get further, as a chain that ends where something can be done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.model.cluster import Broken
from bot.model.finding import Missing
from bot.model.ref import Ref
from bot.model.resource import Resource
from bot.simulate.expressions import predicted
from bot.simulate.play import Play
from bot.simulate.stage import awaited


class Why(StrEnum):
    """In the order in which Flux meets them."""

    NOT_CREATED = "not created"
    SUSPENDED = "suspended"
    EXPRESSION = "expression"
    NOT_MADE = "not made"
    BROKEN = "broken"
    DEPENDENCY_NOT_FOUND = "dependency not found"
    DEPENDENCY_NOT_READY = "dependency not ready"
    REFUSED = "refused"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason. ``other`` is the object that is to blame, ``resource`` the one that the dry-run refuses."""

    why: Why
    about: Ref
    other: Ref | None = None
    resource: Resource | None = None
    missing: Missing | None = None
    predicted: str = ""


def causes(play: Play, ref: Ref) -> tuple[Cause, ...]:
    """What holds a Kustomization back for good, none if it becomes ready; only what Flux meets first."""
    if not play.is_stuck(ref):
        return ()
    for found in (_before_apply(play, ref), _refused(play, ref), _unhealthy(play, ref)):
        some = tuple(found)
        if some:
            return some
    return ()


def _before_apply(play: Play, ref: Ref) -> Iterator[Cause]:
    node = play.cluster.nodes[ref]
    if ref not in play.created:
        yield from (Cause(Why.NOT_CREATED, ref, parent) for parent in node.parents)
        return
    if node.kustomization.suspended:
        yield Cause(Why.SUSPENDED, ref)
    elif isinstance(node.building, Broken):
        yield Cause(Why.BROKEN, ref, predicted=node.building.predicted)
    yield from (Cause(Why.EXPRESSION, ref, predicted=predicted(one)) for one in play.stage.flawed.get(ref, ()))
    for one in play.stage.requirements.get(ref, ()):
        if not any(made.owner in play.applied for made in one.made):
            yield Cause(Why.NOT_MADE, ref, one.made[0].owner)
    for entry in node.kustomization.depends_on:
        name = f"{entry.ref.namespace}/{entry.ref.name}"
        if entry.ref not in play.cluster.nodes:
            yield Cause(Why.DEPENDENCY_NOT_FOUND, ref, entry.ref, predicted=f"dependency '{name}' not found")
        elif entry.ref not in play.ready:
            yield Cause(Why.DEPENDENCY_NOT_READY, ref, entry.ref, predicted=f"dependency '{name}' is not ready")


def _refused(play: Play, ref: Ref) -> Iterator[Cause]:
    if ref in play.applied:
        return
    for need in play.absent(ref):
        yield Cause(Why.REFUSED, ref, None, need.resource, need.missing, need.predicted)
    for one in play.stage.refused.get(ref, ()):
        yield Cause(Why.REFUSED, ref, None, one.resource, None, one.predicted)


def _unhealthy(play: Play, ref: Ref) -> Iterator[Cause]:
    for other in awaited(play.stage, play.cluster.nodes[ref]):
        waiting = other in play.cluster.nodes and other not in play.ready
        if waiting or (other in play.cluster.releases and other not in play.released):
            yield Cause(Why.UNHEALTHY, ref, other, predicted=_timeout(other))
    for use in play.stage.uses.get(ref, ()):
        if use.owner not in play.applied:
            yield Cause(Why.UNHEALTHY, ref, use.owner, predicted=_timeout(use.user))


def _timeout(ref: Ref) -> str:
    return f"health check failed: timeout waiting for: [{ref} status: 'InProgress']"


def chain(play: Play, ref: Ref) -> tuple[Cause, ...]:
    """The causes from a Kustomization down to those that depend on no other Kustomization, nearest first."""
    found: list[Cause] = []
    seen: set[Ref] = set()
    pending = [ref]
    while pending:
        at = pending.pop(0)
        if at in seen or at not in play.cluster.nodes:
            continue
        seen.add(at)
        some = causes(play, at)
        found += some
        pending += [cause.other for cause in some if cause.other is not None]
    return tuple(found)
