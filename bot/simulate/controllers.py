"""How Flux's controllers are started, as far as the repository shows it."""

from __future__ import annotations

import json

from bot.model.cluster import Cluster

_SETTINGS = frozenset({"FluxInstance", "HelmRelease", "Deployment", "ConfigMap"})
"""The kinds that hold the arguments of controllers: as manifests, or as patches and values that lead to them."""


def is_switched_on(cluster: Cluster, gate: str) -> bool:
    """Whether some manifest switches a feature gate on that is off by default."""
    wanted = f"{gate}=true"
    return any(wanted in json.dumps(one.body) for one, _ in cluster.resources.values() if one.ref.kind in _SETTINGS)
