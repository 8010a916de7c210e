"""Steps of Flux that wait for each other."""

from __future__ import annotations

from dataclasses import replace

from bot.model.cluster import Confidence, Provided
from bot.model.field import Body
from bot.model.ref import GroupKind
from bot.simulate.link import Moment, Reason
from bot.simulate.ring import Ring, by_parent, hidden, rings
from bot.simulate.stage import stage
from tests.sketched_cluster import GROUP, Sketch, cluster, ks

WAIT: Body = {"wait": True}
SETTINGS: Body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "flux-system"}}
READING: Body = {"postBuild": {"substituteFrom": [{"kind": "ConfigMap", "name": "settings"}]}}
SHOP: Body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
IN_SHOP: Body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "shop"}}


def found(*sketches: Sketch, provided: Provided | None = None) -> tuple[Ring, ...]:
    return tuple(rings(stage(cluster(*sketches, provided=provided))))


def told(ring: Ring) -> list[tuple[str, Reason, str]]:
    return [(link.step.ref.name, link.reason, link.other.ref.name) for link in ring.told]


def only_hidden(*sketches: Sketch, provided: Provided | None = None) -> Ring:
    some = list(hidden(found(*sketches, provided=provided)))
    assert len(some) == 1
    return some[0]


def test_a_cycle_of_depends_on_alone_is_no_ring_of_this_kind() -> None:
    assert found(Sketch("a", after=("b",)), Sketch("b", after=("a",))) == ()


def test_a_parent_that_waits_for_a_child_that_depends_on_it() -> None:
    some = found(Sketch("all", spec=WAIT), Sketch("apps", parents=("all",), after=("all",)))

    assert {parent: [told(ring) for ring in each] for parent, each in by_parent(some).items()} == {
        ks("all"): [[("all", Reason.WAITS_FOR, "apps"), ("apps", Reason.DEPENDS_ON, "all")]]
    }
    assert list(hidden(some)) == []


def test_a_parent_that_does_not_wait_is_fine() -> None:
    assert found(Sketch("all"), Sketch("apps", parents=("all",), after=("all",))) == ()


def test_two_waiting_parents_whose_children_depend_on_the_other_are_hidden() -> None:
    ring = only_hidden(
        Sketch("left", spec=WAIT),
        Sketch("right", spec=WAIT),
        Sketch("a", parents=("left",), after=("right",)),
        Sketch("b", parents=("right",), after=("left",)),
    )

    assert not ring.of_parent
    assert {reason for _, reason, _ in told(ring)} == {Reason.WAITS_FOR, Reason.DEPENDS_ON}


def test_variables_that_a_dependent_makes_are_hidden_and_not_proven() -> None:
    ring = only_hidden(
        Sketch("root"),
        Sketch("apps", parents=("root",), spec=READING),
        Sketch("settings", objects=(SETTINGS,), after=("apps",)),
    )

    assert told(ring) == [("apps", Reason.READS, "settings"), ("settings", Reason.DEPENDS_ON, "apps")]
    assert ring.confidence is Confidence.LIKELY


def test_two_that_need_a_kind_of_the_other_are_hidden() -> None:
    ring = only_hidden(
        Sketch("a", needs=("Part",), releases={"x": ("Thing",)}),
        Sketch("b", needs=("Thing",), releases={"y": ("Part",)}),
    )

    assert [link.kind for link in ring.links if link.kind] == [GroupKind(GROUP, "Part"), GroupKind(GROUP, "Thing")]


def test_definitions_and_namespaces_come_before_what_a_kustomization_needs() -> None:
    assert (
        found(
            Sketch("a", needs=("Part",), defines=("Thing",), objects=(SHOP,)),
            Sketch("b", needs=("Thing",), defines=("Part",), objects=(IN_SHOP,)),
        )
        == ()
    )


def test_a_second_provider_breaks_the_ring() -> None:
    assert (
        found(
            Sketch("a", needs=("Part",), releases={"x": ("Thing",)}),
            Sketch("b", needs=("Thing",), releases={"y": ("Part",)}),
            Sketch("c", defines=("Part",)),
        )
        == ()
    )


def test_what_is_there_before_flux_breaks_the_ring() -> None:
    there = Provided(kinds={GroupKind(GROUP, "Part"): "bootstrap"})

    assert (
        found(
            Sketch("a", needs=("Part",), releases={"x": ("Thing",)}),
            Sketch("b", needs=("Thing",), releases={"y": ("Part",)}),
            provided=there,
        )
        == ()
    )


def test_a_custom_resource_beside_its_provider_is_no_ring() -> None:
    assert found(Sketch("a", needs=("Thing",), releases={"x": ("Thing",)})) == ()


def test_a_namespace_that_a_dependent_makes_is_hidden_and_proven() -> None:
    ring = only_hidden(Sketch("a", objects=(IN_SHOP,)), Sketch("b", objects=(SHOP,), after=("a",)))

    assert told(ring) == [("a", Reason.NEEDS, "b"), ("b", Reason.DEPENDS_ON, "a")]
    assert ring.confidence is Confidence.PROVEN


def test_the_steps_of_a_kustomization_follow_each_other() -> None:
    (ring,) = found(Sketch("all", spec=WAIT), Sketch("apps", parents=("all",), after=("all",)))

    assert [(link.step.ref.name, link.step.moment) for link in ring.links] == [
        ("all", Moment.READY),
        ("apps", Moment.READY),
        ("apps", Moment.APPLIED),
        ("apps", Moment.BEGUN),
    ]


STORE: Body = {"apiVersion": "external-secrets.io/v1", "kind": "ClusterSecretStore", "metadata": {"name": "vault"}}
USER: Body = {
    "apiVersion": "external-secrets.io/v1",
    "kind": "ExternalSecret",
    "metadata": {"name": "keys", "namespace": "flux-system"},
    "spec": {"secretStoreRef": {"kind": "ClusterSecretStore", "name": "vault"}},
}
THERE = Provided(patterns=("*.external-secrets.io",))


def test_a_wait_for_a_secret_whose_store_a_dependent_makes_is_hidden() -> None:
    stores = Sketch("stores", objects=(STORE,), after=("base",))

    ring = only_hidden(Sketch("base", spec=WAIT, objects=(USER,)), stores, provided=THERE)

    assert told(ring) == [("base", Reason.USES, "stores"), ("stores", Reason.DEPENDS_ON, "base")]


def test_without_a_wait_a_secret_may_come_later() -> None:
    stores = Sketch("stores", objects=(STORE,), after=("base",))

    assert found(Sketch("base", objects=(USER,)), stores, provided=THERE) == ()


def test_a_store_that_two_apply_is_nobodys() -> None:
    stores = Sketch("stores", objects=(STORE,), after=("base",))

    assert found(Sketch("base", spec=WAIT, objects=(USER,)), stores, replace(stores, name="more"), provided=THERE) == ()


def test_a_health_check_on_a_workload_of_a_release_is_likely_at_best() -> None:
    workload: Body = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop", "namespace": "flux-system"}
    release: Body = {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "name": "shop"}
    release["namespace"] = "flux-system"
    behind: Body = {"dependsOn": [{"name": "postgres"}]}

    def ring(check: Body) -> Ring:
        shop = Sketch("apps", spec={"healthChecks": [check]}, releases={"shop": ()}, release_spec=behind)
        return only_hidden(shop, Sketch("databases", releases={"postgres": ()}, after=("apps",)))

    assert ring(workload).confidence is Confidence.LIKELY
    assert ring(release).confidence is Confidence.PROVEN
