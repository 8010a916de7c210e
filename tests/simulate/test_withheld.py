"""CRDs that a chart of the cluster has but does not install."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model.ask import Document, Rendered
from bot.model.cluster import Cluster, Confidence, Provided
from bot.model.field import Body
from bot.model.flux import ChartRef
from bot.model.ref import GroupKind
from bot.simulate.stage import stage
from bot.simulate.withheld import withheld
from tests.sketched_cluster import Sketch, cluster, hr, kind, ks

CERT_MANAGER = ChartRef("cert-manager", "https://charts.jetstack.io", "v1.18.2")
ISSUER: Body = {"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": {"name": "letsencrypt"}}
OFF = Sketch("infra", releases={"cert-manager": ()})
ISSUERS = Sketch("issuers", objects=(ISSUER,))
CRD: Body = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.example.org"},
    "spec": {"group": "example.org", "names": {"kind": "Thing"}, "versions": [{"name": "v1", "served": True}]},
}


def charted(*sketches: Sketch, chart: ChartRef = CERT_MANAGER, provided: Provided | None = None) -> Cluster:
    found = cluster(*sketches, provided=provided)
    nodes = {
        ref: replace(node, releases=tuple(replace(one, chart=chart) for one in node.releases))
        for ref, node in found.nodes.items()
    }
    return replace(found, nodes=nodes)


def told(found: Cluster) -> list[tuple[str, str, bool, Confidence]]:
    return [(one.owner.name, one.release.name, one.by_policy, one.confidence) for one in withheld(stage(found))]


def test_a_chart_whose_values_do_not_switch_its_crds_on_withholds_them() -> None:
    assert told(charted(OFF, ISSUERS)) == [("issuers", "cert-manager", False, Confidence.LIKELY)]


def test_what_nobody_needs_is_not_missed() -> None:
    assert told(charted(OFF)) == []


def test_what_something_else_brings_is_not_missed() -> None:
    issuers = GroupKind("cert-manager.io", "ClusterIssuer")

    assert told(charted(OFF, ISSUERS, provided=Provided(kinds={issuers: "bootstrap"}))) == []
    assert told(charted(OFF, ISSUERS, Sketch("x", unread="cert-manager is another repository"))) == []


def test_values_that_the_repository_does_not_show_may_switch_them_on() -> None:
    hidden: Body = {"valuesFrom": [{"kind": "Secret", "name": "values"}]}

    assert told(charted(replace(OFF, release_spec=hidden), ISSUERS)) == []


@pytest.mark.parametrize("spec", [{"suspend": True}, {"kubeConfig": {"secretRef": {"name": "east"}}}])
def test_a_release_that_is_suspended_or_goes_elsewhere_could_not_bring_it(spec: Body) -> None:
    assert told(charted(replace(OFF, release_spec=spec), ISSUERS)) == []


def test_a_rendered_chart_whose_crds_the_policy_skips_withholds_them() -> None:
    skipping = Sketch("infra", releases={"operator": ()}, release_spec={"install": {"crds": "Skip"}})
    found = cluster(skipping, Sketch("apps", needs=("Thing",)))
    chart = Rendered((), (Document(CRD),))
    node = replace(found.nodes[ks("infra")], charts={hr("operator"): chart})

    [one] = withheld(stage(replace(found, nodes={**found.nodes, ks("infra"): node})))

    assert (one.need.fact.what, one.by_policy, one.confidence) == (kind("Thing"), True, Confidence.PROVEN)
