"""What each step of Flux waits for, and why: the edges of which cycles are made.

Only what must be so is an edge. Where any of several objects would do, there
is none, for then a cycle through one of them holds nobody up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from bot.model.cluster import Confidence, Node
from bot.model.field import FieldPath
from bot.model.flux import Dependency, Release
from bot.model.ref import GroupKind, Ref
from bot.simulate.charted import chart_objects
from bot.simulate.fact import Fact
from bot.simulate.stage import Stage, awaited, definition


class Moment(StrEnum):
    """How far a Kustomization or HelmRelease is; HelmReleases are never applied, only begun and ready."""

    BEGUN = "begun"
    """Source, dependencies and variables are there: the first apply stage, CRDs and Namespaces, follows.

    Of a HelmRelease that is the chart's ``crds/``.
    """
    APPLIED = "applied"
    READY = "ready"


class Step(NamedTuple):
    ref: Ref
    moment: Moment


class Reason(StrEnum):
    """Why one step waits for another."""

    DEPENDS_ON = "depends on"
    CREATED_BY = "is created by"
    WAITS_FOR = "waits for"
    READS = "reads"
    NEEDS = "needs"
    USES = "uses"
    """Something that it applies, and whose health it waits for, uses an object of the other."""
    GOES_ON = "goes on"
    """The same object, one step earlier."""


@dataclass(frozen=True, slots=True)
class Link:
    """``step`` waits for ``other``.

    ``field`` is the place in the first one's object that says so. ``what`` is
    the object that it reads or applies, ``by`` what makes or brings what that
    needs; ``kind`` is the kind that is needed, where it is one.
    """

    step: Step
    other: Step
    reason: Reason
    field: FieldPath = ()
    what: Ref | None = None
    by: Ref | None = None
    confidence: Confidence = Confidence.PROVEN
    kind: GroupKind | None = None


Links = Mapping[tuple[Step, Step], Link]


def links(stage: Stage) -> Links:
    """Every edge, with the plainest of its reasons."""
    found: dict[tuple[Step, Step], Link] = {}
    makers = _makers(stage)
    for number, node in enumerate(stage.cluster.nodes.values()):
        every = [*_of_node(stage, node, is_entry=not number), *_needed(stage, node, makers)]
        of_releases = (one for release in node.releases for one in _of_release(stage, release, node, makers))
        for link in (*every, *of_releases):
            found.setdefault((link.step, link.other), link)
    return found


class Reach:
    """What each step waits for in the end, along all links."""

    def __init__(self, known: Links) -> None:
        self._next: dict[Step, list[Step]] = {}
        for tail, head in known:
            self._next.setdefault(tail, []).append(head)
        self._found: dict[Step, frozenset[Step]] = {}

    def forbids(self, ref: Ref, other: Ref) -> bool:
        """Whether ``other`` cannot become ready before ``ref`` has begun, so that ``ref`` must not depend on it."""
        return Step(ref, Moment.BEGUN) in self._beyond(Step(other, Moment.READY))

    def _beyond(self, step: Step) -> frozenset[Step]:
        if step not in self._found:
            found: set[Step] = set()
            pending = [step]
            while pending:
                more = [head for head in self._next.get(pending.pop(), ()) if head not in found]
                found.update(more)
                pending += more
            self._found[step] = frozenset(found)
        return self._found[step]


def _of_node(stage: Stage, node: Node, *, is_entry: bool) -> Iterator[Link]:
    ref = node.ref
    begun, applied, ready = (Step(ref, moment) for moment in Moment)
    yield Link(applied, begun, Reason.GOES_ON)
    yield Link(ready, applied, Reason.GOES_ON)
    yield from _depending(begun, node.kustomization.depends_on)
    for entry in node.kustomization.after_releases:
        step = _healthy(stage, entry.ref)
        if step:
            yield Link(begun, step, Reason.WAITS_FOR, ("spec", "dependsOn", entry.index), entry.ref)
    if len(node.parents) == 1 and not is_entry:
        yield Link(begun, Step(node.parents[0], Moment.APPLIED), Reason.CREATED_BY)
    yield from _reading(stage, begun)
    field = ("spec", "wait") if node.kustomization.wait else ("spec", "healthChecks")
    for other in awaited(stage, node):
        step = _healthy(stage, other)
        if step and step.ref != ref:
            # Which release makes the object of a health check is guessed by its name.
            is_named = node.kustomization.wait or other in node.kustomization.health_checks
            sure = Confidence.PROVEN if is_named else Confidence.LIKELY
            yield Link(ready, step, Reason.WAITS_FOR, field, other, None, sure)
    for use in stage.uses.get(ref, ()):
        yield Link(ready, Step(use.owner, Moment.APPLIED), Reason.USES, field, use.user, use.used, Confidence.LIKELY)


def _of_release(stage: Stage, release: Release, node: Node, makers: Makers) -> Iterator[Link]:
    begun, ready = Step(release.ref, Moment.BEGUN), Step(release.ref, Moment.READY)
    yield Link(ready, begun, Reason.GOES_ON)
    if len(stage.cluster.appliers(release.ref)) == 1:
        yield Link(begun, Step(node.ref, Moment.APPLIED), Reason.CREATED_BY)
    yield from _depending(begun, release.depends_on)
    yield from _reading(stage, begun)
    chart, looked_up = node.charts.get(release.ref), stage.looked_up.get(release.ref, 0)
    for what, (ref, _) in chart_objects(chart).items() if chart and looked_up else ():
        fact = Fact(release.target or node.kustomization.target, what)
        bit = stage.bits.get(fact, 0) & looked_up
        made = makers.get(bit, [])
        if len(made) == 1 and made[0].by != release.ref:
            sure = _confidence(stage, fact, made[0].by)
            yield Link(ready, made[0].step, Reason.NEEDS, (), ref, made[0].by, sure, what)


def _depending(step: Step, entries: Iterable[Dependency]) -> Iterator[Link]:
    for entry in entries:
        yield Link(step, Step(entry.ref, Moment.READY), Reason.DEPENDS_ON, ("spec", "dependsOn", entry.index))


def _reading(stage: Stage, step: Step) -> Iterator[Link]:
    for one in stage.requirements.get(step.ref, ()):
        if len(one.made) == 1:
            by, owner = one.made[0]
            other = Step(owner, Moment.APPLIED)
            yield Link(step, other, Reason.READS, one.required.field, one.required.ref, by, Confidence.LIKELY)


def _healthy(stage: Stage, ref: Ref) -> Step | None:
    """When an object that is waited for is healthy; None where the cluster says nothing of it."""
    if ref in stage.cluster.nodes:
        return Step(ref, Moment.READY)
    release = stage.cluster.releases.get(ref)
    if release:
        return None if release[0].suspended else Step(ref, Moment.READY)
    if definition(stage, ref):
        return None  # others may make it too, and its own Kustomization does so at once
    appliers = stage.cluster.appliers(ref)
    return Step(appliers[0], Moment.APPLIED) if len(appliers) == 1 else None


class _Maker(NamedTuple):
    step: Step
    by: Ref
    owner: Ref


Makers: TypeAlias = Mapping[int, list[_Maker]]


def _makers(stage: Stage) -> Makers:
    """What makes each fact true that somebody needs and that is not there before, by the fact's bit."""
    found: dict[int, list[_Maker]] = {}
    open_facts = 0
    for some in (*stage.needed.values(), *stage.looked_up.values()):
        open_facts |= some
    open_facts &= ~stage.outside
    for ref, node in stage.cluster.nodes.items():
        for bit in _bits(stage.defined[ref] & open_facts):
            found.setdefault(bit, []).append(_Maker(Step(ref, Moment.BEGUN), ref, ref))
        for by in (*stage.triggers.get(ref, ()), *(release.ref for release in node.releases)):
            for bit in _bits(stage.brought.get(by, 0) & open_facts):
                found.setdefault(bit, []).append(_Maker(_made_at(stage, by, ref, bit), by, ref))
    return found


