"""A cluster in numbers, and compared with the one before the change."""

from __future__ import annotations

from bot.model.ref import Ref
from bot.model.review import ClusterSummary
from bot.simulate.case import Case
from bot.simulate.effect import effect
from bot.simulate.waves import waves


def summed(one: Case, before: Case | None, *, is_compared: bool) -> ClusterSummary:
    """One cluster; ``before`` is that of the base, where there is one to compare with."""
    cluster, fresh = one.cluster, one.fresh
    late = _late(one)
    counted = _counted(one)
    old = before if is_compared else None
    return ClusterSummary(
        root=cluster.root,
        flux=cluster.flux,
        kustomizations=len(counted),
        releases=len(cluster.releases),
        resources=len(cluster.resources),
        ready=len(counted & fresh.ready) - late,
        late=late,
        stuck=_stuck(one),
        waves=waves(fresh),
        incomplete=cluster.incomplete,
        effect=effect(one) if is_compared else None,
        waves_before=waves(old.fresh) if old else None,
        late_before=_late(old) if old else 0,
        stuck_before=_stuck(old) if old else 0,
    )


def _counted(one: Case) -> frozenset[Ref]:
    """The Kustomizations: a ResourceSet is played like one and is none."""
    return frozenset(ref for ref in one.cluster.nodes if ref.kind == "Kustomization")


def _late(one: Case) -> int:
    return sum(one.fresh.is_late(ref) for ref in _counted(one))


def _stuck(one: Case) -> int:
    return len(_counted(one) - one.fresh.ready)
