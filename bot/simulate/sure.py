"""What is sure when a Kustomization first tries: the facts that are gated by dependsOn, parents and waits.

The least sets that agree with each other, so neither a circle of waits nor
the order in which they are looked at makes a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from bot.knowledge.kinds import by_plural
from bot.model.cluster import Node
from bot.model.flux import Release
from bot.model.ref import Ref
from bot.simulate.company import accompanied, company
from bot.simulate.fact import Fact
from bot.simulate.stage import Stage, awaited, definition


def held(stage: Stage, start: int, needed: Mapping[Ref, int], came: AbstractSet[Ref]) -> dict[Ref, int]:
    """What was there when the dry-run of a Kustomization, or Helm's look at a chart, went well.

    Only of what ``came`` up in the end does it say anything about what else
    its needs came with: of what is stuck everything could be said.
    """
    together = company(_steps(stage, start))
    every = (*needed.items(), *stage.looked_up.items())
    return {ref: accompanied(together, bits) if ref in came else bits for ref, bits in every}


@dataclass(frozen=True, slots=True)
class Sure:
    """For each Kustomization the facts that hold whenever the last stage of its objects is dry-run, and once ready."""

    before: Mapping[Ref, int]
    after: Mapping[Ref, int]


def sure(stage: Stage, start: int, live: frozenset[Ref], held: Mapping[Ref, int]) -> Sure:
    """What is sure of each Kustomization; ``held`` as the function of that name says."""
    gates = _Gates(stage, live, held, {ref: start | own for ref, own in stage.defined.items()})
    order = tuple(_inward(stage))
    grown = True
    while grown:
        grown = False
        for ref in order:
            grown |= gates.grow(ref)
    return Sure(gates.before, gates.ready)


def _steps(stage: Stage, start: int) -> Iterator[tuple[int, int]]:
    """What each object makes in one step, of the facts that do not hold before; a suspended release makes nothing."""
    yield from ((mask & ~start, mask) for mask in stage.defined.values())
    for by, mask in stage.brought.items():
        release = stage.cluster.releases.get(by)
        if release is None or not release[0].suspended:
            first = stage.first.get(by, 0)
            yield first & ~start, first
            yield mask & ~first & ~start, mask


@dataclass(slots=True)
class _Gates:
    """What is known so far; grows only. ``ready`` and ``released`` are what holds once an object is that.

    ``held`` is what was there when the dry-run of a Kustomization, or Helm's look at a chart, went well.
    """

    stage: Stage
    live: frozenset[Ref]
    held: Mapping[Ref, int]
    before: dict[Ref, int]
    ready: dict[Ref, int] = field(default_factory=dict)
    released: dict[Ref, int] = field(default_factory=dict)

    def grow(self, ref: Ref) -> bool:
        """Look at a Kustomization once more; whether more is known of it than before."""
        node = self.stage.cluster.nodes[ref]
        known = (self.before[ref], self.ready.get(ref, 0), [self.released.get(one.ref, 0) for one in node.releases])
        self.before[ref] |= self._created(node)
        for entry in node.kustomization.depends_on:
            self.before[ref] |= self.ready.get(entry.ref, 0)
        for entry in node.kustomization.after_releases:
            self.before[ref] |= self._awaited(entry.ref, node.kustomization.target)
        self.before[ref] |= self._read(ref)
        for release in node.releases:
            self.released[release.ref] = self._installed(release)
        self.ready[ref] = self._healthy(node)
        return known != (self.before[ref], self.ready[ref], [self.released[one.ref] for one in node.releases])

    def _created(self, node: Node) -> int:
        """What had to hold for some parent to apply this Kustomization; live ones need no parent."""
        if not node.parents or node.ref in self.live:
            return 0
        always = -1
        for parent in node.parents:
            always &= self._applied(parent)
        return always

    def _applied(self, ref: Ref) -> int:
        """What holds once a Kustomization has applied its objects."""
        return self.before[ref] | self.held[ref]

    def _installed(self, release: Release) -> int:
        """What holds once a HelmRelease is installed; a suspended one counts as healthy without that."""
        # Where two Kustomizations apply one release, the first defines it; else the two would take turns for ever.
        release, _ = self.stage.cluster.releases[release.ref]
        made = self._made(release.ref)
        if release.suspended:
            return 0 if release.ref in self.live else made
        holds = self.stage.brought.get(release.ref, 0) | made | self.held.get(release.ref, 0)
        for entry in release.depends_on:
            holds |= self.released.get(entry.ref, 0)
        return holds | self._read(release.ref)

    def _made(self, ref: Ref) -> int:
        """What holds once an object is there, whoever of those that apply it came first."""
        appliers = self.stage.cluster.appliers(ref)
        always = -1 if appliers else 0
        for owner in appliers:
            always &= self._applied(owner)
        return always

    def _read(self, ref: Ref) -> int:
        """What holds once all is there that a controller reads before it begins."""
        holds = 0
        for one in self.stage.requirements.get(ref, ()):
            always = -1
            for by, owner in one.made:
                always &= 0 if by in self.live else self._applied(owner)
            holds |= always
        return holds

    def _healthy(self, node: Node) -> int:
        """What holds once a Kustomization is ready."""
        holds = self._applied(node.ref)
        for other in awaited(self.stage, node):
            holds |= self._awaited(other, node.kustomization.target)
        if node.kustomization.wait:
            for trigger in self.stage.triggers.get(node.ref, ()):
                holds |= self.stage.brought[trigger]
        return holds

    def _awaited(self, ref: Ref, target: str) -> int:
        """What holds once an object that is waited for is healthy."""
        cluster = self.stage.cluster
        if ref in cluster.nodes:
            return self.ready.get(ref, 0)
        if ref in cluster.releases:
            return self.released.get(ref, 0)
        fact = definition(self.stage, ref)
        if fact:
            return fact
        return self.stage.brought.get(ref, 0) | self._established(ref, target) | self._made(ref)

    def _established(self, ref: Ref, target: str) -> int:
        """What a health check on a CRD makes sure, whoever brings it."""
        plural, _, group = ref.name.partition(".")
        what = by_plural(group, plural) if ref.kind == "CustomResourceDefinition" else None
        return self.stage.bits.get(Fact(target, what), 0) if what else 0


def _inward(stage: Stage) -> Iterator[Ref]:
    """The Kustomizations, those that others look at first; without recursion, for chains may be long."""
    entered: set[Ref] = set()
    left: set[Ref] = set()
    for start in stage.cluster.nodes:
        pending = [start]
        while pending:
            ref = pending[-1]
            if ref not in entered:
                entered.add(ref)
                pending += [other for other in _looked_at(stage, ref) if other not in entered]
                continue
            pending.pop()
            if ref not in left:
                left.add(ref)
                yield ref


def _looked_at(stage: Stage, ref: Ref) -> Iterator[Ref]:
    node = stage.cluster.nodes[ref]
    releases = stage.cluster.releases
    named = [*node.parents, *(entry.ref for entry in node.kustomization.depends_on), *awaited(stage, node)]
    named += [releases[e.ref][1] for e in node.kustomization.after_releases if e.ref in releases]
    named += [releases[e.ref][1] for release in node.releases for e in release.depends_on if e.ref in releases]
    yield from (other for other in named if other in stage.cluster.nodes)
