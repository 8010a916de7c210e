"""The simulation agrees with a literal play of the controllers on who becomes ready, and who only by a retry."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from bot.model.ref import Ref
from bot.simulate.link import Moment
from bot.simulate.play import Play, play
from bot.simulate.ring import rings
from bot.simulate.stage import stage
from tests.flat_answerer import FlatAnswerer
from tests.hostile.cases import strangers
from tests.laws.fleets import ROOT, Fleet, Herd, Tree, fleets, overlapping
from tests.laws.literal_player import Ending
from tests.laws.literal_player import play as play_literally
from tests.loaded_cluster import loaded

SHARE = 10
"""By this the number of cases is divided: a case plays thousands of reconciliations."""


def played(fleet: Fleet) -> Play:
    return play(stage(loaded(fleet.texts(), FlatAnswerer(fleet.rendered()))))


def literally(fleet: Fleet) -> Ending:
    return play_literally(fleet.world())


def named(refs: Iterable[Ref]) -> set[str]:
    return {f"{ref.kind}/{ref.namespace}/{ref.name}" for ref in refs}


def of_kind(names: Iterable[str], kind: str) -> set[str]:
    return {name for name in names if name.startswith(f"{kind}/")}


@strangers(share=SHARE)
@given(st.one_of(fleets(), overlapping()))
def test_a_literal_play_brings_up_the_same_and_refuses_the_same_at_first(fleet: Fleet) -> None:
    found, ending = played(fleet), literally(fleet)

    assert named(found.applied) == ending.applied
    assert named(found.ready) == of_kind(ending.ready, "Kustomization")
    assert named(found.released) == of_kind(ending.ready, "HelmRelease")
    late = named(ref for ref in found.cluster.nodes if found.is_late(ref))
    refused_at_first = ending.refused & ending.ready
    assert refused_at_first <= late
    if ending.complete:
        assert late == refused_at_first


@strangers(share=SHARE)
@given(st.one_of(fleets(), overlapping()))
def test_no_step_of_a_ring_ever_happens_in_a_literal_play(fleet: Fleet) -> None:
    found, ending = played(fleet), literally(fleet)
    happened = {Moment.APPLIED: ending.applied, Moment.READY: ending.ready}

    for ring in rings(found.stage):
        for step in (link.step for link in ring.links):
            assert not named((step.ref,)) & happened.get(step.moment, frozenset()), ring


def ready(*herds: Herd) -> list[str]:
    return sorted(name.rpartition("/")[2] for name in literally(Fleet(herds)).ready)


def refused(*herds: Herd) -> list[str]:
    return sorted(name.rpartition("/")[2] for name in literally(Fleet(herds)).refused)


OAK = Tree("oak", crds=("Thing",))
NEEDY = Herd("bees", applies=(("Thing", ROOT),))


def test_the_literal_player_never_applies_a_custom_resource_beside_the_release_of_its_kind() -> None:
    herd = Herd("bees", applies=(("Thing", ROOT),), releases=(OAK,))

    assert ready(herd) == [ROOT]
    assert refused(herd) == ["bees"]


def test_the_literal_player_retries_what_came_too_early() -> None:
    ants = Herd("ants", releases=(OAK,))

    assert ready(ants, NEEDY) == ["ants", "bees", ROOT, "oak"]
    assert refused(ants, NEEDY) == ["bees"]


def test_the_literal_player_holds_who_depends_on_a_waiting_one_until_its_releases_are_ready() -> None:
    ants = Herd("ants", waits=True, releases=(OAK,))
    bees = Herd("bees", after=("ants",), applies=(("Thing", ROOT),))

    assert ready(ants, bees) == ["ants", "bees", ROOT, "oak"]
    assert refused(ants, bees) == []


def test_the_literal_player_applies_definitions_and_namespaces_before_the_rest() -> None:
    herd = Herd("bees", namespaces=("shop",), defines=("Thing",), applies=(("Thing", "shop"),))

    assert ready(herd) == ["bees", ROOT]
    assert refused(herd) == []


def test_the_literal_player_never_gets_past_a_parent_that_waits_for_who_depends_on_it() -> None:
    assert ready(Herd("ants", waits=True), Herd("bees", parents=("ants",), after=("ants",))) == [ROOT]


def test_the_literal_player_never_installs_a_chart_whose_templates_need_their_own_definitions() -> None:
    assert ready(Herd("ants", releases=(Tree("oak", defines=("Thing",), applies=("Thing",)),))) == ["ants", ROOT]


def test_the_literal_player_keeps_the_definitions_of_a_chart_that_is_not_installed() -> None:
    ants = Herd("ants", releases=(Tree("oak", crds=("Thing",), defines=("Part",), applies=("Part",)),))

    assert ready(ants, NEEDY) == ["ants", "bees", ROOT]


def test_the_literal_player_takes_a_suspended_release_for_healthy_and_a_suspended_kustomization_not() -> None:
    assert ready(Herd("ants", waits=True, releases=(Tree("oak", suspended=True),))) == ["ants", ROOT]
    assert ready(Herd("ants", waits=True), Herd("bees", parents=("ants",), suspended=True)) == [ROOT]
