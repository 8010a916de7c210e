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

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.model.cluster import Broken, Cluster, Node
from bot.model.flux import Release
from bot.model.ref import Ref
from bot.simulate.checked import behind
from bot.simulate.fact import Fact, Need, brought_by_objects, defined, needs, provided


@dataclass(frozen=True)
class Stage:
    """The cluster's objects with their facts as bits; the same for every play of one cluster."""

    cluster: Cluster
    needs: Mapping[Ref, tuple[Need, ...]]
    bits: Mapping[Fact, int]
    needed: Mapping[Ref, int]
    defined: Mapping[Ref, int]
    brought: Mapping[Ref, int]
    """By the object that brings it: a HelmRelease, or the trigger of a controller."""
    triggers: Mapping[Ref, tuple[Ref, ...]]
    """By Kustomization: its objects, other than HelmReleases, that bring facts."""
    children: Mapping[Ref, tuple[Ref, ...]]
    outside: int
    """What holds before Flux starts, and what nothing in the tree brings: absent is not missing."""

    def facts(self, bits: int) -> frozenset[Fact]:
        return frozenset(fact for fact, bit in self.bits.items() if bits & bit)


def stage(cluster: Cluster) -> Stage:
    """The facts of a cluster, gathered once."""
    wanted = {ref: needs(node) for ref, node in cluster.nodes.items()}
    every = {need.fact for some in wanted.values() for need in some}
    own = {ref: tuple(defined(node)) for ref, node in cluster.nodes.items()}
    brought: dict[Ref, set[Fact]] = {}
    triggers: dict[Ref, list[Ref]] = {}
    for ref, node in cluster.nodes.items():
        for by, fact in brought_by_objects(node, every):
            brought.setdefault(by, set()).add(fact)
            if by not in cluster.releases and by not in triggers.setdefault(ref, []):
                triggers[ref].append(by)
    bits: dict[Fact, int] = {}
    for fact in sorted(every | {f for some in own.values() for f in some} | {f for s in brought.values() for f in s}):
        bits[fact] = 1 << len(bits)
    made = {f for some in own.values() for f in some} | {f for some in brought.values() for f in some}
    outside = _mask(bits, (fact for fact in bits if fact not in made or provided(cluster, fact) is not None))
    return Stage(
        cluster,
        wanted,
        bits,
        {ref: _mask(bits, (need.fact for need in some)) for ref, some in wanted.items()},
        {ref: _mask(bits, some) for ref, some in own.items()},
        {by: _mask(bits, some) for by, some in brought.items()},
        {ref: tuple(some) for ref, some in triggers.items()},
        _children(cluster),
        outside,
    )


def _mask(bits: Mapping[Fact, int], facts: Iterable[Fact]) -> int:
    mask = 0
    for fact in facts:
        mask |= bits[fact]
    return mask


def _children(cluster: Cluster) -> dict[Ref, tuple[Ref, ...]]:
    children: dict[Ref, list[Ref]] = {}
    for ref, node in cluster.nodes.items():
        for parent in node.parents:
            children.setdefault(parent, []).append(ref)
    return {ref: tuple(some) for ref, some in children.items()}


@dataclass(frozen=True)
class Play:
    """How one cluster came up.

    ``applied`` and ``ready`` are the Kustomizations that got so far in the
    end; ``before`` the facts that are sure when a Kustomization first tries.
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

    ``live`` Kustomizations are there already; the needs ``excused`` of a
    Kustomization are left out, to see what would come next without them.
    """
    needed = {ref: bits & ~(excused or {}).get(ref, 0) for ref, bits in stage.needed.items()}
    run = _Run(stage, start | stage.outside, live, needed)
    run.settle()
    sure = _Sure(stage, start | stage.outside, live, needed)
    before = {ref: sure.before(ref) for ref in stage.cluster.nodes}
    return Play(
        stage,
        start | stage.outside,
        run.there,
        frozenset(run.created),
        frozenset(run.applied),
        frozenset(run.ready),
        frozenset(run.released),
        before,
        needed,
    )


