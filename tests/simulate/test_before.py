"""What has surely been applied when a Kustomization begins."""

from __future__ import annotations

from bot.model.field import Value
from bot.simulate.before import applied_before
from bot.simulate.stage import stage
from tests.sketched_cluster import Sketch, cluster, ks, names


def before(name: str, *sketches: Sketch) -> list[str]:
    return names(applied_before(stage(cluster(*sketches)), ks(name)))


def test_parents_and_dependencies_come_before_and_theirs_too() -> None:
    chain = (Sketch("root"), Sketch("base", parents=("root",)), Sketch("mid", after=("base",)))

    assert before("apps", *chain, Sketch("apps", after=("mid",), parents=("root",))) == ["base", "mid", "root"]


def test_what_a_dependency_waits_for_comes_before() -> None:
    child = Sketch("child", parents=("layer",))
    apps = Sketch("apps", after=("layer",))

    assert before("apps", Sketch("layer", spec={"wait": True}), child, apps) == ["child", "layer"]
    assert before("apps", Sketch("layer"), child, apps) == ["layer"]


def test_a_release_that_a_dependency_checks_was_applied_by_somebody() -> None:
    checks: list[Value] = [
        {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "name": "x", "namespace": "flux-system"}
    ]
    gate = Sketch("gate", spec={"healthChecks": checks})

    assert before("apps", gate, Sketch("infra", releases={"x": ()}), Sketch("apps", after=("gate",))) == [
        "gate",
        "infra",
    ]


def test_a_circle_comes_to_an_end() -> None:
    assert before("a", Sketch("a", after=("b",)), Sketch("b", after=("a",))) == ["b"]
