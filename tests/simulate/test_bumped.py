"""Custom resources in a version that only an upgrade of the same Kustomization makes the cluster serve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.model.cluster import Cluster, Confidence, Provided
from bot.model.field import Body
from bot.model.flux import ChartRef
from bot.simulate.bumped import Bumped, bumped
from tests.example_tree import snapshot
from tests.sketched_cluster import Sketch, cluster, hr, kind, ks, played

OLD: Body = {"values": {"apis": "v0"}}
NEW: Body = {"values": {"apis": "v1"}}
INFRA = Sketch("infra", needs=("Thing",), releases={"operator": ("Thing",)})  # the Thing is in v1
IN_TREE = ChartRef("operator", "", "", None, "./charts/operator")


def serving(
    versions: Mapping[str, tuple[str, ...] | None],
    *sketches: Sketch,
    chart: ChartRef | None = None,
    files: Mapping[str, str] | None = None,
) -> Cluster:
    """The cluster with the served versions of what each Kustomization brings."""
    found = cluster(*sketches)
    nodes = {}
    for ref, node in found.nodes.items():
        provisions = tuple(replace(one, versions=versions.get(ref.name)) for one in node.provisions)
        releases = tuple(replace(one, chart=chart) for one in node.releases)
        nodes[ref] = replace(node, provisions=provisions, releases=releases)
    return replace(found, nodes=nodes, snapshot=snapshot(files or {}))


def found(base: Cluster, head: Cluster) -> list[Bumped]:
    return list(bumped(played(head, base)))


BASE = serving({"infra": ("v0",)}, replace(INFRA, release_spec=OLD))
HEAD = serving({"infra": ("v0", "v1")}, replace(INFRA, release_spec=NEW))


def test_a_resource_in_the_version_that_comes_with_it_keeps_it_from_coming() -> None:
    [one] = found(BASE, HEAD)

    assert (one.owner, one.release, one.served) == (ks("infra"), hr("operator"), ("v0",))
    assert one.resource.group_kind == kind("Thing")


def test_a_version_that_is_there_already_is_fine() -> None:
    assert found(serving({"infra": ("v0", "v1")}, replace(INFRA, release_spec=OLD)), HEAD) == []


@pytest.mark.parametrize("versions", [None, ()], ids=["unknown", "none"])
def test_nothing_is_said_where_nobody_knows_what_the_cluster_serves(versions: tuple[str, ...] | None) -> None:
    assert found(serving({"infra": versions}, replace(INFRA, release_spec=OLD)), HEAD) == []
    assert found(replace(BASE, provided=Provided(kinds={kind("Thing"): "bootstrap"})), HEAD) == []


def test_the_catalogue_knows_no_two_versions_of_a_chart() -> None:
    likely = replace(INFRA, confidence=Confidence.LIKELY)
    base = serving({"infra": ("v0",)}, replace(likely, release_spec=OLD))

    assert found(base, serving({"infra": ("v1",)}, replace(likely, release_spec=NEW))) == []


def test_something_else_may_bring_the_version_first() -> None:
    other = Sketch("crds", defines=("Thing",))

    head = serving({"infra": ("v0", "v1"), "crds": ("v1",)}, replace(INFRA, release_spec=NEW), other)

    assert found(BASE, head) == []


def test_an_upgrade_that_another_kustomization_carries_comes_without_this_one() -> None:
    apps, infra = Sketch("apps", needs=("Thing",)), Sketch("infra", releases={"operator": ("Thing",)})
    base = serving({"infra": ("v0",)}, replace(infra, release_spec=OLD), apps)

    assert found(base, serving({"infra": ("v0", "v1")}, replace(infra, release_spec=NEW), apps)) == []


def test_a_release_that_does_not_change_carries_nothing() -> None:
    assert found(BASE, serving({"infra": ("v0", "v1")}, replace(INFRA, release_spec=OLD))) == []


@pytest.mark.parametrize(("version", "is_stuck"), [("1.0.0", True), ("2.0.0", False)])
def test_a_chart_in_the_repository_that_gets_another_version_comes_by_itself(version: str, is_stuck: bool) -> None:
    file = "charts/operator/Chart.yaml"
    base = serving(
        {"infra": ("v0",)}, replace(INFRA, release_spec=OLD), chart=IN_TREE, files={file: "version: 1.0.0\n"}
    )
    head = serving(
        {"infra": ("v1",)}, replace(INFRA, release_spec=NEW), chart=IN_TREE, files={file: f"version: {version}\n"}
    )

    assert bool(found(base, head)) is is_stuck


def test_nothing_is_said_without_a_change() -> None:
    assert list(bumped(played(HEAD))) == []
