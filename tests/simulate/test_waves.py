"""The order in which a fresh cluster comes up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.simulate.play import play
from bot.simulate.stage import stage
from bot.simulate.waves import waves
from tests.sketched_cluster import Sketch, cluster


def told(*sketches: Sketch) -> list[list[str]]:
    return [[ref.name for ref in wave] for wave in waves(play(stage(cluster(*sketches))))]


def test_those_that_wait_for_nobody_come_first_and_together() -> None:
    assert told(Sketch("b"), Sketch("a")) == [["a", "b"]]


def test_each_comes_after_all_that_it_depends_on() -> None:
    assert told(Sketch("apps", after=("infra", "data")), Sketch("data", after=("infra",)), Sketch("infra")) == [
        ["infra"],
        ["data"],
        ["apps"],
    ]


def test_each_comes_after_its_parent() -> None:
    assert told(Sketch("apps", parents=("all",)), Sketch("all")) == [["all"], ["apps"]]


def test_a_parent_that_waits_for_its_child_comes_before_it_all_the_same() -> None:
    assert told(Sketch("all", spec={"wait": True}), Sketch("apps", parents=("all",))) == [["all"], ["apps"]]


def test_those_that_never_come_up_are_in_no_wave() -> None:
    assert told(Sketch("a", after=("b",)), Sketch("b", after=("a",)), Sketch("c"), Sketch("d", after=("none",))) == [
        ["c"]
    ]


def test_a_long_chain_is_no_trouble() -> None:
    chain = [Sketch(f"k{place}", after=(f"k{place - 1}",) if place else ()) for place in range(300)]

    assert len(told(*chain)) == 300


@given(st.lists(st.lists(st.integers(0, 7), max_size=3), min_size=1, max_size=8))
def test_everything_that_comes_up_is_in_one_wave_behind_all_that_it_depends_on(edges: list[list[int]]) -> None:
    sketches = [Sketch(f"k{place}", after=tuple(f"k{other}" for other in some)) for place, some in enumerate(edges)]
    found = play(stage(cluster(*sketches)))

    level = {ref: number for number, wave in enumerate(waves(found)) for ref in wave}

    assert set(level) == found.applied
    for ref, number in level.items():
        assert all(level[entry.ref] < number for entry in found.cluster.nodes[ref].kustomization.depends_on)
