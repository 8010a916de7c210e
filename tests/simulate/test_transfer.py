"""What Flux deletes while a change hands it from one Kustomization to another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model.cluster import Break, Broken
from bot.model.field import Body
from bot.simulate.transfer import Takeover, Transfer, transfers
from tests.sketched_cluster import Sketch, cluster, ks, played

PRUNE: Body = {"prune": True}
KEEP = {"kustomize.toolkit.fluxcd.io/prune": "disabled"}


def config(name: str = "a", **metadata: Body) -> Body:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default", **metadata}}


def child(name: str, **spec: str | bool) -> Body:
    metadata: Body = {"name": name, "namespace": "flux-system"}
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": metadata,
        "spec": {"prune": True, **spec},
    }


def found(base: tuple[Sketch, ...], head: tuple[Sketch, ...]) -> list[Transfer]:
    return list(transfers(played(cluster(*head), cluster(*base))))


def told(base: tuple[Sketch, ...], head: tuple[Sketch, ...]) -> list[tuple[str, str, Takeover]]:
    return [(one.old.name, one.new.name, one.takeover) for one in found(base, head)]


OLD = Sketch("old", spec=PRUNE)
NEW = Sketch("new", spec=PRUNE)
HOLDING = replace(OLD, objects=(config(),))
TAKING = replace(NEW, objects=(config(),))


def test_an_object_that_goes_to_a_kustomization_which_is_there_may_be_deleted() -> None:
    assert told((HOLDING, NEW), (OLD, TAKING)) == [("old", "new", Takeover.OPEN)]


def test_an_object_that_goes_to_a_new_kustomization_is_deleted() -> None:
    [transfer] = found((HOLDING,), (OLD, TAKING))

    assert (transfer.takeover, transfer.is_sure) == (Takeover.NOT_THERE_YET, True)


def test_an_object_that_goes_to_one_that_waits_for_the_old_owner_is_deleted() -> None:
    through = Sketch("between", after=("old",))

    assert told((HOLDING, NEW), (OLD, replace(TAKING, after=("old",)))) == [("old", "new", Takeover.AFTERWARDS)]
    assert told((HOLDING, NEW), (OLD, through, replace(TAKING, after=("between",)))) == [
        ("old", "new", Takeover.AFTERWARDS)
    ]


def test_an_object_is_safe_where_its_old_owner_already_waits_for_the_new_one() -> None:
    assert told((replace(HOLDING, after=("new",)), NEW), (replace(OLD, after=("new",)), TAKING)) == []


def test_an_order_that_comes_with_the_move_is_too_late() -> None:
    assert told((HOLDING, NEW), (replace(OLD, after=("new",)), TAKING)) == [("old", "new", Takeover.OPEN)]


def test_an_order_between_different_sources_does_not_wait_for_the_revision() -> None:
    elsewhere: Body = {**PRUNE, "sourceRef": {"kind": "GitRepository", "name": "another"}}
    base = (replace(HOLDING, after=("new",)), replace(NEW, spec=elsewhere))

    assert told(base, (replace(OLD, after=("new",)), replace(TAKING, spec=elsewhere))) == [
        ("old", "new", Takeover.OPEN)
    ]


@pytest.mark.parametrize(
    "live",
    [
        replace(HOLDING, spec={"prune": False}),
        replace(HOLDING, spec={"prune": True, "suspend": True}),
        replace(OLD, objects=(config(annotations=dict(KEEP)),)),
        replace(OLD, objects=(config(labels={"kustomize.toolkit.fluxcd.io/reconcile": "Disabled"}),)),
        replace(OLD, broken=True),
    ],
    ids=["no prune", "suspended", "protected", "left alone", "never built"],
)
def test_nothing_goes_that_flux_does_not_delete(live: Sketch) -> None:
    assert told((live, NEW), (replace(live, objects=()), TAKING)) == []


def test_to_protect_an_object_in_the_change_that_moves_it_is_too_late() -> None:
    protected = replace(NEW, objects=(config(annotations=dict(KEEP)),))

    assert told((HOLDING, NEW), (OLD, protected)) == [("old", "new", Takeover.OPEN)]


def test_what_is_deleted_for_good_is_not_handed_over() -> None:
    assert told((HOLDING, NEW), (OLD, NEW)) == []


def test_what_the_new_owner_applied_before_is_not_handed_over() -> None:
    assert told((HOLDING, TAKING), (OLD, TAKING)) == []


def test_what_one_of_two_owners_keeps_is_not_handed_over() -> None:
    other = Sketch("other", spec=PRUNE, objects=(config(),))

    assert told((HOLDING, other), (OLD, other, TAKING)) == []


def test_what_goes_to_another_cluster_is_not_handed_over() -> None:
    remote: Body = {**PRUNE, "kubeConfig": {"secretRef": {"name": "east"}}}

    assert told((HOLDING, replace(NEW, spec=remote)), (OLD, replace(TAKING, spec=remote))) == []


def test_a_name_that_only_the_cluster_knows_is_not_compared() -> None:
    unknown = config("${APP}")

    assert told((replace(OLD, objects=(unknown,)), NEW), (OLD, replace(NEW, objects=(unknown,)))) == []


def test_a_kustomization_that_cannot_apply_what_is_left_deletes_nothing() -> None:
    stuck = Sketch("old", spec=PRUNE, needs=("Thing",), releases={"operator": ("Thing",)})

    assert told((HOLDING, NEW), (stuck, TAKING)) == []


def test_the_object_with_most_to_lose_stands_first() -> None:
    space: Body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    other: Body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "b", "namespace": "default"}}
    objects = (config(), other, space)

    [transfer] = found((replace(OLD, objects=objects), NEW), (OLD, replace(NEW, objects=objects)))

    assert [one.ref.kind for one in transfer.moved] == ["Namespace", "Deployment", "ConfigMap"]


ROOT = Sketch("root", spec=PRUNE)


def test_all_that_a_kustomization_applied_goes_with_it() -> None:
    base, head = (ROOT, replace(HOLDING, parents=("root",))), (ROOT, replace(TAKING, parents=("root",)))

    [transfer] = found(base, head)

    assert (transfer.old, transfer.new, transfer.gone, transfer.is_sure) == (ks("old"), ks("new"), True, False)


@pytest.mark.parametrize("policy", ["Delete", "WaitForTermination"])
def test_a_deletion_policy_counts_without_prune(policy: str) -> None:
    live = replace(HOLDING, parents=("root",), spec={"deletionPolicy": policy})

    assert len(found((ROOT, live), (ROOT, replace(TAKING, parents=("root",))))) == 1


@pytest.mark.parametrize(
    ("root", "spec"),
    [
        (ROOT, {"prune": False}),
        (ROOT, {"prune": True, "suspend": True}),
        (ROOT, {"prune": True, "deletionPolicy": "Orphan"}),
        (replace(ROOT, spec={"prune": False}), PRUNE),
    ],
    ids=["no prune", "suspended", "orphans", "its parent does not delete it"],
)
def test_a_kustomization_that_goes_may_leave_all_behind(root: Sketch, spec: Body) -> None:
    base, head = (root, replace(HOLDING, parents=("root",), spec=spec)), (root, replace(TAKING, parents=("root",)))

    assert found(base, head) == []


def test_a_kustomization_that_no_other_one_applied_stays() -> None:
    assert found((HOLDING, NEW), (TAKING,)) == []


def test_a_kustomization_that_is_still_applied_was_only_not_read() -> None:
    applying = replace(ROOT, objects=(child("old"),))
    base, head = (applying, replace(HOLDING, parents=("root",))), (applying, replace(TAKING, parents=("root",)))

    assert found(base, head) == []


def test_what_a_parent_applied_goes_with_the_parent_of_its_parent() -> None:
    base = (ROOT, Sketch("mid", spec=PRUNE, parents=("root",)), replace(HOLDING, parents=("mid",)))

    assert len(found(base, (ROOT, replace(TAKING, parents=("root",))))) == 1


def test_a_kustomization_under_another_parent_is_handed_over() -> None:
    app = Sketch("app", spec=PRUNE, objects=(config(),))
    base = (replace(OLD, objects=(child("app"),)), NEW, replace(app, parents=("old",)))
    head = (OLD, replace(NEW, objects=(child("app"),)), replace(app, parents=("new",)))

    [transfer] = found(base, head)

    assert [one.ref for one in transfer.kustomizations] == [ks("app")]
    assert transfer.objects == ()


@pytest.mark.parametrize("spec", [{"prune": False}, {"deletionPolicy": "Orphan"}, {"suspend": True}])
def test_a_kustomization_under_another_parent_keeps_what_it_does_not_delete(spec: dict[str, str | bool]) -> None:
    app = Sketch("app", spec={**PRUNE, **spec}, objects=(config(),))
    base = (replace(OLD, objects=(child("app", **spec),)), NEW, replace(app, parents=("old",)))
    head = (OLD, replace(NEW, objects=(child("app", **spec),)), replace(app, parents=("new",)))

    assert found(base, head) == []


def test_a_suspended_release_is_not_uninstalled() -> None:
    live = Sketch("old", spec=PRUNE, releases={"app": ()}, release_spec={"suspend": True})

    assert found((live, NEW), (OLD, replace(NEW, releases={"app": ()}))) == []


def test_nothing_is_handed_over_without_a_change() -> None:
    only = cluster(HOLDING, TAKING)

    assert list(transfers(played(only, only))) == []
    assert list(transfers(played(only))) == []


def test_what_a_build_held_that_failed_before_the_change_need_not_live() -> None:
    whole = cluster(HOLDING, NEW)
    broken = Broken(Break.BUILD_FAILS, "", "", "old", resources=whole.nodes[ks("old")].resources)
    nodes = {**whole.nodes, ks("old"): replace(whole.nodes[ks("old")], building=broken)}

    assert list(transfers(played(cluster(OLD, TAKING), replace(whole, nodes=nodes)))) == []
