"""Kinds that a rendered chart has objects of, and that are not sure to be there when Helm installs it."""

from __future__ import annotations

from dataclasses import replace

from bot.model.ask import Document, Rendered
from bot.model.cluster import Cluster
from bot.model.field import Body
from bot.simulate.chart_needs import ChartNeed, chart_needs
from tests.sketched_cluster import Sketch, cluster, hr, ks, played

OPERATOR = Sketch("infra", releases={"operator": ("Thing",)})
SHOP = Sketch("shop", releases={"shop": ()})
THING: Body = {"apiVersion": "example.org/v1", "kind": "Thing", "metadata": {"name": "a"}}
CRD: Body = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.example.org"},
    "spec": {"group": "example.org", "names": {"kind": "Thing"}, "versions": [{"name": "v1", "served": True}]},
}


def charted(*sketches: Sketch, chart: Rendered) -> Cluster:
    found = cluster(*sketches)
    node = replace(found.nodes[ks("shop")], charts={hr("shop"): chart})
    return replace(found, nodes={**found.nodes, ks("shop"): node})


def rendered(*bodies: Body, crds: tuple[Body, ...] = ()) -> Rendered:
    return Rendered(tuple(map(Document, bodies)), tuple(map(Document, crds)))


def found(*sketches: Sketch, chart: Rendered | None = None, base: Cluster | None = None) -> list[ChartNeed]:
    return list(chart_needs(played(charted(*sketches, chart=chart or rendered(THING)), base)))


def test_a_chart_with_an_object_whose_kind_comes_from_elsewhere_is_not_sure() -> None:
    [need] = found(OPERATOR, SHOP)

    assert (need.release.ref, need.owner, need.provider.by) == (hr("shop"), ks("shop"), hr("operator"))
    assert (str(need.missing), need.is_own) == ("Thing.example.org/v1", False)


def test_a_release_is_sure_behind_the_one_that_brings_the_kind() -> None:
    assert found(OPERATOR, replace(SHOP, release_spec={"dependsOn": [{"name": "operator"}]})) == []


def test_a_release_is_sure_where_its_kustomization_waits_for_the_kind() -> None:
    assert found(replace(OPERATOR, spec={"wait": True}), replace(SHOP, after=("infra",))) == []
    assert len(found(OPERATOR, replace(SHOP, after=("infra",)))) == 1


def test_a_release_is_sure_where_its_kustomization_applies_the_crd_or_an_object_of_the_kind() -> None:
    assert found(replace(SHOP, defines=("Thing",))) == []


def test_what_nothing_brings_is_not_missed() -> None:
    assert found(SHOP) == []


def test_the_crds_directory_comes_first_unless_it_is_skipped() -> None:
    chart = rendered(THING, crds=(CRD,))

    assert found(OPERATOR, SHOP, chart=chart) == []
    assert len(found(OPERATOR, replace(SHOP, release_spec={"install": {"crds": "Skip"}}), chart=chart)) == 1


def test_a_hook_is_looked_at_only_when_its_turn_comes() -> None:
    hook: Body = {**THING, "metadata": {"name": "a", "annotations": {"helm.sh/hook": "post-install"}}}

    assert found(OPERATOR, SHOP, chart=rendered(hook)) == []


def test_a_crd_among_the_templates_of_the_same_chart_never_comes() -> None:
    [need] = found(replace(SHOP, releases={"shop": ("Thing",)}), chart=rendered(THING, CRD))

    assert need.is_own


def test_a_provider_that_waits_for_the_release_is_not_to_be_waited_for() -> None:
    assert found(replace(OPERATOR, after=("shop",)), SHOP) == []
    assert found(replace(OPERATOR, release_spec={"dependsOn": [{"name": "shop"}]}), SHOP) == []


def test_a_suspended_release_is_not_tried() -> None:
    assert found(OPERATOR, replace(SHOP, release_spec={"suspend": True})) == []


def test_the_running_cluster_has_what_the_base_brought() -> None:
    both = played(charted(OPERATOR, SHOP, chart=rendered(THING)), cluster(OPERATOR))

    [need] = chart_needs(both)

    assert (need.is_sure(both.fresh), need.is_sure(both.running)) == (False, True)
