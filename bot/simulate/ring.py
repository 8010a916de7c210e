"""Rings of steps that wait for each other, so that none of them ever happens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.graph.cycles import cycles, ways_back
from bot.model.cluster import Cluster, Confidence
from bot.model.ref import Ref
from bot.simulate.link import Link, Links, Reason, Step, links
from bot.simulate.stage import Stage
from bot.simulate.unread import elsewhere

_OPEN = frozenset({Reason.DEPENDS_ON, Reason.CREATED_BY, Reason.GOES_ON})
"""Reasons that stand where everybody sees them: in ``dependsOn``, or in who applies what."""


@dataclass(frozen=True, slots=True)
class Ring:
    """The links of one ring, the one that is hardest to see first.

    ``of_parent`` says that a waiting parent and the ``dependsOn`` of what it
    applies are all there is to it.
    """

    links: tuple[Link, ...]
    of_parent: bool
    confidence: Confidence

    @property
    def told(self) -> tuple[Link, ...]:
        """The links that lead from one object to another."""
        return tuple(link for link in self.links if link.reason is not Reason.GOES_ON)


def rings(stage: Stage, known: Links | None = None) -> Iterator[Ring]:
    """For each link that does not stand in the open, the shortest ring that it is part of."""
    known = links(stage) if known is None else known
    edges: dict[Step, list[Step]] = {step: [] for pair in known for step in pair}
    for tail, head in known:
        edges[tail].append(head)
    for way in ways_back(edges, lambda tail, head: known[tail, head].reason not in _OPEN):
        some = _linked(known, way)
        yield Ring(some, _is_of_parent(stage.cluster, some), _confidence(stage.cluster, some))


def by_parent(found: Iterable[Ring]) -> dict[Ref, list[Ring]]:
    """The rings of a child for which its parent waits and whose ``dependsOn`` leads back to that parent."""
    parents: dict[Ref, list[Ring]] = {}
    for ring in found:
        if ring.of_parent:
            parents.setdefault(ring.links[0].step.ref, []).append(ring)
    return parents


def hidden(found: Iterable[Ring]) -> Iterator[Ring]:
    """Of all rings that share a step the shortest one, unless a waiting parent is the cause.

    A ring of waits alone is then a consequence; one with something else to it
    is a second mistake. One whose ``dependsOn`` alone lead round is written in
    the open, whatever else leads along it.
    """
    for knot in _knots(ring for ring in found if not _is_written(ring)):
        others = [ring for ring in knot if not ring.of_parent]
        if len(others) < len(knot):
            others = [ring for ring in others if any(_is_hidden(link) for link in ring.links)]
        if others:
            yield min(others, key=lambda ring: (len(ring.links), ring.links[0].step, ring.links[0].other))


def _is_written(ring: Ring) -> bool:
    """Whether the entries of ``dependsOn`` in a ring are a cycle by themselves."""
    entries: dict[Ref, list[Ref]] = {}
    for link in ring.links:
        if link.reason is Reason.DEPENDS_ON:
            entries.setdefault(link.step.ref, []).append(link.other.ref)
            entries.setdefault(link.other.ref, [])
    return any(cycles(entries))


def _knots(found: Iterable[Ring]) -> list[list[Ring]]:
    """The rings, those together that share a step."""
    knots: list[tuple[set[Step], list[Ring]]] = []
    for ring in found:
        members = {link.step for link in ring.links}
        rest: list[tuple[set[Step], list[Ring]]] = []
        together = [ring]
        for steps, some in knots:
            if steps & members:
                members |= steps
                together = [*some, *together]
            else:
                rest.append((steps, some))
        knots = [*rest, (members, together)]
    return [some for _, some in knots]


def _linked(known: Links, way: Sequence[Step]) -> tuple[Link, ...]:
    return tuple(known[step, way[(number + 1) % len(way)]] for number, step in enumerate(way))


def _is_hidden(link: Link) -> bool:
    """Whether a link is neither in the open nor a wait for something's health."""
    return link.reason not in (*_OPEN, Reason.WAITS_FOR)


def _is_of_parent(cluster: Cluster, some: tuple[Link, ...]) -> bool:
    first = some[0]
    child = cluster.nodes.get(first.other.ref)
    if first.reason is not Reason.WAITS_FOR or child is None or first.step.ref not in child.parents:
        return False
    return all(link.reason in _OPEN and link.step.ref in cluster.nodes for link in some[1:])


def _confidence(cluster: Cluster, some: tuple[Link, ...]) -> Confidence:
    """That of the weakest link; a guess where something that could not be read may bring what is needed."""
    if any(link.kind and elsewhere(cluster, link.kind) for link in some):
        return Confidence.GUESS
    return min((link.confidence for link in some), key=lambda one: one.rank)
