"""Whether what two trees differ in can matter to a build that was planned for one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.flux.build import Plan
from bot.flux.tree import Tree
from bot.model.flux import Kustomization


@dataclass(frozen=True)
class Difference:
    """The files that hold something else (``changed``), and those that only one of two trees has (``moved``).

    ``beyond`` are trees that cannot be compared file by file: with places, links or limits of their own.
    """

    changed: frozenset[str] = frozenset()
    moved: frozenset[str] = frozenset()
    beyond: bool = False

    def touches(self, kustomization: Kustomization, planned: Plan) -> bool:
        """Whether a plan for one tree may not hold for the other: False only where that is sure.

        A plan reads the files that it names. Of any other one it only asks
        whether it is there, which ``moved`` ones alone can change.
        """
        if self.beyond or planned.absent or not self.changed.isdisjoint(planned.read):
            return True
        if not self.moved:
            return False
        # What is cut out, or left out where it is missing, was asked for under names that are not remembered.
        forgotten = planned.remote or kustomization.spec.get("ignoreMissingComponents") is True
        return bool(forgotten) or not self._near.isdisjoint(planned.looked | planned.read)

    @cached_property
    def _near(self) -> frozenset[str]:
        """The paths that only one of the trees has, with all the directories that they lie in."""
        return frozenset(step for path in self.moved for step in _upwards(path))


def _upwards(path: str) -> Iterator[str]:
    yield path
    while path:
        path = path.rpartition("/")[0]
        yield path


def difference(one: Tree, other: Tree) -> Difference:
    """What two trees differ in."""
    if one is other:
        return Difference()
    here, there = one.snapshot, other.snapshot
    if one.moves or other.moves or here.links != there.links or here.limits != there.limits:
        return Difference(beyond=True)
    mine, theirs = one.files, other.files
    changed = {path for path, blob in mine.items() if path in theirs and theirs[path].sha != blob.sha}
    return Difference(frozenset(changed), frozenset(mine.keys() ^ theirs.keys()))
