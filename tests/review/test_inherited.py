"""A change answers for what it brings: neither for what it only moves or renames, nor for less than it makes worse."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.engine import Examination, Question, examine
from bot.model.cluster import Confidence
from bot.model.config import Config
from bot.model.finding import Finding, Outcome, Severity
from bot.model.ref import kustomization
from bot.review.inherited import Inherited
from tests.example_tree import snapshot
from tests.flat_answerer import FlatAnswerer, driven
from tests.loaded_cluster import ROOT, SYNC, ks

_CHARTS = (
    "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\n"
    "metadata: {name: jetstack, namespace: cert-manager}\n"
    "spec: {url: https://charts.jetstack.io}\n"
)
_CHART = "chart: {spec: {chart: cert-manager, sourceRef: {kind: HelmRepository, name: jetstack}}}"
_RELEASE = (
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n"
    "metadata: {name: cert-manager, namespace: cert-manager}\n"
    f"spec: {{{_CHART}, values: {{crds: {{enabled: true}}}}}}\n"
)
_NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: cert-manager}\n"
_ISSUER = "apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: letsencrypt}\nspec: {}\n"
_ROOT = "resources: [namespace.yaml, charts.yaml, release.yaml, issuer.yaml]\n"
_INFRA = {
    "infra/kustomization.yaml": _ROOT,
    "infra/namespace.yaml": _NAMESPACE,
    "infra/charts.yaml": _CHARTS,
    "infra/release.yaml": _RELEASE,
    "infra/issuer.yaml": _ISSUER,
}
_TREE = {SYNC: "", f"{ROOT}/infra.yaml": ks("infra"), **_INFRA}


def _moved(files: Mapping[str, str], old: str, new: str) -> dict[str, str]:
    return {new + path.removeprefix(old) if path.startswith(old) else path: text for path, text in files.items()}


def _brought(base: Mapping[str, str], head: Mapping[str, str]) -> tuple[Finding, ...]:
    question = Question(
        snapshot(head), snapshot(base, label="base"), replace(Config(), soft=None), datetime.date(2026, 11, 26)
    )
    examined = driven(examine(question), FlatAnswerer())
    assert isinstance(examined, Examination)
    return examined.review.findings


def test_the_change_that_brings_it_answers_for_it() -> None:
    without = {**_TREE, "infra/kustomization.yaml": _ROOT.replace(", issuer.yaml", "")}

    found = _brought(without, _TREE)

    assert [(one.rule, one.about.name) for one in found] == [("crd-in-same-kustomization", "infra")]


_MOVED = {
    "a Kustomization with another name": {**_TREE, f"{ROOT}/infra.yaml": ks("infrastructure", path="infra")},
    "a Kustomization in another namespace": {
        **_TREE,
        f"{ROOT}/infra.yaml": ks("infra")
        .replace("namespace: flux-system}\n", "namespace: infra}\n")
        .replace("name: flux-system}", "name: flux-system, namespace: flux-system}"),
    },
    "a directory with another name": _moved(
        {**_TREE, f"{ROOT}/infra.yaml": ks("infra", path="infrastructure")}, "infra/", "infrastructure/"
    ),
    "a Kustomization and its directory with other names": _moved(
        {**_TREE, f"{ROOT}/infra.yaml": ks("infrastructure")}, "infra/", "infrastructure/"
    ),
    "a file with another name": {
        **_moved(_TREE, "infra/issuer.yaml", "infra/issuers.yaml"),
        "infra/kustomization.yaml": _ROOT.replace("issuer.yaml", "issuers.yaml"),
    },
    "the file of the Kustomization with another name": _moved(_TREE, f"{ROOT}/infra.yaml", f"{ROOT}/all.yaml"),
    "a HelmRelease with another name": {
        **_TREE,
        "infra/release.yaml": _RELEASE.replace("{name: cert-manager,", "{name: certificates,"),
    },
    "a cluster with another root": _moved(_TREE, ROOT, "clusters/production"),
    "a custom resource with another name": {**_TREE, "infra/issuer.yaml": _ISSUER.replace("letsencrypt", "acme")},
}


@pytest.mark.parametrize("head", _MOVED.values(), ids=_MOVED)
def test_what_is_only_moved_or_renamed_is_not_new(head: dict[str, str]) -> None:
    found = [one for one in _brought(_TREE, head) if one.rule == "crd-in-same-kustomization"]

    assert found == []


def test_a_kustomization_with_other_objects_is_another_one() -> None:
    without = {**_TREE, "infra/kustomization.yaml": _ROOT.replace(", issuer.yaml", "")}
    base = {**without, f"{ROOT}/old.yaml": ks("old"), "old/issuer.yaml": _ISSUER}
    web = _ISSUER.replace("ClusterIssuer", "Issuer").replace("letsencrypt", "web, namespace: cert-manager")
    head = {
        **without,
        f"{ROOT}/web.yaml": ks("web"),
        "web/issuer.yaml": _ISSUER,
        "web/a.yaml": web,
        "web/b.yaml": web.replace("web", "b"),
    }

    found = [one for one in _brought(base, head) if one.rule == "crd-not-ordered"]

    assert {one.about for one in found} == {kustomization("flux-system", "web")}


def test_a_finding_in_three_clusters_is_one_that_names_three() -> None:
    clusters = {f"clusters/{name}/flux-system/gotk-sync.yaml": "" for name in ("a", "b", "c")}
    base = {**_INFRA, **clusters}
    head = {**base, **{f"clusters/{name}/infra.yaml": ks("infra") for name in ("a", "b", "c")}}

    [found] = [one for one in _brought(base, head) if one.rule == "crd-in-same-kustomization"]

    assert found.clusters == ("clusters/a", "clusters/b", "clusters/c")


def test_what_one_cluster_had_is_new_in_another_one_and_named_for_that_one_only() -> None:
    clusters = {f"clusters/{name}/flux-system/gotk-sync.yaml": "" for name in ("a", "b")}
    base = {**_INFRA, **clusters, "clusters/a/infra.yaml": ks("infra")}
    head = {**base, "clusters/b/infra.yaml": ks("infra")}

    [found] = [one for one in _brought(base, head) if one.rule == "crd-in-same-kustomization"]

    assert found.clusters == ("clusters/b",)


def test_what_becomes_worse_is_new() -> None:
    monitor = (
        "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\n"
        "metadata: {name: shop, namespace: default}\nspec: {}\n"
    )
    crds = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
        "metadata: {name: servicemonitors.monitoring.coreos.com}\n"
        "spec: {group: monitoring.coreos.com, names: {kind: ServiceMonitor}, versions: [{name: v1, served: true}]}\n"
    )
    app = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop, namespace: default}\n"
        "spec:\n  selector: {matchLabels: {app: shop}}\n"
        "  template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: shop, image: shop}]}}\n"
    )
    base = {
        SYNC: "",
        f"{ROOT}/shop.yaml": ks("shop"),
        f"{ROOT}/crds.yaml": ks("crds"),
        "crds/kustomization.yaml": "resources: [crds.yaml]\n",
        "crds/crds.yaml": crds,
        "shop/kustomization.yaml": "resources: [monitor.yaml]\n",
        "shop/monitor.yaml": monitor,
    }
    head = {**base, "shop/kustomization.yaml": "resources: [monitor.yaml, app.yaml]\n", "shop/app.yaml": app}

    found = _brought(base, head)

    assert [(one.rule, one.severity) for one in found] == [("crd-not-ordered", Severity.WARNING)]
    assert _brought(head, base) == ()


def _apart(issuers: str, infra: str = "") -> dict[str, str]:
    """The chart in one Kustomization and what needs its CRD in another one, each with its spec."""
    return {
        SYNC: "",
        f"{ROOT}/both.yaml": ks("infra", infra) + ks("issuers", issuers),
        **_INFRA,
        "infra/kustomization.yaml": _ROOT.replace(", issuer.yaml", ""),
        "issuers/kustomization.yaml": "resources: [issuer.yaml]\n",
        "issuers/issuer.yaml": _ISSUER,
    }


def test_an_edge_that_goes_brings_nothing_where_it_never_ordered_anything() -> None:
    bare, unawaited, behind = _apart(""), _apart(_edge("infra")), _apart(_edge("flux-system"))
    told = {"crd-not-ordered": bare, "crd-not-awaited": unawaited, "crd-behind-aggregate": behind}

    for rule, tree in told.items():
        assert rule in [one.rule for one in _brought({SYNC: ""}, tree)]
        assert _brought(tree, tree) == ()
        assert _brought(tree, bare) == ()


def test_an_edge_that_comes_and_orders_nothing_is_told() -> None:
    bare = _apart("")

    assert [one.rule for one in _brought(bare, _apart(_edge("infra")))] == ["crd-not-awaited"]
    assert [one.rule for one in _brought(bare, _apart(_edge("flux-system")))] == ["crd-behind-aggregate"]


def test_an_edge_of_another_kustomization_brings_nothing_to_those_that_wait_for_it() -> None:
    """That `middle` waits for `layer`, which creates `infra`, makes `issuers` wait for it, and orders nothing."""
    base = {
        **_apart(""),
        f"{ROOT}/both.yaml": ks("layer") + ks("issuers", _edge("middle")),
        "layer/infra.yaml": ks("infra"),
        "middle/kustomization.yaml": "resources: []\n",
    }
    before = {**base, f"{ROOT}/middle.yaml": ks("middle")}
    after = {**base, f"{ROOT}/middle.yaml": ks("middle", _edge("layer"))}

    assert "crd-not-ordered" in [one.rule for one in _brought({SYNC: ""}, before)]
    assert "crd-behind-aggregate" in [one.rule for one in _brought({SYNC: ""}, after)]
    assert (_brought(before, after), _brought(after, before)) == ((), ())


def test_an_edge_that_ordered_is_missed() -> None:
    ordered = _apart(_edge("infra"), "wait: true")

    assert _brought(ordered, ordered) == ()
    assert [one.rule for one in _brought(ordered, _apart("", "wait: true"))] == ["crd-not-ordered"]
    assert [one.rule for one in _brought(ordered, _apart(_edge("infra")))] == ["crd-not-awaited"]


def _edge(name: str) -> str:
    return f"dependsOn: [{{name: {name}}}]"


def test_an_outcome_that_becomes_worse_is_new_and_a_milder_one_is_not() -> None:
    without = {**_TREE, "infra/kustomization.yaml": _ROOT.replace(", issuer.yaml", "")}
    [found] = _brought(without, _TREE)
    late = replace(found, outcome=Outcome.LATE)

    assert Inherited({(ROOT, found.fingerprint): [late]}).is_new(ROOT, found)
    assert not Inherited({(ROOT, found.fingerprint): [found]}).is_new(ROOT, late)


def test_what_is_only_surer_than_before_is_not_new() -> None:
    without = {**_TREE, "infra/kustomization.yaml": _ROOT.replace(", issuer.yaml", "")}
    [found] = _brought(without, _TREE)
    guessed = replace(found, confidence=Confidence.GUESS)

    assert not Inherited({(ROOT, found.fingerprint): [guessed]}).is_new(ROOT, found)
