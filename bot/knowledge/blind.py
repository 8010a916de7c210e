"""Kinds of which Flux takes a new object for healthy although nothing of it runs.

kstatus goes by ``status.observedGeneration`` and the conditions. An object
that has neither when it is made counts as healthy at once, and so long as its
controller writes no condition. Only kinds are listed with which that happened
to people: windsorcli/cli#3186 and sylva-core#2789 for the first; the others
have an expression of their own in several public repositories.
"""

from __future__ import annotations

from bot.model.ref import GroupKind

BLIND = {
    GroupKind("postgresql.cnpg.io", "Cluster"): (
        "status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')"
    ),
    GroupKind("ceph.rook.io", "CephCluster"): "status.ceph.health in ['HEALTH_OK', 'HEALTH_WARN']",
    GroupKind("dragonflydb.io", "Dragonfly"): "status.phase == 'ready'",
}
"""By kind an expression for ``current`` of ``healthCheckExprs`` that knows when it is healthy."""