def _made_at(stage: Stage, by: Ref, owner: Ref, bit: int) -> Step:
    """When an object brings a fact: a release with its ``crds/`` or at its end, others once they are applied."""
    if by not in stage.cluster.releases:
        return Step(owner, Moment.APPLIED)
    return Step(by, Moment.BEGUN if bit & stage.first.get(by, 0) else Moment.READY)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        yield mask & -mask
        mask &= mask - 1


def _needed(stage: Stage, node: Node, makers: Makers) -> Iterator[Link]:
    """The kinds and namespaces that only one thing makes early enough.

    What is applied here, or by a child that nobody else creates, comes too late.
    """
    parents = {child: stage.cluster.nodes[child].parents for child in stage.children.get(node.ref, ())}
    own = {node.ref, *(child for child, some in parents.items() if len(some) == 1)}
    for need in stage.needs[node.ref]:
        bit = stage.bits[need.fact]
        made = [] if bit & stage.defined[node.ref] else [one for one in makers.get(bit, []) if one.owner not in own]
        if len(made) == 1 and made[0].owner not in parents:
            step, by, _ = made[0]
            sure = _confidence(stage, need.fact, by)
            kind = None if need.fact.name else need.fact.what
            yield Link(Step(node.ref, Moment.APPLIED), step, Reason.NEEDS, (), need.resource.ref, by, sure, kind)


def _confidence(stage: Stage, fact: Fact, by: Ref) -> Confidence:
    if fact.name:
        return Confidence.PROVEN
    known = [one.confidence for one in stage.cluster.providers(fact.what) if by in (one.by, one.owner)]
    return max(known, key=lambda one: one.rank, default=Confidence.GUESS)
