"""What is gated when a Kustomization first tries."""

from __future__ import annotations

import pytest

from bot.simulate.stage import stage
from bot.simulate.sure import held, sure
from tests.sketched_cluster import Sketch, cluster, ks, played


def known(name: str, *sketches: Sketch) -> list[str]:
    """The kinds that are sure to be there when a Kustomization first tries."""
    whole = stage(cluster(*sketches))
    found = sure(whole, 0, frozenset(), held(whole, 0, whole.needed, whole.cluster.nodes.keys()))
    return sorted(fact.what.kind for fact in whole.facts(found.before[ks(name)]))


def test_a_deadlock_beside_a_child_takes_nothing_from_what_its_parents_brought() -> None:
    sketches = (
        Sketch("all", defines=("Thing",), spec={"wait": True}),
        Sketch("locked", parents=("all",), after=("all",)),
        Sketch("child", parents=("all", "locked")),
    )

    for order in (sketches, sketches[::-1]):
        assert known("child", *order) == ["Thing"]


def test_a_child_of_two_parents_is_sure_only_of_what_both_brought() -> None:
    one = Sketch("one", defines=("Thing", "Part"))
    other = Sketch("other", defines=("Part",))

    assert known("child", one, other, Sketch("child", parents=("one", "other"))) == ["Part"]


def test_members_of_a_circle_keep_what_they_bring_themselves() -> None:
    one, other = Sketch("one", defines=("Thing",), after=("other",)), Sketch("other", defines=("Part",), after=("one",))

    assert known("one", one, other) == known("one", other, one) == ["Part", "Thing"]


def test_a_release_that_waits_for_one_of_another_kustomization_vouches_for_it() -> None:
    check = {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "name": "second"}
    second = Sketch(
        "second",
        releases={"second": ()},
        release_spec={"dependsOn": [{"name": "first"}]},
        spec={"healthChecks": [{**check, "namespace": "flux-system"}]},
    )

    assert known(
        "apps", Sketch("apps", after=("second",)), second, Sketch("first", releases={"first": ("Thing",)})
    ) == ["Thing"]


def test_a_chain_that_is_longer_than_any_recursion_is_no_trouble() -> None:
    chain = [
        Sketch(f"k{place}", after=(f"k{place - 1}",) if place else (), defines=("Thing",)) for place in range(2000)
    ]

    assert known("k1999", *chain) == ["Thing"]
    assert known("k1999", *chain[::-1]) == ["Thing"]


@pytest.mark.timeout(60)
def test_one_release_that_two_kustomizations_write_differently_comes_to_an_end() -> None:
    held = Sketch("held", releases={"shop": ()}, release_spec={"suspend": True})
    running = Sketch("running", releases={"shop": ("Thing",)}, needs=("Thing",))

    play = played(cluster(held, running)).fresh

    assert ks("held") in play.ready


def test_who_needs_a_kind_of_a_release_is_sure_of_all_its_kinds_once_it_is_applied() -> None:
    infra = Sketch("infra", releases={"operator": ("Thing", "Part")})
    stores = Sketch("stores", needs=("Thing",))

    assert known("apps", infra, stores, Sketch("apps", after=("stores",))) == ["Part", "Thing"]


def test_a_kind_that_two_releases_bring_says_nothing_about_the_other_kinds_of_either() -> None:
    infra = Sketch("infra", releases={"operator": ("Thing", "Part"), "other": ("Thing",)})
    stores = Sketch("stores", needs=("Thing",))

    assert known("apps", infra, stores, Sketch("apps", after=("stores",))) == ["Thing"]


def test_a_suspended_release_is_no_other_way_in_which_a_kind_can_come() -> None:
    held = Sketch("held", releases={"other": ("Thing",)}, release_spec={"suspend": True})
    infra = Sketch("infra", releases={"operator": ("Thing", "Part")})
    stores = Sketch("stores", needs=("Thing",))

    assert known("apps", infra, held, stores, Sketch("apps", after=("stores",))) == ["Part", "Thing"]


def test_what_is_stuck_says_nothing_of_what_its_needs_come_with() -> None:
    infra = Sketch("infra", needs=("Part",), releases={"operator": ("Thing", "Part")}, after=("storage",))

    fresh = played(cluster(infra, Sketch("storage", needs=("Thing",)))).fresh

    assert [str(need.missing) for need in fresh.unsure(ks("infra"))] == ["Part.example.org/v1"]
