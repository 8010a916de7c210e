"""What holds of every view, whatever the cluster."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.model.review import Conclusion, Review
from bot.simulate.case import Case
from bot.simulate.waves import waves
from bot.view.arrangement import arranged
from bot.view.view import Change, ClusterView, Outcome, TieKind
from bot.view.viewing import viewed
from tests.sketched_cluster import Sketch, cluster, played

NAMES = [f"app-{at}" for at in range(7)]
KINDS = ["Thing", "Other"]


@st.composite
def sketches(draw: st.DrawFn) -> tuple[Sketch, ...]:
    """Kustomizations below a root, each after some of the others, with kinds that they need, define and release."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=7))
    some = st.lists(st.sampled_from(KINDS), unique=True, max_size=1).map(tuple)
    others = st.lists(st.sampled_from(names), unique=True, max_size=2).map(tuple) if names else st.just(())
    return (
        Sketch("root"),
        *(
            Sketch(
                name,
                needs=draw(some),
                defines=draw(some),
                releases={f"{name}-release": draw(some)},
                after=tuple(one for one in draw(others) if one != name),
                parents=("root",),
                spec={"wait": draw(st.booleans())},
            )
            for name in names
        ),
    )


def view(before: Case | None, after: Case) -> ClusterView:
    found = viewed(Review(Conclusion.SUCCESS, (), ()), {"main": after}, {"main": before} if before else {})
    return found.clusters[0]


@given(sketches())
def test_the_layer_of_what_comes_up_is_its_wave_and_its_outcome_that_of_the_play(some: tuple[Sketch, ...]) -> None:
    case = played(cluster(*some))

    states = {box.ref: box.after for box in view(None, case).boxes}

    number = {ref: at for at, wave in enumerate(waves(case.fresh)) for ref in wave}
    assert states.keys() == case.cluster.nodes.keys()
    for ref, state in states.items():
        assert state is not None
        assert ref not in number or state.layer == number[ref]
        assert (state.outcome in (Outcome.READY, Outcome.LATE)) == (ref in case.fresh.ready)
        assert (state.outcome is Outcome.LATE) == case.fresh.is_late(ref)
        assert bool(state.why) == (state.outcome is not Outcome.READY)


@given(sketches())
def test_who_is_blocked_waits_for_one_that_is_not_ready_either(some: tuple[Sketch, ...]) -> None:
    found = view(None, played(cluster(*some)))
    states = {box.ref: box.after for box in found.boxes}

    for box in found.boxes:
        if box.after and box.after.outcome is Outcome.BLOCKED:
            heads = [states[tie.head] for tie in found.ties if tie.tail == box.ref]
            assert any(head and head.outcome in (Outcome.STUCK, Outcome.BLOCKED) for head in heads)


@given(sketches(), sketches())
def test_both_sides_stand_in_one_view_and_each_box_says_what_became_of_it(
    before: tuple[Sketch, ...], after: tuple[Sketch, ...]
) -> None:
    old, new = played(cluster(*before)), played(cluster(*after), cluster(*before))

    found = view(old, new)

    for box in found.boxes:
        assert (box.before is not None, box.after is not None) == (
            box.ref in old.cluster.nodes, box.ref in new.cluster.nodes
        )  # fmt: skip
        assert (box.change is Change.ADDED) == (box.before is None)
        assert (box.change is Change.REMOVED) == (box.after is None)
    for tie in found.ties:
        assert tie.before or tie.after
        assert tie.tail != tie.head
        reasons = [one for side in (tie.before, tie.after) if side for one in side.told]
        assert reasons
        assert all(one.at for one in reasons)
    written = {(one.tail, one.head) for one in found.ties if one.kind is TieKind.DEPENDS_ON and one.after}
    assert written == {
        (ref, entry.ref)
        for ref, node in new.cluster.nodes.items()
        for entry in node.kustomization.depends_on
        if entry.ref in new.cluster.nodes
    }


@given(sketches(), sketches())
def test_a_view_turned_round_is_the_same_with_its_sides_turned_round(
    before: tuple[Sketch, ...], after: tuple[Sketch, ...]
) -> None:
    old, new = played(cluster(*before)), played(cluster(*after))

    there, back = view(old, new), view(new, old)

    assert {box.ref: box.change for box in back.boxes if box.change is Change.CHANGED} == {
        box.ref: box.change for box in there.boxes if box.change is Change.CHANGED
    }
    assert [(tie.tail, tie.head, tie.kind, tie.after, tie.before) for tie in back.ties] == [
        (tie.tail, tie.head, tie.kind, tie.before, tie.after) for tie in there.ties
    ]


@given(sketches())
def test_every_box_is_arranged_in_the_columns_of_its_wave_and_alone_in_its_place(some: tuple[Sketch, ...]) -> None:
    found = view(None, played(cluster(*some)))

    where = arranged(found)

    assert len(set(where.spots.values())) == len(found.boxes)
    for box in found.boxes:
        assert box.after is not None
        first, across = where.waves[box.after.layer]
        assert first <= where.spots[box.ref][0] < first + across
        assert where.spots[box.ref][1] < where.rows
