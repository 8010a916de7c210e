from __future__ import annotations

import pytest

from bot.knowledge.remote import provided_by_url
from bot.model.cluster import Confidence
from bot.model.ref import GroupKind

RAW = "https://raw.githubusercontent.com"


def _kinds(url: str) -> tuple[str, ...]:
    answer = provided_by_url(url)
    return tuple(what.kind for what in answer.kinds) if answer else ()


def test_a_release_asset_brings_all_of_its_kinds() -> None:
    url = "https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.4.0/standard-install.yaml"

    assert {"Gateway", "HTTPRoute", "GatewayClass"} <= set(_kinds(url))


def test_a_remote_directory_of_kustomize_is_known_by_its_url() -> None:
    assert "VolumeSnapshot" in _kinds("https://github.com/kubernetes-csi/external-snapshotter/client/config/crd?ref=v8")


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        (
            f"{RAW}/prometheus-operator/prometheus-operator/v1/x/monitoring.coreos.com_alertmanagers.yaml",
            "Alertmanager",
        ),
        (f"{RAW}/prometheus-community/helm-charts/main/crds/crd-servicemonitors.yaml", "ServiceMonitor"),
        (f"{RAW}/prometheus-operator/kube-prometheus/v1/manifests/setup/0probeCustomResourceDefinition.yaml", "Probe"),
        (f"{RAW}/cilium/cilium/main/pkg/k8s/apis/cilium.io/client/crds/v2/ciliumnodes.yaml", "CiliumNode"),
    ],
)
def test_a_file_named_after_one_crd_brings_that_one_only(url: str, kind: str) -> None:
    assert _kinds(url) == (kind,)


def test_a_file_with_the_plain_name_of_its_project_brings_all() -> None:
    url = "https://github.com/prometheus-operator/prometheus-operator/releases/download/v0.93.1/stripped-down-crds.yaml"

    assert {"Prometheus", "ServiceMonitor", "Probe"} <= set(_kinds(url))


def test_a_crd_named_by_group_and_plural_is_known_wherever_it_lies() -> None:
    answer = provided_by_url("https://files.example.org/crds/cert-manager.io_issuers.yaml")

    assert answer is not None
    assert answer.kinds == (GroupKind("cert-manager.io", "Issuer"),)


def test_crds_of_a_project_with_a_known_chart_are_a_guess() -> None:
    answer = provided_by_url("https://github.com/grafana/grafana-operator/raw/v5/deploy/crds.yaml")

    assert answer is not None
    assert GroupKind("grafana.integreatly.org", "GrafanaDashboard") in answer.kinds
    assert answer.confidence is Confidence.GUESS


def test_an_url_that_nobody_knows_brings_nothing() -> None:
    assert provided_by_url("https://files.example.org/install.yaml") is None
    assert provided_by_url("https://github.com/someone/something") is None


def test_a_controller_that_registers_its_kinds_is_told_from_a_file_of_crds() -> None:
    releases = "https://github.com/rancher/system-upgrade-controller/releases/download/v0.15.2"
    controller = provided_by_url(f"{releases}/system-upgrade-controller.yaml")
    crd = provided_by_url(f"{releases}/crd.yaml")

    assert controller is not None
    assert crd is not None
    assert (controller.kinds, controller.workload) == (crd.kinds, "system-upgrade-controller")
    assert crd.workload == ""
