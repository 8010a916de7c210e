"""How a cluster comes up."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.model.cluster import Provided
from bot.model.field import Body
from bot.simulate.play import Play, play
from bot.simulate.stage import stage
from tests.sketched_cluster import Sketch, cluster, hr, kind, ks, names

NAMESPACED: Body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "shop"}}
SHOP: Body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
OPERATOR = Sketch("infra", releases={"operator": ("Thing",)})
WAITING = replace(OPERATOR, spec={"wait": True})


def played(*sketches: Sketch, provided: Provided | None = None) -> Play:
    return play(stage(cluster(*sketches, provided=provided)))


def late(found: Play) -> list[str]:
    return names([ref for ref in found.cluster.nodes if found.is_late(ref)])


def stuck(found: Play) -> list[str]:
    return names([ref for ref in found.cluster.nodes if found.is_stuck(ref)])


def test_a_custom_resource_beside_the_release_that_brings_its_kind_is_stuck() -> None:
    found = played(replace(OPERATOR, needs=("Thing",)))

    assert stuck(found) == ["infra"]
    assert not found.applied
    assert not found.released
    assert [str(need.missing) for need in found.absent(ks("infra"))] == ["Thing.example.org/v1"]


def test_a_custom_resource_beside_its_plain_definition_is_ready_at_once() -> None:
    found = played(Sketch("infra", needs=("Thing",), defines=("Thing",)))

    assert (stuck(found), late(found)) == ([], [])


def test_a_namespace_beside_what_lies_in_it_is_ready_at_once() -> None:
    found = played(Sketch("apps", objects=(SHOP, NAMESPACED)))

    assert (stuck(found), late(found)) == ([], [])


def test_a_namespace_of_another_kustomization_comes_late() -> None:
    found = played(Sketch("apps", objects=(NAMESPACED,)), Sketch("namespaces", objects=(SHOP,)))

    assert (stuck(found), late(found)) == ([], ["apps"])


def test_a_namespace_that_a_release_makes_is_missing_beside_that_release() -> None:
    spec: Body = {"targetNamespace": "shop", "install": {"createNamespace": True}}
    found = played(Sketch("apps", objects=(NAMESPACED,), releases={"shop": ()}, release_spec=spec))

    assert stuck(found) == ["apps"]


def test_without_any_order_the_consumer_comes_late() -> None:
    found = played(Sketch("apps", needs=("Thing",)), OPERATOR)

    assert (stuck(found), late(found)) == ([], ["apps"])


def test_a_depends_on_without_wait_is_not_enough() -> None:
    found = played(Sketch("apps", needs=("Thing",), after=("infra",)), OPERATOR)

    assert late(found) == ["apps"]


def test_a_depends_on_with_wait_is_enough() -> None:
    found = played(Sketch("apps", needs=("Thing",), after=("infra",)), WAITING)

    assert (stuck(found), late(found)) == ([], [])


def test_a_health_check_of_the_release_does_as_well_as_wait() -> None:
    check = {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "name": "operator"}
    checked = replace(OPERATOR, spec={"healthChecks": [{**check, "namespace": "flux-system"}]})

    found = played(Sketch("apps", needs=("Thing",), after=("infra",)), checked)

    assert late(found) == []


def test_a_definition_in_a_plain_manifest_needs_no_wait() -> None:
    found = played(Sketch("apps", needs=("Thing",), after=("crds",)), Sketch("crds", defines=("Thing",)))

    assert late(found) == []


def test_a_dependency_covers_what_its_own_dependencies_guarantee() -> None:
    found = played(
        Sketch("apps", needs=("Thing",), after=("stores",)),
        Sketch("stores", needs=("Thing",), after=("infra",)),
        WAITING,
    )

    assert late(found) == []


def test_a_child_has_what_its_parent_waited_for() -> None:
    found = played(Sketch("all", after=("infra",)), Sketch("apps", needs=("Thing",), parents=("all",)), WAITING)

    assert late(found) == []


def test_a_dependency_on_the_parent_of_the_provider_covers_it_only_with_wait() -> None:
    apps = Sketch("apps", needs=("Thing",), after=("all",))
    child = replace(WAITING, parents=("all",))

    assert late(played(apps, Sketch("all"), child)) == ["apps"]
    assert late(played(apps, Sketch("all", spec={"wait": True}), child)) == []


def test_a_child_that_depends_on_a_parent_that_waits_for_it_is_stuck_with_its_parent() -> None:
    found = played(Sketch("all", spec={"wait": True}), Sketch("apps", parents=("all",), after=("all",)))

    assert stuck(found) == ["all", "apps"]
    assert names(found.applied) == ["all"]


def test_two_that_wait_for_each_other_are_stuck_and_so_is_who_waits_for_them() -> None:
    found = played(
        Sketch("a", after=("b",)),
        Sketch("b", after=("a",)),
        Sketch("c", after=("b",)),
        Sketch("d"),
        Sketch("e", after=("e",)),
    )

    assert stuck(found) == ["a", "b", "c", "e"]


def test_a_dependency_that_nobody_makes_is_waited_for_for_ever() -> None:
    assert stuck(played(Sketch("apps", after=("none",)))) == ["apps"]


def test_a_suspended_or_broken_kustomization_never_becomes_ready() -> None:
    found = played(
        Sketch("asleep", spec={"suspend": True}), Sketch("broken", broken=True), Sketch("child", parents=("broken",))
    )

    assert stuck(found) == ["asleep", "broken", "child"]
    assert ks("child") not in found.created


def test_releases_come_in_the_order_of_their_depends_on() -> None:
    first = Sketch("first", releases={"one": ("Thing",)}, release_spec={"dependsOn": [{"name": "two"}]})

    assert names(played(first).released) == []
    assert names(played(first, Sketch("second", releases={"two": ()})).released) == ["one", "two"]


def test_a_suspended_release_brings_nothing() -> None:
    found = played(replace(OPERATOR, release_spec={"suspend": True}), Sketch("apps", needs=("Thing",)))

    assert stuck(found) == ["apps"]


def test_what_a_controller_makes_comes_once_its_trigger_is_applied() -> None:
    infra = Sketch("infra", triggers={"operator": ("Thing",)})

    assert stuck(played(replace(infra, needs=("Thing",)))) == ["infra"]
    assert late(played(infra, Sketch("apps", needs=("Thing",)))) == ["apps"]


def test_a_kind_that_nothing_in_the_tree_brings_is_taken_to_be_there() -> None:
    assert stuck(played(Sketch("apps", needs=("Thing",)))) == []


def test_what_is_provided_is_there_from_the_start() -> None:
    for provided in (Provided(kinds={kind("Thing"): "bootstrap"}), Provided(patterns=("*.example.org",))):
        found = played(replace(OPERATOR, needs=("Thing",)), provided=provided)

        assert (stuck(found), late(found)) == ([], [])


def test_on_the_running_cluster_what_is_there_stays_there() -> None:
    whole = stage(cluster(replace(OPERATOR, needs=("Thing",))))
    there = sum(whole.bits.values())

    assert play(whole, there).ready == {ks("infra")}
    assert play(whole).ready == frozenset()


def test_a_child_that_lives_already_needs_no_parent() -> None:
    whole = stage(cluster(Sketch("all", after=("none",)), Sketch("apps", parents=("all",))))

    assert names(play(whole).ready) == []
    assert names(play(whole, live=frozenset({ks("apps")})).ready) == ["apps"]


def test_what_is_excused_is_not_missed() -> None:
    whole = stage(cluster(replace(OPERATOR, needs=("Thing",))))

    found = play(whole, excused={ks("infra"): sum(whole.bits.values())})

    assert (names(found.ready), names(found.released)) == (["infra"], ["operator"])


def test_what_flux_is_told_to_leave_alone_needs_nothing() -> None:
    marked: Body = {
        "apiVersion": "example.org/v1",
        "kind": "Thing",
        "metadata": {"name": "x", "annotations": {"kustomize.toolkit.fluxcd.io/reconcile": "Disabled"}},
    }

    assert stuck(played(replace(OPERATOR, objects=(marked,)))) == []


def test_another_target_cluster_has_facts_of_its_own() -> None:
    remote: Body = {"kubeConfig": {"secretRef": {"name": "edge"}}}
    local = Sketch("local", needs=("Thing",), after=("infra",))
    edge = Sketch("edge", needs=("Thing",), after=("infra",), spec=remote)

    found = played(local, edge, WAITING, Sketch("edge-infra", releases={"other": ("Thing",)}, spec=remote))

    assert late(found) == ["edge"]
    assert hr("other") in found.released


KINDS = ("Thing", "Part", "Gadget")
NAMES = tuple("abcdef")
SOME = st.lists(st.sampled_from(KINDS), max_size=2, unique=True).map(tuple)


@st.composite
def sketches(draw: st.DrawFn, *, acyclic: bool = False) -> tuple[Sketch, ...]:
    """Up to six Kustomizations; with ``acyclic`` each depends on earlier ones only, and none waits for its children."""
    found: list[Sketch] = []
    count = draw(st.integers(1, len(NAMES)))
    for place, name in enumerate(NAMES[:count]):
        others = NAMES[:place] if acyclic else NAMES[:count]
        after = draw(st.lists(st.sampled_from(others), max_size=2, unique=True)) if others else []
        parents = draw(st.lists(st.sampled_from(NAMES[:place]), max_size=2, unique=True)) if place else []
        brought = draw(SOME)
        sketch = Sketch(name, draw(SOME), draw(SOME), {f"{name}-release": brought} if brought else {}, {}, tuple(after))
        found.append(replace(sketch, parents=tuple(parents), spec={"wait": not acyclic and draw(st.booleans())}))
    return tuple(found)


@given(sketches(), st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_one_more_depends_on_never_makes_less_sure_for_who_is_still_applied(
    made: tuple[Sketch, ...], one: str, other: str
) -> None:
    more = tuple(replace(sketch, after=(*sketch.after, other)) if sketch.name == one else sketch for sketch in made)

    before, after = played(*made), played(*more)

    for ref in after.applied & before.applied:
        assert before.before[ref] & ~after.before[ref] == 0


def outcome(found: Play) -> dict[str, object]:
    """All that a play says, with facts in the place of bits."""
    before = {ref: found.stage.facts(found.before[ref]) for ref in found.applied}
    return {
        "applied": found.applied,
        "ready": found.ready,
        "released": found.released,
        "there": found.stage.facts(found.there),
        "before": before,
    }


@given(sketches(), st.randoms(use_true_random=False))
def test_the_order_of_the_nodes_changes_nothing(made: tuple[Sketch, ...], chance: object) -> None:
    shuffled = list(made)
    getattr(chance, "shuffle")(shuffled)  # noqa: B009 - hypothesis gives it no type

    assert outcome(played(*made)) == outcome(played(*shuffled))


@given(sketches(acyclic=True))
def test_without_circles_and_with_all_kinds_provided_everything_becomes_ready_at_once(made: tuple[Sketch, ...]) -> None:
    found = played(*made, provided=Provided(kinds={kind(name): "there" for name in KINDS}))

    assert (stuck(found), late(found)) == ([], [])


@given(sketches())
def test_who_is_ready_was_applied_and_who_was_applied_was_created(made: tuple[Sketch, ...]) -> None:
    found = played(*made)

    assert found.ready <= found.applied <= found.created
    assert all(found.is_late(ref) is False for ref in found.cluster.nodes if found.is_stuck(ref))
    assert {ref for ref in found.applied if found.needed[ref] & ~found.there} == set()


def checking(kind_: str, name: str, namespace: str = "") -> Body:
    api = {"HelmRelease": "helm.toolkit.fluxcd.io/v2", "Namespace": "v1"}[kind_]
    return {"healthChecks": [{"apiVersion": api, "kind": kind_, "name": name, "namespace": namespace}]}


def test_a_health_check_on_a_suspended_release_waits_until_it_is_applied() -> None:
    check = Sketch("check", spec=checking("HelmRelease", "operator", "flux-system"))
    asleep = replace(OPERATOR, release_spec={"suspend": True})

    assert stuck(played(check, asleep)) == []
    assert stuck(played(check, replace(asleep, needs=("Thing",)))) == ["check", "infra"]


def test_a_namespace_is_there_although_the_rest_of_its_kustomization_is_refused() -> None:
    check = Sketch("check", spec=checking("Namespace", "shop"))
    infra = replace(OPERATOR, needs=("Thing",), objects=(SHOP,))

    assert stuck(played(check, infra)) == ["infra"]


def test_a_health_check_on_a_namespace_says_nothing_of_what_else_its_kustomization_applies() -> None:
    check = Sketch("check", spec=checking("Namespace", "shop"))
    makers = Sketch("one", needs=("Part",), objects=(SHOP,)), Sketch("parts", releases={"parts": ("Part",)})

    assert late(played(check, *makers, Sketch("apps", needs=("Part",), after=("check",)))) == ["apps", "one"]


def test_who_reads_what_another_one_applies_has_what_that_one_needed() -> None:
    settings: Body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "flux-system"},
    }
    reads: Body = {"postBuild": {"substituteFrom": [{"kind": "ConfigMap", "name": "settings"}]}}
    maker = Sketch("maker", objects=(settings, SHOP))
    root = Sketch("root")
    reader = Sketch("reader", objects=(NAMESPACED,), parents=("root",), spec=reads)

    assert late(played(root, maker, reader)) == []
    assert late(played(root, maker, replace(reader, spec={}))) == ["reader"]
