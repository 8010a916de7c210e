"""Cycles in a graph."""

from __future__ import annotations

from bot.graph.cycles import cycles, ways_back

TWO_ROUNDS = {1: [2], 2: [3], 3: [1, 4], 4: [3], 5: [1]}


def test_a_graph_without_a_cycle_has_none() -> None:
    assert list(cycles({1: [2, 3], 2: [3], 3: []})) == []
    assert list(ways_back({1: [2, 3], 2: [3], 3: []}, lambda _tail, _head: True)) == []


def test_each_knot_has_one_shortest_cycle_that_begins_at_its_smallest_member() -> None:
    assert list(cycles({**TWO_ROUNDS, 7: [8], 8: [7], 9: [9]})) == [(1, 2, 3), (7, 8), (9,)]


def test_edges_to_what_is_no_member_are_passed_over() -> None:
    assert list(cycles({1: [2, 99], 2: [1]})) == [(1, 2)]


def test_each_edge_on_a_cycle_has_a_shortest_way_back() -> None:
    found = list(ways_back(TWO_ROUNDS, lambda _tail, _head: True))

    assert found == [(1, 2, 3), (2, 3, 1), (3, 1, 2), (3, 4), (4, 3)]


def test_only_edges_that_are_asked_for_are_followed_back() -> None:
    found = list(ways_back(TWO_ROUNDS, lambda tail, head: (tail, head) in {(3, 4), (5, 1)}))

    assert found == [(3, 4)]
