"""What a rule is shown: one cluster after the change, played fresh and on what the base left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.flux.place import entry_place, place
from bot.knowledge.soft import SOFT
from bot.model.cluster import Cluster, Confidence, Unresolved
from bot.model.field import FieldPath
from bot.model.finding import Finding, Severity, When
from bot.model.ref import GroupKind, Ref
from bot.model.resource import Resource
from bot.model.span import Span
from bot.simulate.link import Links, Reach, links
from bot.simulate.order import Gap, Opening, openings
from bot.simulate.play import Play, play
from bot.simulate.ring import Ring, rings
from bot.simulate.stage import Stage, stage
from bot.simulate.unread import elsewhere

_WORKLOADS = frozenset({"HelmRelease", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod"})


@dataclass(frozen=True, slots=True)
class Today:
    """What the running cluster has when the change comes: the facts ``there``, the objects ``live``.

    ``doubts`` are, by Kustomization, the needs of a deadlock that rests on a guess.
    """

    there: int
    live: frozenset[Ref]
    doubts: Mapping[Ref, int]


@dataclass(frozen=True)
class Case:
    """One cluster, with how it comes up from nothing and how the running one takes the change.

    ``openings`` are all missing orders. The plays take what a deadlock that
    rests on a guess lacks for granted: one unread source does not condemn
    everything behind it. ``comes_up`` is whether without that all of a fresh
    cluster becomes ready in the end. ``base`` is the cluster before the change, None where
    there is no change: in an audit, and for a cluster that is new.
    """

    fresh: Play
    today: Today
    soft: tuple[str, ...]
    openings: tuple[Opening, ...]
    comes_up: bool
    base: Cluster | None = None

    @cached_property
    def running(self) -> Play:
        """How the running cluster takes the change; played where somebody asks, as most changes give no reason to."""
        return play(self.fresh.stage, self.today.there, self.today.live, self.today.doubts)

    @property
    def live(self) -> Cluster:
        """What runs today: the base, or the cluster itself where there is none."""
        return self.base or self.cluster

    @property
    def cluster(self) -> Cluster:
        return self.fresh.cluster

    def may_never_have_come(self, ref: Ref) -> bool:
        """Whether a Kustomization of the base never applies its objects to a fresh cluster.

        What it holds may be live nevertheless: from before something else in it kept it from being applied.
        """
        return self.base is not None and ref in self.base.nodes and ref not in self._came

    @cached_property
    def _came(self) -> frozenset[Ref]:
        """The Kustomizations of the base that a fresh cluster applies."""
        return play(stage(self.live)).applied

    @cached_property
    def rings(self) -> tuple[Ring, ...]:
        """The steps that wait for each other; none of them ever happens, so where all do there is no ring."""
        return () if self.comes_up else tuple(rings(self.fresh.stage, self._links))

    @cached_property
    def reach(self) -> Reach:
        """What each step waits for in the end."""
        return Reach(self._links)

    @cached_property
    def _links(self) -> Links:
        return links(self.fresh.stage)

    def when(self, on_running: Callable[[Play], bool]) -> tuple[When, ...]:
        """On which clusters something happens that happens on a fresh one."""
        return (When.FRESH, When.RUNNING) if on_running(self.running) else (When.FRESH,)

    def resource(self, ref: Ref) -> Resource | None:
        """The object of that identity, Kustomizations that are entry points included."""
        node = self.cluster.nodes.get(ref)
        if node:
            return node.kustomization.resource
        found = self.cluster.resources.get(ref)
        return found[0] if found else None

    def place(self, resource: Resource, *field: str | int) -> Span:
        """Where an object, or a field of it, is written."""
        path: FieldPath = field
        return place(self.cluster.snapshot, resource, path)

    def place_of(self, ref: Ref, *field: str | int) -> Span:
        """Where the object of that identity is written; the cluster's root where it is not in the tree."""
        resource = self.resource(ref)
        return self.place(resource, *field) if resource else Span(self.cluster.root or ".", 1, 1)

    def place_of_entry(self, resource: Resource, field: str, name: str, parents: tuple[Ref, ...]) -> Span:
        """Where an entry of a list in ``spec`` is written, in the object or in a patch of those that apply it."""
        patched_in: set[str] = set()
        for parent in parents:
            node = self.cluster.nodes.get(parent)
            if node:
                patched_in |= node.read | {node.kustomization.resource.origin.path}
        return entry_place(self.cluster.snapshot, resource, field, name, patched_in)

    def is_soft(self, what: GroupKind, ref: Ref) -> bool:
        """Whether a late start of such objects is fine: a soft kind, unless a whole app waits with it."""
        if str(what) not in self.soft:
            return False
        return not any(resource.ref.kind in _WORKLOADS for resource in self.cluster.nodes[ref].resources)

    def generated_elsewhere(self, *, but: Ref | None = None) -> str:
        """The part of the cluster that could make further objects and cannot be read; empty where none could.

        ``but`` is a Kustomization that does not count.
        """
        for node in self.cluster.nodes.values():
            if isinstance(node.building, Unresolved) and node.ref != but:
                return f"{node.ref} ({node.building.why})"
        return self.cluster.cut

    def sure(self, what: GroupKind, confidence: Confidence) -> Confidence:
        """How sure a statement can be that a kind comes from nowhere else."""
        return Confidence.GUESS if elsewhere(self.cluster, what) else confidence


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; ``doc`` is its manual, ``severity`` what it says unless the configuration says otherwise."""

    id: str
    severity: Severity
    doc: str
    check: Callable[[Case], Iterator[Finding]]


def case(after: Stage, before: Stage | None, soft: tuple[str, ...] | None) -> Case:
    """The cluster of the head played twice: fresh, and on all that the base (``before``) brought.

    What the base declares counts as live, however it came to be: today's
    cluster has the CRDs that a fresh one would never get.
    """
    live = before or after
    there = live.bits.keys()
    start = sum(bit for fact, bit in after.bits.items() if fact in there)
    fresh = play(after)
    comes_up = _comes_up(fresh)
    found = tuple(openings(fresh))
    doubts: dict[Ref, int] = {}
    for one in found:
        if one.gap is Gap.WITHIN and _is_guess(after.cluster, one):
            doubts[one.dependent] = doubts.get(one.dependent, 0) | after.bits[one.need.fact]
    fresh = play(after, excused=doubts) if doubts else fresh
    today = Today(start, frozenset((*live.cluster.nodes, *live.cluster.resources)), doubts)
    soft = SOFT if soft is None else soft
    return Case(fresh, today, soft, found, comes_up, before.cluster if before else None)


def _comes_up(fresh: Play) -> bool:
    """Whether everything becomes ready."""
    nodes = fresh.cluster.nodes.values()
    return all(node.ref in fresh.ready and all(one.ref in fresh.released for one in node.releases) for node in nodes)


def _is_guess(cluster: Cluster, opening: Opening) -> bool:
    guessed = opening.provider.confidence is Confidence.GUESS
    return guessed or elsewhere(cluster, opening.need.fact.what) is not None
