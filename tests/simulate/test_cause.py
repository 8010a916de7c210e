"""Why a Kustomization does not get further."""

from __future__ import annotations

from bot.model.field import Body
from bot.simulate.cause import Cause, Why, causes, chain
from bot.simulate.play import Play, play
from bot.simulate.stage import stage
from tests.sketched_cluster import Sketch, cluster, hr, ks

WAIT: Body = {"wait": True}


def played(*sketches: Sketch) -> Play:
    return play(stage(cluster(*sketches)))


def only(name: str, *sketches: Sketch) -> Cause:
    [cause] = causes(played(*sketches), ks(name))
    return cause


def told(name: str, *sketches: Sketch) -> list[tuple[str, Why, str]]:
    return [
        (one.about.name, one.why, one.other.name if one.other else "") for one in chain(played(*sketches), ks(name))
    ]


STUCK = Sketch("infra", needs=("Thing",), releases={"operator": ("Thing",)})


def test_nothing_holds_back_what_becomes_ready() -> None:
    assert causes(played(Sketch("apps")), ks("apps")) == ()
    assert chain(played(Sketch("apps")), ks("apps")) == ()


def test_the_dry_run_refuses_an_object_with_the_text_that_flux_prints() -> None:
    cause = only("infra", STUCK)

    assert cause.why is Why.REFUSED
    assert cause.resource
    assert str(cause.resource.ref) == "Thing/flux-system/a-thing"
    assert str(cause.missing) == "Thing.example.org/v1"
    assert cause.predicted == (
        'Thing/flux-system/a-thing dry-run failed: no matches for kind "Thing" in version "example.org/v1"'
    )


def test_a_missing_namespace_is_told_in_the_words_of_flux() -> None:
    config: Body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "shop"}}
    space: Body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    child = Sketch("child", objects=(space,), parents=("apps",))

    cause = only("apps", Sketch("apps", objects=(config,)), child)

    assert cause.predicted == 'ConfigMap/shop/a not found: namespaces "shop" not found'
    assert cause.missing is None


def test_a_dependency_that_nothing_makes_is_told_apart_from_one_that_is_not_ready() -> None:
    first, second = causes(played(Sketch("apps", after=("none", "infra")), STUCK), ks("apps"))

    assert (first.why, first.predicted) == (Why.DEPENDENCY_NOT_FOUND, "dependency 'flux-system/none' not found")
    assert (second.why, second.predicted) == (Why.DEPENDENCY_NOT_READY, "dependency 'flux-system/infra' is not ready")


def test_only_what_flux_meets_first_is_told() -> None:
    needs_too = Sketch("apps", needs=("Part",), after=("infra",), releases={"x": ("Part",)})

    assert only("apps", needs_too, STUCK).why is Why.DEPENDENCY_NOT_READY


def test_a_suspended_one_and_a_broken_one_say_so() -> None:
    assert only("a", Sketch("a", spec={"suspend": True})).why is Why.SUSPENDED
    assert only("a", Sketch("a", broken=True)).predicted == "kustomize build failed: no such file"


def test_a_child_of_one_that_is_never_applied_is_never_created() -> None:
    cause = only("apps", Sketch("apps", parents=("infra",)), STUCK)

    assert (cause.why, cause.other) == (Why.NOT_CREATED, ks("infra"))


def test_one_that_waits_for_what_it_applies_names_what_is_not_healthy() -> None:
    waiting = Sketch("all", spec=WAIT, releases={"web": ()}, release_spec={"dependsOn": [{"name": "none"}]})

    cause = only("all", waiting)

    assert (cause.why, cause.other) == (Why.UNHEALTHY, hr("web"))
    assert cause.predicted == (
        "health check failed: timeout waiting for: [HelmRelease/flux-system/web status: 'InProgress']"
    )


def test_the_chain_leads_to_where_something_can_be_done() -> None:
    assert told("apps", Sketch("apps", after=("mid",)), Sketch("mid", after=("infra",)), STUCK) == [
        ("apps", Why.DEPENDENCY_NOT_READY, "mid"),
        ("mid", Why.DEPENDENCY_NOT_READY, "infra"),
        ("infra", Why.REFUSED, ""),
    ]


def test_the_chain_goes_through_children_that_are_waited_for() -> None:
    assert told("all", Sketch("all", spec=WAIT), Sketch("apps", after=("none",), parents=("all",))) == [
        ("all", Why.UNHEALTHY, "apps"),
        ("apps", Why.DEPENDENCY_NOT_FOUND, "none"),
    ]


def test_a_circle_is_told_once() -> None:
    assert told("a", Sketch("a", after=("b",)), Sketch("b", after=("a",))) == [
        ("a", Why.DEPENDENCY_NOT_READY, "b"),
        ("b", Why.DEPENDENCY_NOT_READY, "a"),
    ]


def test_variables_that_are_never_made_hold_back_who_reads_them() -> None:
    settings: Body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "flux-system"},
    }
    reading: Body = {"postBuild": {"substituteFrom": [{"kind": "ConfigMap", "name": "settings"}]}}
    apps = Sketch("apps", parents=("root",), spec=reading)

    assert told("apps", Sketch("root"), apps, Sketch("settings", objects=(settings,), after=("none",))) == [
        ("apps", Why.NOT_MADE, "settings"),
        ("settings", Why.DEPENDENCY_NOT_FOUND, "none"),
    ]


def test_a_secret_whose_store_never_comes_holds_back_who_waits_for_it() -> None:
    store: Body = {"apiVersion": "external-secrets.io/v1", "kind": "ClusterSecretStore", "metadata": {"name": "vault"}}
    secret: Body = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": "keys", "namespace": "flux-system"},
        "spec": {"secretStoreRef": {"kind": "ClusterSecretStore", "name": "vault"}},
    }
    waiting = Sketch("apps", spec=WAIT, objects=(secret,))

    assert told("apps", waiting, Sketch("stores", objects=(store,), after=("none",))) == [
        ("apps", Why.UNHEALTHY, "stores"),
        ("stores", Why.DEPENDENCY_NOT_FOUND, "none"),
    ]
