"""Charts and manifests that hold CRDs and nothing else, so that they can come before everything.

The kinds are those of the catalogue; which charts hold nothing else was read
from their templates. Only charts that bring all of their CRDs with their
default values are listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from bot.knowledge.charts import Presence, look_up
from bot.knowledge.remote import provided_by_url
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


_MANIFESTS: Final = (
    ("gateway-api", "https://github.com/kubernetes-sigs/gateway-api/releases/download/VERSION/standard-install.yaml"),
    (
        "gateway-api",
        "https://github.com/kubernetes-sigs/gateway-api/releases/download/VERSION/experimental-install.yaml",
    ),
)
"""Release assets, the one that holds less first; VERSION stands where the owner's choice comes. Not the CRDs alone of
cert-manager or external-secrets: what is written before their webhooks run is refused, whoever brings the CRDs."""


@dataclass(frozen=True, slots=True)
class CrdSource:
    """CRDs alone: what they are called, where they are published, and the kinds; a chart, or else a manifest."""

    name: str
    url: str
    kinds: frozenset[GroupKind]
    is_chart: bool = True


@cache
def _sources() -> tuple[CrdSource, ...]:
    charts = (
        CrdSource(name, url, frozenset(one.what for one in look_up(name, url).crds if one.present is Presence.YES))
        for name, url in _CHARTS.items()
    )
    manifests = (
        CrdSource(name, url, frozenset(found.kinds), is_chart=False)
        for name, url in _MANIFESTS
        if (found := provided_by_url(url))
    )
    return (*charts, *manifests)


def source_of(kinds: frozenset[GroupKind]) -> CrdSource | None:
    """What brings all of these kinds and nothing that runs; None where the catalogue knows nothing of the kind."""
    return next((one for one in _sources() if kinds and kinds <= one.kinds), None)
