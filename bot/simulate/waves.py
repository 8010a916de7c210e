"""The order in which a fresh cluster brings its Kustomizations up."""

from __future__ import annotations

from operator import attrgetter

from bot.model.cluster import Cluster
from bot.model.ref import Ref
from bot.simulate.play import Play


def waves(play: Play) -> tuple[tuple[Ref, ...], ...]:
    """The Kustomizations that come up, in waves: each after its parent and after all that it depends on."""
    return _layered(play.cluster, play.applied)


def layers(cluster: Cluster) -> tuple[tuple[Ref, ...], ...]:
    """All Kustomizations in that order, also those that never come up: where they would stand if they did."""
    return _layered(cluster, frozenset(cluster.nodes))


def _layered(cluster: Cluster, among: frozenset[Ref]) -> tuple[tuple[Ref, ...], ...]:
    levels: dict[Ref, int] = {}
    for ref in sorted(among, key=_name):
        _level(cluster, among, ref, levels)
    grouped: dict[int, list[Ref]] = {}
    for ref, level in levels.items():
        grouped.setdefault(level, []).append(ref)
    return tuple(tuple(sorted(grouped[level], key=_name)) for level in sorted(grouped))


# Refs in their own order; to compare four fields one by one takes many times as long.
_name = attrgetter("group", "kind", "namespace", "name")


def _level(cluster: Cluster, among: frozenset[Ref], start: Ref, levels: dict[Ref, int]) -> None:
    """Levels by depth first without recursion: chains may be long."""
    pending = [start]
    begun: set[Ref] = set()
    while pending:
        ref = pending[-1]
        node = cluster.nodes[ref]
        named = (*node.parents[:1], *(entry.ref for entry in node.kustomization.depends_on))
        above = {other for other in named if other in among and other != ref}
        # One that was begun and has no level yet waits for this one: a cycle, which has no order.
        open_ones = [other for other in above if other not in levels and other not in begun]
        begun.add(ref)
        if open_ones:
            pending += sorted(open_ones, key=_name)
            continue
        levels[ref] = 1 + max((levels.get(other, 0) for other in above), default=-1)
        pending.pop()
