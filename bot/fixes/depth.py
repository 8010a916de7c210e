"""What an order costs: how many Kustomizations wait for one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.model.cluster import Cluster
from bot.model.ref import Ref


def deeper(cluster: Cluster, edges: Iterable[tuple[Ref, Ref]]) -> str:
    """How many Kustomizations new edges bring into a cluster, and how deep its order is before and after."""
    graph = {ref: {one.ref for one in node.kustomization.depends_on} for ref, node in cluster.nodes.items()}
    grown = {ref: set(heads) for ref, heads in graph.items()}
    for tail, head in edges:
        if tail in graph or head in graph:
            grown.setdefault(tail, set()).add(head)
            grown.setdefault(head, set())
    before, after, new = depth(graph), depth(grown), len(grown) - len(graph)
    deep = f"{after:,} deep instead of {before:,}" if after > before else f"{before:,} deep as before"
    return f"{new:,} more Kustomization{'s' if new != 1 else ''}, and an order {deep}"


def costs(clusters: Iterable[Cluster], edges: Iterable[tuple[Ref, Ref]]) -> str:
    """The same of several clusters, as a sentence; of those alike once."""
    edges = tuple(edges)
    return f"It costs {'; '.join(dict.fromkeys(deeper(cluster, edges) for cluster in clusters))}."


def depth(graph: Mapping[Ref, set[Ref]]) -> int:
    """How many Kustomizations wait for one another at most; those of a circle count once."""
    depths: dict[Ref, int] = {}
    for start in graph:
        pending = [start]
        entered: set[Ref] = set()
        while pending:
            at = pending[-1]
            entered.add(at)
            below = [one for one in graph[at] if one in graph]
            new = [one for one in below if one not in depths and one not in entered]
            if new:
                pending += new
            else:
                pending.pop()
                depths.setdefault(at, 1 + max((depths.get(one, 0) for one in below), default=0))
    return max(depths.values(), default=0)
