"""Who lacks which order: the needs that are not gated, sorted by what would gate them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.model.cluster import Cluster, Confidence, Means, Provision
from bot.model.ref import Ref
from bot.simulate.fact import Need
from bot.simulate.play import Play


class Gap(StrEnum):
    """Where the order is missing."""

    WITHIN = "within"
    """What brings it is applied by the very Kustomization that needs it, or by one that it creates."""
    NO_PATH = "no path"
    NOT_AWAITED = "not awaited"
    BEHIND_AGGREGATE = "behind aggregate"


@dataclass(frozen=True, slots=True)
class Opening:
    """A need of ``dependent`` that is not sure at its first try (never true at all, for WITHIN).

    ``provider`` brings it; ``owner`` is the Kustomization to wait for, which
    is the provider's. ``path`` is the dependency that leads there, where one does.
    """

    gap: Gap
    dependent: Ref
    need: Need
    provider: Provision
    path: Ref | None = None

    @property
    def owner(self) -> Ref:
        return self.provider.owner


def openings(play: Play) -> Iterator[Opening]:
    """Every missing order between the objects of a cluster and what brings their kinds."""
    order = _Order(play.cluster)
    for ref in play.cluster.nodes:
        for need in play.unsure(ref):
            if not need.fact.name:
                opening = _opening(play, order, ref, need)
                # A ResourceSet is tried again within seconds, so what is only late there is nothing to speak of.
                if opening and (opening.gap is Gap.WITHIN or ref.kind != "ResourceSet"):
                    yield opening


def _opening(play: Play, order: _Order, ref: Ref, need: Need) -> Opening | None:
    """What is open about one need; None where nothing in the cluster could order it.

    That depends on who brings the kind and on who waits for whom, not on
    whether the rest of the cluster comes up: what else is wrong is said elsewhere.
    """
    providers = [
        one for one in play.cluster.providers(need.fact.what) if has_target(play.cluster, one, need.fact.target)
    ]
    outer = [one for one in providers if one.owner != ref and not order.creates(ref, one.owner)]
    if not outer:
        return Opening(Gap.WITHIN, ref, need, best(providers)) if providers else None
    usable = [one for one in outer if not order.waits(one.owner, ref)]
    return _between(order, ref, need, usable) if usable else None


def _between(order: _Order, ref: Ref, need: Need, usable: list[Provision]) -> Opening:
    waited = order.waited(ref)
    awaited = [one for one in usable if one.owner in waited]
    if awaited:
        chosen = best(awaited)
        return Opening(Gap.NOT_AWAITED, ref, need, chosen, chosen.owner)
    for one in sorted(usable, key=_preference):
        behind = [aggregate for aggregate in waited if order.is_behind(ref, aggregate, one.owner)]
        if behind:
            return Opening(Gap.BEHIND_AGGREGATE, ref, need, one, min(behind))
    return Opening(Gap.NO_PATH, ref, need, best(usable))


def waiting(cluster: Cluster) -> Callable[[Ref, Ref], bool]:
    """Whether one Kustomization does not start before another is ready, as a function that remembers its way."""
    return _Order(cluster).waits


def depended(cluster: Cluster, ref: Ref) -> list[Ref]:
    """What a Kustomization itself names under ``dependsOn``."""
    node = cluster.nodes.get(ref)
    return [entry.ref for entry in node.kustomization.depends_on] if node else []


def between(cluster: Cluster, ref: Ref, awaited: Ref) -> Ref | None:
    """By way of whom ``ref`` waits for another Kustomization, a dependency or a parent; None where it does itself."""
    seen, pending = {ref}, [ref]
    while pending:
        at = pending.pop(0)
        if awaited in (named := depended(cluster, at)):
            return None if at == ref else at
        parents = cluster.nodes[at].parents if at in cluster.nodes else ()
        pending += (more := [one for one in dict.fromkeys((*named, *parents)) if one not in seen])
        seen.update(more)
    return None


def is_made_from_an_object(cluster: Cluster, provision: Provision) -> bool:
    """Whether a controller makes the kind from an object of the cluster.

    The operator of a chart brings its own kinds, and so does one that comes from another host.
    """
    by = provision.by
    return provision.means is Means.CONTROLLER and by in cluster.resources and by not in cluster.releases


def has_target(cluster: Cluster, provision: Provision, target: str) -> bool:
    """Whether a provision brings its kind to this target cluster."""
    found = cluster.releases.get(provision.by)
    own = cluster.nodes[provision.owner].kustomization.target
    return (found[0].target or own if found else own) == target


def best(provisions: list[Provision]) -> Provision:
    """The one to name: the surest, then plain manifests, then by name."""
    return min(provisions, key=_preference)


def _preference(provision: Provision) -> tuple[int, int, Ref]:
    means = ("manifest", "release", "controller").index(provision.means.value)
    return (Confidence.PROVEN.rank - provision.confidence.rank, means, provision.owner)


class _Order:
    """Reach along dependsOn and parents."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.waited = lru_cache(maxsize=None)(self._waited)
        self._above = lru_cache(maxsize=None)(self._ancestors)

    def creates(self, ref: Ref, other: Ref) -> bool:
        """Whether ``other`` exists only because ``ref`` was applied, directly or not."""
        return ref in self._above(other)

    def is_behind(self, ref: Ref, aggregate: Ref, other: Ref) -> bool:
        """Whether waiting for ``aggregate``, which creates ``other``, could be meant to order the two.

        Not where it creates both, and only a Kustomization between them and it waits for it.
        """
        return self.creates(aggregate, other) and (
            aggregate in depended(self._cluster, ref) or not self.creates(aggregate, ref)
        )

    def waits(self, ref: Ref, other: Ref) -> bool:
        """Whether ``ref`` does not start before ``other`` is ready: waiting for it as well would be a cycle."""
        return other in self.waited(ref)

    def _ancestors(self, ref: Ref) -> frozenset[Ref]:
        found: set[Ref] = set()
        pending = [ref]
        while pending:
            node = self._cluster.nodes.get(pending.pop())
            for parent in node.parents if node else ():
                if parent not in found:
                    found.add(parent)
                    pending.append(parent)
        return frozenset(found)

    def _waited(self, ref: Ref) -> frozenset[Ref]:
        """The Kustomizations that are ready before ``ref`` starts: its dependencies' and its parents' included."""
        found: set[Ref] = set()
        seen: set[Ref] = set()
        pending = [ref]
        while pending:
            at = pending.pop()
            node = self._cluster.nodes.get(at)
            if node is None or at in seen:
                continue
            seen.add(at)
            dependencies = depended(self._cluster, at)
            found.update(dependencies)
            pending += [*dependencies, *node.parents]
        return frozenset(found)
