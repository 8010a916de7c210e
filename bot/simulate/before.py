"""What has surely been applied when a Kustomization begins."""

from __future__ import annotations

from bot.model.ref import Ref
from bot.simulate.stage import Stage, awaited


def applied_before(stage: Stage, ref: Ref) -> frozenset[Ref]:
    """The Kustomizations that are applied before this one begins: parents, dependencies, and what those waited for."""
    nodes = stage.cluster.nodes
    found: set[Ref] = set()
    pending = [ref]
    while pending:
        node = nodes.get(pending.pop())
        if node is None:
            continue
        ready = [entry.ref for entry in node.kustomization.depends_on if entry.ref in nodes]
        for before in (*node.parents[:1], *ready, *(other for one in ready for other in _healthy(stage, one))):
            if before not in found and before != ref:
                found.add(before)
                pending.append(before)
    return frozenset(found)


def _healthy(stage: Stage, ref: Ref) -> list[Ref]:
    """The Kustomizations that are applied once one is ready, because it waits for them or for what they apply."""
    cluster = stage.cluster
    found: list[Ref] = []
    for other in awaited(stage, cluster.nodes[ref]):
        if other in cluster.nodes:
            found.append(other)
        elif other in cluster.resources:
            found.append(cluster.resources[other][1])
    return found
