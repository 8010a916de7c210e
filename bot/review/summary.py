"""A cluster in numbers, and compared with the one before the change."""

from __future__ import annotations

from bot.model.review import ClusterSummary
from bot.simulate.case import Case
from bot.simulate.effect import effect
from bot.simulate.waves import waves


def summed(one: Case, before: Case | None, *, is_compared: bool) -> ClusterSummary:
    """One cluster; ``before`` is that of the base, where there is one to compare with."""
    cluster, fresh = one.cluster, one.fresh
    late = sum(fresh.is_late(ref) for ref in cluster.nodes)
    return ClusterSummary(
        root=cluster.root,
        flux=cluster.flux,
        kustomizations=len(cluster.nodes),
        releases=len(cluster.releases),
        resources=len(cluster.resources),
        ready=len(fresh.ready) - late,
        late=late,
        stuck=len(cluster.nodes) - len(fresh.ready),
        waves=waves(fresh),
        incomplete=cluster.incomplete,
        effect=effect(one) if is_compared else None,
        waves_before=waves(before.fresh) if is_compared and before else None,
    )
