"""Orders that follow what moves: who got it by waiting for the old Kustomization waits for the new one as well.

Who that is, the play of the change says: where it brings a finding that an
existing Kustomization needs an order behind a new one, that order is added.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.fixes.depth import costs
from bot.fixes.draft import Draft, NewEdge, Unfixable
from bot.fixes.leaving import Grounds
from bot.fixes.order import depends_on
from bot.model.finding import Finding
from bot.model.fix import FixKind
from bot.model.quote import code


def following(grounds: Grounds, one: Draft, brought: Iterable[Finding]) -> Draft | None:
    """A split with the orders that all findings which it would bring ask for; None where one asks for anything else."""
    known = {ref for ground in grounds.values() for ref in ground.cluster.nodes}
    new = {ref for edge in one.edges for ref in (edge.tail, edge.head)} - known
    added: dict[str, NewEdge] = {}
    for finding in brought:
        if one.kind is not FixKind.SPLIT or finding.needs not in new or finding.about not in known:
            return None
        for root in finding.clusters:
            found = depends_on(grounds[root], finding.about, finding.needs)
            if isinstance(found, Unfixable):
                return None
            added |= {repr(edge): edge for edge in found if edge not in one.edges}
    if not added:
        return None
    edges = (*one.edges, *added.values())
    waiting = " and ".join(sorted({code(edge.tail.name) for edge in added.values()}))
    heads = " and ".join(sorted({code(edge.head.name) for edge in added.values()}))
    title = f"{one.title}; let {waiting} depend on {heads}"
    pairs = [(edge.tail, edge.head) for edge in edges]
    clusters = (ground.cluster for ground in grounds.values() if any(tail in ground.cluster.nodes for tail, _ in pairs))
    return replace(one, title=title, edges=edges, cost=costs(clusters, pairs))
