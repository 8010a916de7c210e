"""Custom resources in a version that their CRD does not serve."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model.cluster import Cluster, Confidence, Provided
from bot.model.field import Body
from bot.model.flux import ChartRef
from bot.simulate.served import unserved
from tests.sketched_cluster import Sketch, cluster, kind, ks

OPERATOR = Sketch("infra", releases={"operator": ("Thing",)})
APPS = Sketch("apps", needs=("Thing",))  # in v1
FLOATING = ChartRef("operator", "https://charts.example.org", "*")


def serving(*sketches: Sketch, chart: ChartRef | None = None, **versions: tuple[str, ...] | None) -> Cluster:
    """The cluster with the served versions of what each Kustomization brings, and the chart of its releases."""
    found = cluster(*sketches)
    nodes = {}
    for ref, node in found.nodes.items():
        provisions = tuple(replace(one, versions=versions.get(ref.name)) for one in node.provisions)
        releases = tuple(replace(one, chart=chart) for one in node.releases)
        nodes[ref] = replace(node, provisions=provisions, releases=releases)
    return replace(found, nodes=nodes)


def told(found: Cluster) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.owner.name, str(one.resource.ref), one.served) for one in unserved(found)]


def test_a_version_that_the_crd_does_not_serve_is_told_with_those_that_it_does() -> None:
    found = serving(OPERATOR, APPS, infra=("v1beta1", "v2", "v1beta2"))

    assert told(found) == [("apps", "Thing/flux-system/a-thing", ("v2", "v1beta2", "v1beta1"))]


def test_a_version_that_is_served_is_fine() -> None:
    assert told(serving(OPERATOR, APPS, infra=("v1beta1", "v1"))) == []


def test_one_of_several_crds_may_serve_it() -> None:
    other = Sketch("crds", defines=("Thing",))

    assert told(serving(OPERATOR, other, APPS, infra=("v2",), crds=("v1",))) == []


def test_nothing_is_said_while_one_of_several_is_not_known() -> None:
    other = Sketch("crds", defines=("Thing",))

    assert told(serving(OPERATOR, other, APPS, infra=("v2",), crds=None)) == []


def test_nothing_is_said_of_a_kind_that_also_comes_from_outside() -> None:
    found = replace(serving(OPERATOR, APPS, infra=("v2",)), provided=Provided(kinds={kind("Thing"): "bootstrap"}))

    assert told(found) == []


@pytest.mark.parametrize(
    ("chart", "speaks"),
    [
        (FLOATING, True),
        (FLOATING._replace(version=""), True),
        (FLOATING._replace(version=">=2.0.0"), True),
        (FLOATING._replace(version="1.4.0"), False),
        (FLOATING._replace(version="1.x"), False),
        (FLOATING._replace(version="${VERSION}"), False),
        (FLOATING._replace(version="", url=""), False),
        (None, False),
    ],
)
def test_the_catalogue_counts_for_charts_that_follow_the_newest_version(chart: ChartRef | None, speaks: bool) -> None:
    likely = replace(OPERATOR, confidence=Confidence.LIKELY)

    assert bool(told(serving(likely, APPS, chart=chart, infra=("v2",)))) is speaks


def test_a_newer_version_than_the_catalogue_knows_may_be_served_by_now() -> None:
    likely = replace(OPERATOR, confidence=Confidence.LIKELY)

    assert told(serving(likely, APPS, chart=FLOATING, infra=("v1alpha1", "v1beta1"))) == []


def test_a_guess_says_nothing() -> None:
    guess = replace(OPERATOR, confidence=Confidence.GUESS)

    assert told(serving(guess, APPS, chart=FLOATING, infra=("v2",))) == []


def test_what_flux_leaves_alone_is_never_refused() -> None:
    metadata: Body = {"name": "a", "annotations": {"kustomize.toolkit.fluxcd.io/ssa": "Ignore"}}
    left: Body = {"apiVersion": "example.org/v1", "kind": "Thing", "metadata": metadata}

    assert told(serving(OPERATOR, Sketch("apps", objects=(left,)), infra=("v2",))) == []


def test_another_target_cluster_has_crds_of_its_own() -> None:
    remote = replace(APPS, spec={"kubeConfig": {"secretRef": {"name": "east"}}})

    assert told(serving(OPERATOR, remote, infra=("v2",))) == []


def test_each_kustomization_is_named_once_for_each_kind_and_version() -> None:
    more: Body = {"apiVersion": "example.org/v1", "kind": "Thing", "metadata": {"name": "b", "namespace": "default"}}
    found = serving(OPERATOR, replace(APPS, objects=(more,)), infra=("v2",))

    assert [one.owner for one in unserved(found)] == [ks("apps")]
