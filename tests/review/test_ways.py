"""The ways by which one object waits for another, and what waits for one."""

from __future__ import annotations

from itertools import pairwise

from bot.review.course import course, moved
from bot.review.impact import impact
from bot.review.ways import MOST_WAYS, explain_between, ways
from bot.simulate.link import links
from tests.sketched_cluster import Sketch, cluster, hr, ks, played


def test_every_way_of_a_diamond_is_told_and_the_shortest_first() -> None:
    case = played(
        cluster(
            Sketch("base"),
            Sketch("left", after=("base",)),
            Sketch("right", after=("base",)),
            Sketch("top", after=("left", "right", "base")),
        )
    )

    found, is_all = ways(links(case.fresh.stage), ks("top"), ks("base"))

    assert is_all
    assert [[link.other.ref.name for link in way] for way in found] == [["base"], ["left", "base"], ["right", "base"]]


def test_a_way_through_a_wait_names_the_release() -> None:
    case = played(
        cluster(
            Sketch("operators", releases={"certs": ("Issuer",)}, spec={"wait": True}),
            Sketch("issuers", needs=("Issuer",), after=("operators",)),
        )
    )

    text = "\n".join(line.text for line in explain_between(case, ks("issuers"), hr("certs")))

    assert "way 1 of 2" in text
    assert "is not ready before `HelmRelease/flux-system/certs` is healthy" in text


def test_objects_without_any_way_are_said_to_have_none() -> None:
    case = played(cluster(Sketch("one"), Sketch("two")))

    text = [line.text for line in explain_between(case, ks("one"), ks("two"))]

    assert "nothing makes `Kustomization/flux-system/one` wait for `Kustomization/flux-system/two`" in text


def test_a_lattice_ends_and_says_that_there_may_be_more() -> None:
    layers = [[f"n{layer}-{number}" for number in range(5)] for layer in range(11)]
    sketches = [Sketch(name) for name in layers[0]]
    for below, layer in pairwise(layers):
        sketches += [Sketch(name, after=tuple(below)) for name in layer]
    case = played(cluster(*sketches))

    text = [line.text for line in explain_between(case, ks("n10-0"), ks("n0-0"))]

    assert any("or more" in line for line in text)
    assert sum(line.startswith("way ") for line in text) <= MOST_WAYS


def test_impact_tells_the_direct_ones_with_the_reason_and_the_others_by_name() -> None:
    case = played(
        cluster(
            Sketch("base", spec={"prune": True}),
            Sketch("middle", after=("base",)),
            Sketch("top", after=("middle",)),
            Sketch("apart"),
        )
    )

    text = "\n".join(line.text for line in impact(case, ks("base")))

    assert "1 object waits for it directly:" in text
    assert "`Kustomization/flux-system/middle` depends on `Kustomization/flux-system/base`" in text
    assert "1 more waits for these: `Kustomization/flux-system/top`" in text
    assert "apart" not in text


def test_what_nothing_waits_for_is_said_to_be_so() -> None:
    case = played(cluster(Sketch("alone"), Sketch("apart")))

    assert "nothing in this cluster waits for it" in [line.text for line in impact(case, ks("alone"))]


def test_the_course_names_what_is_new_and_what_moved() -> None:
    before = played(cluster(Sketch("base"), Sketch("app"), Sketch("lone")))
    after = played(cluster(Sketch("base"), Sketch("app", after=("base",)), Sketch("lone"), Sketch("new")))

    text = "\n".join(line.text for line in course(after, before))

    assert "`app` (was wave 1)" in text
    assert "`new` (new)" in text
    assert "`lone`," in text


def test_only_what_moved_is_compared() -> None:
    base, app = ks("base"), ks("app")

    assert moved([[base, app]], [[base], [app]]) == ((app, 1, 2),)
    assert moved([[base]], [[base], [app]]) == ((app, 0, 2),)
    assert moved([[base, app]], [[base]]) == ((app, 1, 0),)
