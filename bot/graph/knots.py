"""Knots of a graph: groups of objects that reach each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import networkx

from bot.model.ref import Ref


def rounds(edges: Mapping[Ref, Sequence[Ref]]) -> Iterator[tuple[Ref, ...]]:
    """One shortest cycle for each knot, starting at its smallest member; edges to what is no key are passed over."""
    graph: networkx.DiGraph[Ref] = networkx.DiGraph()
    graph.add_nodes_from(edges)
    graph.add_edges_from((tail, head) for tail, heads in edges.items() for head in heads if head in edges)
    for knot in sorted(networkx.strongly_connected_components(graph), key=min):
        first = min(knot)
        if len(knot) > 1:
            yield _shortest(graph.subgraph(knot), first)
        elif graph.has_edge(first, first):
            yield (first,)


def _shortest(knot: networkx.DiGraph[Ref], first: Ref) -> tuple[Ref, ...]:
    """The shortest way from a member back to itself."""
    ways = (networkx.shortest_path(knot, after, first) for after in sorted(knot.successors(first)))
    best: Sequence[Ref] = min(ways, key=len)
    return (first, *best[:-1])
