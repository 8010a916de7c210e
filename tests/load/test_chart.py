"""Charts that are fetched and rendered, and what becomes of those that cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.flux.entry import entry_at
from bot.load.cluster import Known, load
from bot.model.ask import Document, Fetch, Fetched, Refused, Render, Rendered, Reply
from bot.model.cluster import Cluster, Confidence, Provided
from bot.model.limits import Limits
from bot.model.ref import GroupKind
from tests.example_tree import snapshot
from tests.flat_answerer import FlatAnswerer, driven
from tests.loaded_cluster import ROOT, SYNC, gaps, ks, loaded, node

WIDGET = GroupKind("shop.example.org", "Widget")
INDEX, REGISTRY = "https://charts.example.org", "oci://registry.example.org/acme/widgets"
CRD = Document(
    {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.shop.example.org"},
        "spec": {
            "group": WIDGET.group,
            "names": {"kind": WIDGET.kind},
            "versions": [{"name": "v1", "served": True}],
        },
    }
)
CHART: dict[str, Reply] = {
    INDEX: Fetched({}, "1.2.3"),
    REGISTRY: Fetched({}, "1.2.3"),
    "widgets": Rendered((), (CRD,)),
}
FETCHES = Known(Provided(), fetches=True)


def release(chart: str = "widgets", version: str = "1.2.3", more: str = "") -> str:
    return f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: widgets, namespace: shop}}
spec:
  chart: {{spec: {{chart: {chart}, version: "{version}", sourceRef: {{kind: HelmRepository, name: its}}}}}}
  {more}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {{name: its, namespace: shop}}
spec: {{url: "{INDEX}"}}
"""


def oci(ref: str) -> str:
    return f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: widgets, namespace: shop}}
