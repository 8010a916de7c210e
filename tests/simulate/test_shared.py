"""Objects that two Kustomizations apply at the same time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model.field import Body
from bot.simulate.shared import Shared, shared
from tests.sketched_cluster import Sketch, cluster, played

PRUNE: Body = {"prune": True}
SEED = {"kustomize.toolkit.fluxcd.io/ssa": "IfNotPresent"}
KEEP = {"kustomize.toolkit.fluxcd.io/prune": "disabled"}


def config(region: str = "eu", annotations: dict[str, str] | None = None) -> Body:
    metadata: Body = {"name": "a", "namespace": "default", "annotations": dict(annotations or {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"region": region}}


def found(*sketches: Sketch) -> list[Shared]:
    return list(shared(played(cluster(*sketches))))


ONE = Sketch("one", spec=PRUNE, objects=(config(),))
TWO = Sketch("two", spec=PRUNE, objects=(config(),))


def test_an_object_that_both_write_alike_may_be_deleted_for_the_other() -> None:
    [pair] = found(ONE, TWO)

    assert (pair.first.name, pair.second.name) == ("one", "two")
    assert (pair.differs, pair.is_pruned, pair.is_grave) == (False, True, False)


def test_an_object_that_both_write_differently_flips() -> None:
    [pair] = found(ONE, replace(TWO, objects=(config("us"),)))

    assert pair.differs


def test_a_namespace_is_grave() -> None:
    space: Body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}

    [pair] = found(replace(ONE, objects=(space,)), replace(TWO, objects=(space,)))

    assert pair.is_grave


def test_alike_and_pruned_by_nobody_is_fine() -> None:
    kept = (config(annotations=KEEP),)

    assert found(replace(ONE, objects=kept), replace(TWO, objects=kept)) == []
    assert found(replace(ONE, spec={}), replace(TWO, spec={})) == []


def test_a_protection_on_one_side_only_is_taken_back_by_the_other() -> None:
    [pair] = found(ONE, replace(TWO, objects=(config(annotations=KEEP),)))

    assert pair.differs
    assert pair.is_pruned


@pytest.mark.parametrize(
    "second",
    [
        replace(TWO, objects=(config("us", SEED),)),
        replace(TWO, spec={**PRUNE, "suspend": True}),
        replace(TWO, spec={**PRUNE, "kubeConfig": {"secretRef": {"name": "east"}}}),
        replace(TWO, objects=(config("us", {"kustomize.toolkit.fluxcd.io/ssa": "Ignore"}),)),
    ],
    ids=["seeds it", "is suspended", "has another cluster", "leaves it alone"],
)
def test_one_that_does_not_write_it_is_no_second_owner(second: Sketch) -> None:
    assert found(ONE, second) == []


def test_the_first_of_many_makes_a_pair_with_each_other() -> None:
    pairs = found(ONE, TWO, replace(TWO, name="three"))

    assert [(one.first.name, one.second.name) for one in pairs] == [("one", "three"), ("one", "two")]


def test_a_cluster_wide_object_is_the_same_in_whatever_namespace_it_is_written() -> None:
    def role(namespace: str) -> Body:
        metadata: Body = {"name": "reader", "namespace": namespace}
        return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": metadata}

    assert len(found(replace(ONE, objects=(role("a"),)), replace(TWO, objects=(role("b"),)))) == 1
