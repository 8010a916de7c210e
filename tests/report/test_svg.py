"""The order of clusters as a drawing."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from bot.model.review import Conclusion, Review
from bot.report.svg import render_svg
from bot.view.view import View
from bot.view.viewing import viewed
from tests.sketched_cluster import Sketch, cluster, played

REVIEW = Review(Conclusion.SUCCESS, (), ())
FLEET = (
    Sketch("root"),
    Sketch("crds", defines=("Thing",), parents=("root",)),
    Sketch("apps", needs=("Thing",), parents=("root",)),
    Sketch("stuck", releases={"one": ("Other",)}, needs=("Other",), parents=("root",)),
    Sketch("behind", after=("stuck",), parents=("root",)),
)


def view(*sketches: Sketch, before: tuple[Sketch, ...] | None = None) -> View:
    after = {"main": played(cluster(*sketches))}
    return viewed(REVIEW, after, {"main": played(cluster(*before))} if before else after)


def drawn(found: View) -> ElementTree.Element:
    # Our own text a line above, not a stranger's.
    return ElementTree.fromstring(render_svg(found))  # noqa: S314


def classes(drawing: ElementTree.Element, tag: str) -> list[str]:
    return [one.get("class", "") for one in drawing.iter(f"{{http://www.w3.org/2000/svg}}{tag}")]


def test_every_outcome_has_a_shape_and_a_word_of_its_own() -> None:
    found = drawn(view(*FLEET))

    boxes = [one.split()[0] for one in classes(found, "g") if one]
    texts = [one.text for one in found.iter() if one.get("class") == "quiet"]
    corners = [one.get("rx") for one in found.iter() if one.get("class") == "box"]
    assert sorted(boxes) == ["blocked", "late", "ready", "ready", "stuck"]
    assert sorted(map(str, texts)) == ["never ready", "ready", "ready", "ready only by a retry", "waits for ever"]
    assert sorted(map(str, corners)) == ["0", "0", "23", "9", "9"]


def test_a_change_shows_what_is_new_and_what_is_gone() -> None:
    before = (Sketch("root"), Sketch("a", parents=("root",)), Sketch("b", after=("a",), parents=("root",)))
    after = (Sketch("root"), Sketch("b", parents=("root",)), Sketch("c", after=("b",), parents=("root",)))

    found = drawn(view(*after, before=before))

    assert {"ready added", "ready changed", "ready removed"} <= set(classes(found, "g"))
    assert {"added", "gone"} <= set(classes(found, "path"))


def test_an_order_that_is_missing_is_drawn() -> None:
    found = drawn(view(*FLEET))

    [missing] = [one for one in found.iter() if one.get("class") == "missing"]
    assert next(iter(missing)).text == (
        "apps after crds (missing): Thing/flux-system/a-thing needs Thing.example.org, which"
        " Kustomization/flux-system/crds brings; nothing orders the two"
    )


def test_a_wave_with_many_boxes_has_several_columns_and_no_two_stand_in_one_place() -> None:
    found = drawn(view(Sketch("root"), *(Sketch(f"app-{at}", parents=("root",)) for at in range(70))))

    places = [one.get("transform") for one in found.iter() if one.get("transform") and one.get("class")]
    assert len(places) == len(set(places)) == 71
    assert len({str(place).split()[0] for place in places}) == 4


def test_nothing_to_draw_is_a_drawing_too() -> None:
    assert drawn(View(REVIEW, (), (), is_compared=False)).tag.endswith("svg")


@given(st.text(min_size=1).filter(str.strip))
def test_no_name_breaks_the_drawing_or_brings_an_element(name: str) -> None:
    plain, hostile = (drawn(view(Sketch("root"), Sketch(one, parents=("root",)))) for one in ("x", f"{name}x"))

    assert [one.tag for one in hostile.iter()] == [one.tag for one in plain.iter()]
    assert "script" not in {one.tag.rpartition("}")[2] for one in hostile.iter()}


def test_the_same_view_is_drawn_the_same() -> None:
    assert render_svg(view(*FLEET)) == render_svg(view(*FLEET))