spec: {{chartRef: {{kind: OCIRepository, name: its}}}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {{name: its, namespace: shop}}
spec: {{url: "{REGISTRY}", ref: {ref}}}
"""


def cluster(text: str, told: dict[str, Reply], known: Known = FETCHES) -> tuple[Cluster, FlatAnswerer]:
    answering = FlatAnswerer(told)
    files = {
        "clusters/main/apps.yaml": ks("apps"),
        "apps/kustomization.yaml": "resources: [a.yaml]",
        "apps/a.yaml": text,
    }
    return loaded(files, answering, known), answering


def confidence(found: Cluster, what: GroupKind = WIDGET) -> list[Confidence]:
    return [one.confidence for one in node(found, "apps").provisions if one.what == what]


def test_offline_nothing_is_asked_of_other_places() -> None:
    found, answering = cluster(release(), CHART, Known(Provided()))

    assert not [ask for ask in answering.asked if isinstance(ask, (Fetch, Render))]
    assert confidence(found) == []
    assert gaps(found) == []


def test_a_fetched_chart_is_rendered_as_the_release_wants_it_and_proves_what_it_brings() -> None:
    found, answering = cluster(release(more="targetNamespace: elsewhere\n  values: {size: 3}"), CHART)

    [render] = [ask for ask in answering.asked if isinstance(ask, Render)]
    assert (render.name, render.namespace, render.values) == ("widgets", "elsewhere", {"size": 3})
    assert confidence(found) == [Confidence.PROVEN]
    assert gaps(found) == []


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (release(version="1.x"), Fetch(INDEX, "widgets", "1.x")),
        (oci("{tag: 1.2.3}"), Fetch(REGISTRY, "", tag="1.2.3")),
        (oci("{semver: 1.x, tag: a}"), Fetch(REGISTRY, "", "1.x", "a")),
        (oci('{digest: "sha256:abc"}'), Fetch(REGISTRY, "", digest="sha256:abc")),
    ],
)
def test_a_chart_is_asked_for_by_what_pins_it(text: str, asked: Fetch) -> None:
    _, answering = cluster(text, CHART)

    assert [ask for ask in answering.asked if isinstance(ask, Fetch)] == [asked]


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        (release(version="1.x"), Confidence.LIKELY),
        (release(version=""), Confidence.LIKELY),
        (oci("{tag: latest}"), Confidence.LIKELY),
        (oci("{semver: 1.x}"), Confidence.LIKELY),
        (release(more="valuesFrom: [{kind: Secret, name: hidden}]"), Confidence.LIKELY),
        (release(more="postRenderers: [{kustomize: {patches: []}}]"), Confidence.PROVEN),
        (release(more="postRenderers: [{plugin: {}}]"), Confidence.PROVEN),
        (release(more="postRenderers: [{kustomize: {patchesJson6902: []}}]"), Confidence.LIKELY),
        (oci("{tag: 1.2.3}"), Confidence.PROVEN),
        (oci('{digest: "sha256:abc"}'), Confidence.PROVEN),
    ],
)
def test_only_what_is_pinned_and_whole_is_proven(text: str, sure: Confidence) -> None:
    found, _ = cluster(text, CHART)

    assert confidence(found) == [sure]


def test_what_cannot_be_fetched_is_named_and_the_catalogue_answers() -> None:
    found, _ = cluster(release("cert-manager", more="values: {crds: {enabled: true}}"), {INDEX: Refused("it is away")})

    assert confidence(found, GroupKind("cert-manager.io", "Issuer")) == [Confidence.LIKELY]
    assert gaps(found) == ["HelmRelease/shop/widgets: the chart `cert-manager` is not fetched: it is away"]


def test_what_cannot_be_rendered_is_named_and_the_catalogue_answers() -> None:
    told: dict[str, Reply] = {INDEX: Fetched({}, "1.2.3"), "widgets": Refused("a value is missing")}

    found, _ = cluster(release("cert-manager", more="values: {crds: {enabled: true}}"), told)

    assert confidence(found, GroupKind("cert-manager.io", "Issuer")) == [Confidence.LIKELY]
    assert gaps(found) == ["HelmRelease/shop/widgets: the chart `cert-manager` is not rendered: a value is missing"]


def test_a_render_counts_more_than_the_catalogue() -> None:
    found, _ = cluster(release("cert-manager", more="values: {crds: {enabled: true}}"), CHART)

    assert confidence(found, GroupKind("cert-manager.io", "Issuer")) == []


def test_where_values_are_missing_the_catalogue_adds_what_they_may_bring() -> None:
    found, _ = cluster(release("cert-manager", more="valuesFrom: [{kind: Secret, name: hidden}]"), CHART)

    assert confidence(found) == [Confidence.LIKELY]
    assert confidence(found, GroupKind("cert-manager.io", "Issuer")) == [Confidence.GUESS]


IN_REPOSITORY = {
    "clusters/main/apps.yaml": ks("apps"),
    "apps/kustomization.yaml": "resources: [a.yaml]",
    "apps/a.yaml": """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: widgets, namespace: shop}
spec: {chart: {spec: {chart: ./charts/w, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}}}}
""",
    "charts/w/Chart.yaml": "name: w",
    "charts/w/values.yaml": "a: 1",
}


def test_a_chart_in_the_repository_that_cannot_be_rendered_is_named() -> None:
    found = loaded(IN_REPOSITORY, FlatAnswerer({"widgets": Refused("it is broken")}))

    assert gaps(found) == ["HelmRelease/shop/widgets: the chart `w` is not rendered: it is broken"]


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (Limits(chart_files=1), "it has too many files: the limit is 1; FLUXBOT_LIMIT_CHART_FILES raises it"),
        (
            Limits(chart_unpacked_bytes=10),
            "it is too large: the limit is 10 bytes; FLUXBOT_LIMIT_CHART_UNPACKED_MIB raises it",
        ),
    ],
)
def test_a_chart_in_the_repository_that_passes_a_limit_is_not_rendered_and_named(limits: Limits, why: str) -> None:
    tree = replace(snapshot({SYNC: "", **IN_REPOSITORY}), limits=limits)
    answering = FlatAnswerer()

    found = driven(load(entry_at(tree, ROOT), tree, Known(Provided())), answering)

    assert isinstance(found, Cluster)
    assert gaps(found) == [f"HelmRelease/shop/widgets: the chart `w` is not rendered: {why}"]
    assert not any(isinstance(ask, Render) for ask in answering.asked)
