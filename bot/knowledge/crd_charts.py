"""Charts that hold CRDs and nothing else, so that they can come before everything.

The kinds are those of the catalogue; which charts hold nothing else was read
from their templates. Only charts that bring all of their CRDs with their
default values are listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from bot.knowledge.charts import Presence, look_up
from bot.model.ref import GroupKind

_CHARTS: Final = {
    "prometheus-operator-crds": "oci://ghcr.io/prometheus-community/charts/prometheus-operator-crds",
    "victoria-metrics-operator-crds": "oci://ghcr.io/victoriametrics/helm-charts/victoria-metrics-operator-crds",
    "psmdb-operator-crds": "https://percona.github.io/percona-helm-charts/",
    "mariadb-operator-crds": "https://helm.mariadb.com/mariadb-operator",
    "eck-operator-crds": "https://helm.elastic.co",
    "karpenter-crd": "oci://public.ecr.aws/karpenter/karpenter-crd",
    "kubewarden-crds": "https://charts.kubewarden.io",
    "kgateway-crds": "oci://cr.kgateway.dev/kgateway-dev/charts/kgateway-crds",
    "spire-crds": "https://spiffe.github.io/helm-charts-hardened/",
    "toolhive-operator-crds": "oci://ghcr.io/stacklok/toolhive/toolhive-operator-crds",
}


@dataclass(frozen=True, slots=True)
class CrdChart:
    """A chart of CRDs: its name, where it is published, and the kinds that it brings."""

    name: str
    url: str
    kinds: frozenset[GroupKind]


@cache
def _charts() -> tuple[CrdChart, ...]:
    return tuple(
        CrdChart(name, url, frozenset(one.what for one in look_up(name, url).crds if one.present is Presence.YES))
        for name, url in _CHARTS.items()
    )


def chart_of(kinds: frozenset[GroupKind]) -> CrdChart | None:
    """The chart that brings all of these kinds and nothing that runs; None where the catalogue knows none."""
    return next((one for one in _charts() if kinds and kinds <= one.kinds), None)
