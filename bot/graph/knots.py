"""Knots of a graph: groups of members that reach each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import networkx

from bot.graph.cycles import Member


def rounds(edges: Mapping[Member, Sequence[Member]]) -> Iterator[tuple[Member, ...]]:
    """One shortest cycle for each knot, starting at its smallest member; edges to what is no key are passed over."""
    graph = _graph(edges)
    for knot in _knots(graph):
        first = min(knot)
        if len(knot) > 1:
            yield _shortest(graph.subgraph(knot), first)
        elif graph.has_edge(first, first):
            yield (first,)


def returns(
    edges: Mapping[Member, Sequence[Member]], asked: Callable[[Member, Member], bool]
) -> Iterator[tuple[Member, ...]]:
    """For each edge inside a knot that is asked for, the shortest cycle that begins with it; knot by knot."""
    graph = _graph(edges)
    for knot in _knots(graph):
        inside = graph.subgraph(knot)
        for tail, head in sorted(edge for edge in inside.edges if asked(*edge)):
            way: Sequence[Member] = networkx.shortest_path(inside, head, tail)
            yield (tail, *way[:-1])


def _graph(edges: Mapping[Member, Sequence[Member]]) -> networkx.DiGraph[Member]:
    graph: networkx.DiGraph[Member] = networkx.DiGraph()
    graph.add_nodes_from(edges)
    graph.add_edges_from((tail, head) for tail, heads in edges.items() for head in heads if head in edges)
    return graph


def _knots(graph: networkx.DiGraph[Member]) -> list[set[Member]]:
    """The knots, by their smallest member; a single member is one too."""
    return sorted(networkx.strongly_connected_components(graph), key=min)


def _shortest(knot: networkx.DiGraph[Member], first: Member) -> tuple[Member, ...]:
    """The shortest way from a member back to itself."""
    ways = (networkx.shortest_path(knot, after, first) for after in sorted(knot.successors(first)))
    best: Sequence[Member] = min(ways, key=len)
    return (first, *best[:-1])
