"""Flux's reconciliation, played until nothing changes any more.

Two questions are answered for every Kustomization. *Does it ever become
ready?* – a least fixed point: each step of Flux that can happen happens, with
as many retries as it takes. *Is it sure at its first try?* – only what is
gated counts: what stood there before, what its parent needed to be applied,
what its dependencies guarantee once they are ready. An object that is not
sure but comes up in the end is late; it works by the luck of a retry.

Sets of facts are integers, a bit a fact: unions are what most of the work is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.cluster import Broken, Cluster, Node
from bot.model.flux import Release
from bot.model.ref import Ref
from bot.simulate.fact import Need
from bot.simulate.stage import Stage, awaited, definition
from bot.simulate.sure import held, sure


@dataclass(frozen=True)
class Play:
    """How one cluster came up.

    ``applied`` and ``ready`` are the Kustomizations that got so far in the
    end; ``before`` the facts that are sure when a Kustomization first tries,
    ``after`` those that are once it is ready.
    ``there`` are the facts that held at the end, ``start`` those at the start.
    """

    stage: Stage
    start: int
    there: int
    created: frozenset[Ref]
    applied: frozenset[Ref]
    ready: frozenset[Ref]
    released: frozenset[Ref]
    before: Mapping[Ref, int] = field(repr=False)
    after: Mapping[Ref, int] = field(repr=False)
    needed: Mapping[Ref, int] = field(repr=False)

    @property
    def cluster(self) -> Cluster:
        return self.stage.cluster

    def is_stuck(self, ref: Ref) -> bool:
        """Whether a Kustomization never becomes ready."""
        return ref not in self.ready

    def is_late(self, ref: Ref) -> bool:
        """Whether a Kustomization becomes ready, but not surely at its first try."""
        return ref in self.ready and bool(self.needed[ref] & ~self.before[ref])

    def absent(self, ref: Ref) -> tuple[Need, ...]:
        """The needs of a Kustomization that never come true."""
        return self._open(ref, self.there)

    def unsure(self, ref: Ref) -> tuple[Need, ...]:
        """The needs of a Kustomization that are not sure to hold at its first try."""
        return self._open(ref, self.before[ref])

    def _open(self, ref: Ref, there: int) -> tuple[Need, ...]:
        bits, wanted = self.stage.bits, self.needed[ref] & ~there
        return tuple(need for need in self.stage.needs[ref] if bits[need.fact] & wanted) if wanted else ()


def play(
    stage: Stage, start: int = 0, live: frozenset[Ref] = frozenset(), excused: Mapping[Ref, int] | None = None
) -> Play:
    """The cluster brought up from the facts ``start``.

    ``live`` objects are there already; the needs ``excused`` of a Kustomization
    are left out, to see what would come next without them.
    """
    needed = {ref: bits & ~(excused or {}).get(ref, 0) for ref, bits in stage.needed.items()}
    run = _Run(stage, start | stage.outside, live, needed)
    run.settle()
    stood = held(stage, start | stage.outside, needed, run.applied | run.released)
    known = sure(stage, start | stage.outside, live, stood)
    return Play(
        stage,
        start | stage.outside,
        run.there,
        frozenset(run.created),
        frozenset(run.applied),
        frozenset(run.ready),
        frozenset(run.released),
        known.before,
        known.after,
        needed,
    )


class _Run:
    """The state of a cluster while it comes up; grows only."""

    def __init__(self, stage: Stage, start: int, live: frozenset[Ref], needed: Mapping[Ref, int]) -> None:
        self.stage = stage
        self.needed = needed
        self.nodes = stage.cluster.nodes
        self.live = live
        self.there = start
        self.created = {ref for ref, node in self.nodes.items() if not node.parents or ref in live}
        self.applied: set[Ref] = set()
        self.ready: set[Ref] = set()
        self.released: set[Ref] = set()

    def settle(self) -> None:
        """Take every step that can be taken until none is left."""
        before = None
        while before != (before := self._size()):
            for ref, node in self.nodes.items():
                if ref in self.created and not self._is_done(ref, node):
                    self._step(ref, node)

    def _size(self) -> tuple[int, int, int, int, int]:
        return (self.there, len(self.created), len(self.applied), len(self.ready), len(self.released))

    def _is_done(self, ref: Ref, node: Node) -> bool:
        """Whether nothing more comes of a Kustomization; it may be ready long before its HelmReleases are."""
        return ref in self.ready and all(release.ref in self.released for release in node.releases)

    def _step(self, ref: Ref, node: Node) -> None:
        if ref not in self.applied:
            if not self._may_begin(node):
                return
            self.there |= self.stage.defined[ref]
            if self.needed[ref] & ~self.there or ref in self.stage.refused:
                return
            self.applied.add(ref)
            self.created.update(self.stage.children.get(ref, ()))
        for trigger in self.stage.triggers.get(ref, ()):
            self.there |= self.stage.brought[trigger]
        for release in node.releases:
            self._release(release)
        if self._is_healthy(node):
            self.ready.add(ref)

    def _is_healthy(self, node: Node) -> bool:
        """Whether all that a Kustomization waits for is healthy."""
        used = self.stage.uses.get(node.ref, ())
        if any(use.used not in self.live and use.owner not in self.applied for use in used):
            return False
        return not any(self._holds_back(other) for other in awaited(self.stage, node))

    def _may_begin(self, node: Node) -> bool:
        kustomization = node.kustomization
        if kustomization.suspended or isinstance(node.building, Broken) or node.ref in self.stage.flawed:
            return False
        if any(self._holds_back(entry.ref) for entry in kustomization.after_releases):
            return False
        return self._can_read(node.ref) and all(entry.ref in self.ready for entry in kustomization.depends_on)

    def _can_read(self, ref: Ref) -> bool:
        """Whether the source, the variables and the values of a Kustomization or HelmRelease are made."""
        wanted = self.stage.requirements.get(ref, ())
        return all(any(made.by in self.live or made.owner in self.applied for made in one.made) for one in wanted)

    def _release(self, release: Release) -> None:
        if release.suspended or any(entry.ref not in self.released for entry in release.depends_on):
            return
        if not self._can_read(release.ref) or release.ref in self.stage.flawed:
            return
        self.there |= self.stage.first.get(release.ref, 0)
        if self.stage.looked_up.get(release.ref, 0) & ~self.there:
            return
        self.released.add(release.ref)
        self.there |= self.stage.brought.get(release.ref, 0)

    def _holds_back(self, ref: Ref) -> bool:
        if ref in self.nodes:
            return ref not in self.ready
        found = self.stage.cluster.releases.get(ref)
        if found:
            # A suspended one counts as healthy as soon as it is there.
            there = ref in self.live or not self.applied.isdisjoint(self.stage.cluster.appliers(ref))
            return not there if found[0].suspended else ref not in self.released
        fact = definition(self.stage, ref)
        if fact:
            return not fact & self.there
        appliers = self.stage.cluster.appliers(ref)
        return bool(appliers) and self.applied.isdisjoint(appliers)
