"""Which Kustomizations, HelmReleases and clusters of a base go on under another name in the head."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import NamedTuple

from bot.model.cluster import Cluster, Node
from bot.model.flux import Release
from bot.model.ref import Ref

_LIKE = 0.5
"""How much two have in common, at least, where one of them is the other under a new name."""


def continued(before: Mapping[str, Cluster], after: Mapping[str, Cluster]) -> Mapping[str, str]:
    """By root of a cluster in the head the root that it had in the base; a cluster that is new has none.

    A root that is gone goes on in the one with which it has most Kustomizations in common, half of them at least.
    """
    gone = {root: cluster.nodes.keys() for root, cluster in before.items() if root not in after}
    found: dict[str, str] = {}
    for root, cluster in after.items():
        if root in before:
            found[root] = root
            continue
        common = {old: len(nodes & cluster.nodes.keys()) for old, nodes in gone.items()}
        best = max(common, key=lambda old: (common[old], old), default=None)
        if best is not None and common[best] >= _LIKE * len(cluster.nodes):
            found[root] = best
    return found


def renamed(before: Cluster, after: Cluster) -> Mapping[Ref, Ref]:
    """By the name in the base the new one of each Kustomization and HelmRelease that only bears another name.

    A Kustomization is known by its path, or by the objects that it applies; a HelmRelease by its chart and the
    Kustomization that applies it.
    """
    old = {ref: _marks(node) for ref, node in before.nodes.items() if ref not in after.nodes}
    new = {ref: _marks(node) for ref, node in after.nodes.items() if ref not in before.nodes}
    nodes = dict(_paired(old, new))
    gone = {
        ref: _chart(release, nodes.get(owner, owner))
        for ref, (release, owner) in before.releases.items()
        if ref not in after.releases
    }
    come = {ref: _chart(*found) for ref, found in after.releases.items() if ref not in before.releases}
    return {**nodes, **dict(_paired(gone, come))}


class _Marks(NamedTuple):
    """What something is known by, whatever its name: either is enough."""

    home: Hashable
    objects: frozenset[Hashable] = frozenset()

    def likeness(self, other: _Marks) -> float:
        """0 for nothing in common, 1 for the same home or all objects, 2 for both."""
        every = self.objects | other.objects
        return (self.home == other.home) + (len(self.objects & other.objects) / len(every) if every else 0)


def _marks(node: Node) -> _Marks:
    objects = frozenset((one.ref.group, one.ref.kind, one.ref.name) for one in node.resources)
    return _Marks((node.kustomization.path, node.kustomization.target), objects)


def _chart(release: Release, owner: Ref) -> _Marks:
    chart = release.chart
    return _Marks((chart.name, chart.url, chart.path, owner) if chart else release.ref)


def _paired(old: Mapping[Ref, _Marks], new: Mapping[Ref, _Marks]) -> Iterator[tuple[Ref, Ref]]:
    """The names of the base with those of the head, the most alike first, each only once."""
    having: dict[Hashable, set[Ref]] = {}
    for ref, marks in old.items():
        for mark in (marks.home, *marks.objects):
            having.setdefault(mark, set()).add(ref)
    likeness = {
        (one, ref): old[one].likeness(marks)
        for ref, marks in new.items()
        for one in set().union(*(having.get(mark, ()) for mark in (marks.home, *marks.objects)))
    }
    taken: set[Ref] = set()
    for one, other in sorted(likeness, key=lambda pair: (-likeness[pair], pair)):
        if likeness[one, other] >= _LIKE and one not in taken and other not in taken:
            taken |= {one, other}
            yield one, other
