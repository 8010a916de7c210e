"""Several fixes as one change: what one of them implies for another falls away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.fixes.draft import Draft, NewEdge
from bot.model.cluster import Cluster
from bot.model.fix import Amendment
from bot.model.ref import Ref


def united(drafts: Iterable[Draft], clusters: Iterable[Cluster]) -> tuple[Amendment, ...]:
    """All changes of the drafts, without edges that lie on a way of others."""
    drafts = tuple(drafts)
    edges = {(edge.tail, edge.head): edge for one in drafts for edge in one.edges}
    kept = reduced(edges, clusters)
    others = [change for one in drafts for change in one.amendments]
    # Edges of one pair may be written in several files, one for each cluster.
    pairs = {(edge.tail, edge.head) for edge in kept}
    all_edges = [edge for one in drafts for edge in one.edges if (edge.tail, edge.head) in pairs]
    return (*(change for edge in all_edges for change in edge.amendments), *others)


def reduced(edges: Mapping[tuple[Ref, Ref], NewEdge], clusters: Iterable[Cluster]) -> tuple[NewEdge, ...]:
    """The new edges without those that a longer way implies in every cluster that has both ends."""
    clusters = tuple(clusters)
    graphs = [_graph(cluster, edges) for cluster in clusters]
    kept = dict(edges)
    for pair in sorted(edges):
        tail, head = pair
        relevant = [graph for graph in graphs if tail in graph and head in graph]
        if relevant and all(_leads(graph, tail, head) for graph in relevant):
            del kept[pair]
            for graph in graphs:
                graph.get(tail, set()).discard(head)
    return tuple(kept.values())


def _graph(cluster: Cluster, edges: Iterable[tuple[Ref, Ref]]) -> dict[Ref, set[Ref]]:
    graph = {ref: {entry.ref for entry in node.kustomization.depends_on} for ref, node in cluster.nodes.items()}
    for release, _ in cluster.releases.values():
        graph[release.ref] = {entry.ref for entry in release.depends_on}
    for tail, head in edges:
        if tail in graph:
            graph[tail].add(head)
    return graph


def _leads(graph: Mapping[Ref, set[Ref]], tail: Ref, head: Ref) -> bool:
    """Whether a way of more than one step leads from one to the other."""
    seen: set[Ref] = {tail}
    pending = [one for one in graph[tail] if one != head]
    while pending:
        at = pending.pop()
        if at == head:
            return True
        if at not in seen:
            seen.add(at)
            pending += graph.get(at, ())
    return False
