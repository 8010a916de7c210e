"""A HelmRelease: its chart and its values, as far as the repository shows them."""

from __future__ import annotations

import math

import pytest

from bot.flux.release import laid_over, read_release
from bot.model.field import Body
from bot.model.flux import ChartRef, Release
from bot.model.ref import SOURCE, Ref
from bot.model.resource import Resource
from tests.example_tree import written

REPOSITORY = """
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: HelmRepository
    metadata: {name: jetstack, namespace: flux-system}
    spec: {url: "https://charts.jetstack.io"}
    """
VALUES = """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: values, namespace: shop}
    data:
      values.yaml: "crds: {enabled: true, keep: true}\\nreplicas: 1\\n"
      tag: "7"
    """
SECRET = """
    apiVersion: v1
    kind: Secret
    metadata: {name: hidden, namespace: shop}
    stringData: {values.yaml: "password: x"}
    """


def release(spec: str, *objects: str) -> Release:
    head = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\n"
    known: dict[Ref, Resource] = {found.ref: found for found in map(written, objects)}
    return read_release(written(f"{head}spec: {spec}\n"), known.get)


def test_a_chart_of_a_repository_has_its_name_url_and_version() -> None:
    found = release(
        '{chart: {spec: {chart: cert-manager, version: "1.18", sourceRef: {name: jetstack, namespace: flux-system}}}}',
        REPOSITORY,
    )

    source = Ref(SOURCE, "HelmRepository", "flux-system", "jetstack")
    assert found.chart == ChartRef("cert-manager", "https://charts.jetstack.io", "1.18", source)


def test_a_repository_that_is_not_in_the_tree_leaves_the_url_empty() -> None:
    found = release("{chart: {spec: {chart: web, sourceRef: {name: elsewhere}}}}")

    assert found.chart == ChartRef("web", "", "", Ref(SOURCE, "HelmRepository", "shop", "elsewhere"))


def test_a_chart_by_reference_to_an_oci_repository_is_named_by_its_url() -> None:
    oci = """
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: OCIRepository
        metadata: {name: anything, namespace: shop}
        spec: {url: "oci://charts.example.org/traefik/", ref: {tag: "33.1.0"}}
        """

    found = release("{chartRef: {kind: OCIRepository, name: anything}}", oci)

    assert found.chart
    assert found.chart[:3] == ("traefik", "oci://charts.example.org/traefik/", "")
    assert found.chart.tag == "33.1.0"


def test_a_chart_by_reference_to_a_helm_chart_is_what_that_one_names() -> None:
    chart = """
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: HelmChart
        metadata: {name: its, namespace: flux-system}
        spec: {chart: cert-manager, version: "1", sourceRef: {kind: HelmRepository, name: jetstack}}
        """

    found = release("{chartRef: {kind: HelmChart, name: its, namespace: flux-system}}", chart, REPOSITORY)

    assert found.chart
    assert found.chart[:3] == ("cert-manager", "https://charts.jetstack.io", "1")


def test_a_chart_in_a_git_repository_has_its_path() -> None:
    found = release("{chart: {spec: {chart: ./charts/web/, sourceRef: {kind: GitRepository, name: fleet}}}}")

    assert found.chart == ChartRef("web", "", "", Ref(SOURCE, "GitRepository", "shop", "fleet"), "./charts/web/")


def test_a_release_that_names_no_chart_has_none() -> None:
    assert release("{}").chart is None


def test_inline_values_lie_over_those_of_config_maps_in_depth() -> None:
    found = release("{valuesFrom: [{kind: ConfigMap, name: values}], values: {crds: {enabled: false}}}", VALUES)

    assert found.values == {"crds": {"enabled": False, "keep": True}, "replicas": 1}
    assert found.values_unknown == ()


def test_one_value_can_be_put_at_its_path() -> None:
    spec = "{valuesFrom: [{kind: ConfigMap, name: values, valuesKey: tag, targetPath: image.tag}]}"

    assert release(spec, VALUES).values == {"image": {"tag": "7"}}


def test_values_that_are_not_in_the_tree_or_secret_are_unknown_and_named() -> None:
    found = release("{valuesFrom: [{kind: ConfigMap, name: none}, {kind: Secret, name: hidden}]}", SECRET)

    assert found.values == {}
    assert found.values_unknown == ("ConfigMap/shop/none", "Secret/shop/hidden")


def test_what_is_not_written_takes_the_default_of_flux() -> None:
    found = release("{}")

    assert (found.install_crds, found.target_namespace, found.creates_namespace) == ("Create", "shop", False)
    assert (found.disable_wait, found.suspended, found.target, found.depends_on) == (False, False, "", ())


def test_what_is_written_is_read() -> None:
    found = release(
        "{targetNamespace: other, suspend: true, kubeConfig: {secretRef: {name: edge}},"
        " install: {crds: Skip, createNamespace: true, disableWait: true}}"
    )

    assert (found.install_crds, found.target_namespace, found.creates_namespace) == ("Skip", "other", True)
    assert (found.disable_wait, found.suspended, found.target) == (True, True, "edge")


def test_dependencies_name_releases_in_the_own_namespace_unless_told_otherwise() -> None:
    found = release("{dependsOn: [{name: a}, {name: b, namespace: c, readyExpr: 'true'}, {namespace: x}]}")

    assert [(str(one.ref), one.index, one.ready_expr) for one in found.depends_on] == [
        ("HelmRelease/shop/a", 0, ""),
        ("HelmRelease/c/b", 1, "true"),
    ]


def test_lists_are_replaced_and_neither_side_is_changed() -> None:
    under: Body = {"a": [1, 2], "b": {"c": 1}}
    over: Body = {"a": [3], "b": {"d": 2}}

    assert laid_over(under, over) == {"a": [3], "b": {"c": 1, "d": 2}}
    assert under == {"a": [1, 2], "b": {"c": 1}}


def test_fields_of_any_other_type_are_as_good_as_absent() -> None:
    found = release("{chart: [], chartRef: 3, values: [1], valuesFrom: {a: b}, install: x, dependsOn: {a: b}}")

    assert (found.chart, found.values, found.depends_on) == (None, {}, ())


@pytest.mark.parametrize(
    ("install", "retries"),
    [
        ("{}", 0),
        ("{remediation: {retries: 3}}", 3),
        ("{remediation: {retries: -1}}", math.inf),
        ("{strategy: {name: RetryOnFailure}}", math.inf),
        ("{strategy: {name: RemediateOnFailure}}", 0),
        ('{remediation: {retries: "${RETRIES}"}}', math.inf),
    ],
)
def test_a_failed_installation_is_tried_again_as_often_as_the_release_says(install: str, retries: float) -> None:
    found = release(f"{{install: {install}}}")

    assert found.retries == retries
    assert found.gives_up is (retries == 0)


def test_a_release_requires_its_source_its_values_and_its_kubeconfig() -> None:
    found = release(
        "{chart: {spec: {chart: podinfo, sourceRef: {kind: HelmRepository, name: podinfo, namespace: flux-system}}},"
        " valuesFrom: [{kind: ConfigMap, name: values}, {kind: Secret, name: extra, optional: true}],"
        " kubeConfig: {secretRef: {name: edge}}, timeout: 10m}"
    )

    assert [(str(one.ref), one.field) for one in found.requires] == [
        ("HelmRepository/flux-system/podinfo", ("spec", "chart", "spec", "sourceRef")),
        ("ConfigMap/shop/values", ("spec", "valuesFrom", 0)),
        ("Secret/shop/edge", ("spec", "kubeConfig", "secretRef")),
    ]
    assert found.timing.timeout == 600
