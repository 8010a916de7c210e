"""Cycles in a graph of objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from bot.model.ref import Ref


def cycles(edges: Mapping[Ref, Sequence[Ref]]) -> Iterator[tuple[Ref, ...]]:
    """One shortest cycle for each knot of objects that reach each other, starting at its smallest member.

    Edges to objects that are not keys are passed over; an object that names itself is a cycle of one.
    """
    if not _is_acyclic(edges):
        # Only here, because networkx takes a third of the start and cycles are rare.
        from bot.graph.knots import rounds  # noqa: PLC0415

        yield from rounds(edges)


def _is_acyclic(edges: Mapping[Ref, Sequence[Ref]]) -> bool:
    try:
        TopologicalSorter(edges).prepare()
    except CycleError:
        return False
    return True