class _Run:
    """The state of a cluster while it comes up; grows only."""

    def __init__(self, stage: Stage, start: int, live: frozenset[Ref], needed: Mapping[Ref, int]) -> None:
        self.stage = stage
        self.needed = needed
        self.nodes = stage.cluster.nodes
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
            if self.needed[ref] & ~self.there:
                return
            self.applied.add(ref)
            self.created.update(self.stage.children.get(ref, ()))
        for trigger in self.stage.triggers.get(ref, ()):
            self.there |= self.stage.brought[trigger]
        for release in node.releases:
            self._release(release)
        if not any(self._holds_back(other) for other in awaited(self.stage, node)):
            self.ready.add(ref)

    def _may_begin(self, node: Node) -> bool:
        kustomization = node.kustomization
        if kustomization.suspended or isinstance(node.building, Broken):
            return False
        return all(entry.ref in self.ready for entry in kustomization.depends_on)

    def _release(self, release: Release) -> None:
        if release.suspended or any(entry.ref not in self.released for entry in release.depends_on):
            return
        self.released.add(release.ref)
        self.there |= self.stage.brought.get(release.ref, 0)

    def _holds_back(self, ref: Ref) -> bool:
        if ref in self.nodes:
            return ref not in self.ready
        found = self.stage.cluster.releases.get(ref)
        if found:
            return not found[0].suspended and ref not in self.released
        applied = self.stage.cluster.resources.get(ref)
        return applied is not None and applied[1] not in self.applied


def awaited(stage: Stage, node: Node) -> tuple[Ref, ...]:
    """The objects whose health a Kustomization waits for: all it applies with ``wait``, else its health checks.

    Itself is never among them (kustomize-controller guards against that deadlock).
    """
    if node.kustomization.wait:
        return (*(release.ref for release in node.releases), *stage.children.get(node.ref, ()))
    return tuple(behind(stage.cluster, ref) for ref in node.kustomization.health_checks if ref != node.ref)


class _Sure:
    """What is gated: computed along dependsOn, parents and waits, each Kustomization once."""

    def __init__(self, stage: Stage, start: int, live: frozenset[Ref], needed: Mapping[Ref, int]) -> None:
        self._stage = stage
        self._needed = needed
        self._start = start
        self._live = live
        self._before: dict[Ref, int] = {}
        self._ready: dict[Ref, int] = {}
        self._released: dict[Ref, int] = {}

    def before(self, ref: Ref) -> int:
        """The facts that hold whenever the last stage of a Kustomization is dry-run."""
        if ref not in self._before:
            self._before[ref] = self._start | self._stage.defined[ref]
            node = self._stage.cluster.nodes[ref]
            sure = self._before[ref] | self._created(node)
            for entry in node.kustomization.depends_on:
                sure |= self._after(entry.ref)
            self._before[ref] = sure
        return self._before[ref]

    def _created(self, node: Node) -> int:
        """What had to hold for some parent to apply this Kustomization; live ones need no parent."""
        if not node.parents or node.ref in self._live:
            return 0
        sure = -1
        for parent in node.parents:
            sure &= self.before(parent) | self._needed[parent]
        return sure

    def _after(self, ref: Ref) -> int:
        """What holds once a Kustomization is ready."""
        node = self._stage.cluster.nodes.get(ref)
        if node is None:
            return 0
        if ref not in self._ready:
            self._ready[ref] = 0
            sure = self.before(ref) | self._needed[ref]
            for other in awaited(self._stage, node):
                sure |= self._healthy(other)
            if node.kustomization.wait:
                for trigger in self._stage.triggers.get(ref, ()):
                    sure |= self._stage.brought[trigger]
            self._ready[ref] = sure
        return self._ready[ref]

    def _healthy(self, ref: Ref) -> int:
        """What holds once an awaited object is healthy."""
        if ref in self._stage.cluster.nodes:
            return self._after(ref)
        if ref in self._stage.cluster.releases:
            return self._installed(ref)
        brought = self._stage.brought.get(ref, 0)
        applied = self._stage.cluster.resources.get(ref)
        return brought | (self.before(applied[1]) | self._needed[applied[1]] if applied else 0)

    def _installed(self, ref: Ref) -> int:
        if ref not in self._released:
            self._released[ref] = 0
            release, owner = self._stage.cluster.releases[ref]
            sure = self._stage.brought.get(ref, 0) | self.before(owner) | self._needed[owner]
            for entry in release.depends_on:
                if entry.ref in self._stage.cluster.releases:
                    sure |= self._installed(entry.ref)
            self._released[ref] = 0 if release.suspended else sure
        return self._released[ref]
