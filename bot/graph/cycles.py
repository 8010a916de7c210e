"""Cycles in a graph of things that can be ordered."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any, Protocol, TypeVar


class Ordered(Hashable, Protocol):
    """What can be a member of a graph: it is hashed, and the smallest is named first."""

    def __lt__(self, other: Any, /) -> bool:  # noqa: ANN401 - each type compares itself with its own kind only
        ...


Member = TypeVar("Member", bound=Ordered)


def cycles(edges: Mapping[Member, Sequence[Member]]) -> Iterator[tuple[Member, ...]]:
    """One shortest cycle for each knot of members that reach each other, starting at its smallest one.

    Edges to what is no key are passed over; a member that names itself is a cycle of one.
    """
    if not is_acyclic(edges):
        # Only here, because networkx takes a third of the start and cycles are rare.
        from bot.graph.knots import rounds  # noqa: PLC0415

        yield from rounds(edges)


def ways_back(
    edges: Mapping[Member, Sequence[Member]], asked: Callable[[Member, Member], bool]
) -> Iterator[tuple[Member, ...]]:
    """For each edge that is asked for and lies on a cycle, the shortest cycle that begins with it; knot by knot."""
    if not is_acyclic(edges):
        from bot.graph.knots import returns  # noqa: PLC0415 - as above

        yield from returns(edges, asked)


def is_acyclic(edges: Mapping[Member, Sequence[Member]]) -> bool:
    """Whether nothing reaches itself."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError:
        return False
    return True
