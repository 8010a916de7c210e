"""Who lacks which order, and what would gate it."""

from __future__ import annotations

from dataclasses import replace

from bot.model.cluster import Confidence, Provided
from bot.simulate.order import Gap, Opening, openings
from bot.simulate.play import play
from bot.simulate.stage import stage
from tests.sketched_cluster import Sketch, cluster, kind, ks

OPERATOR = Sketch("infra", releases={"operator": ("Thing",)})
APPS = Sketch("apps", needs=("Thing",))
WAIT = {"wait": True}


def found(*sketches: Sketch, provided: Provided | None = None) -> list[Opening]:
    return list(openings(play(stage(cluster(*sketches, provided=provided)))))


def told(*sketches: Sketch) -> list[tuple[Gap, str, str]]:
    """Each opening as its gap, the name of the one that should wait, and of the one to wait for."""
    return [(one.gap, one.dependent.name, one.owner.name) for one in found(*sketches)]


def test_what_brings_the_kind_is_in_the_same_kustomization() -> None:
    [opening] = found(replace(OPERATOR, needs=("Thing",)))

    assert (opening.gap, opening.dependent, opening.owner) == (Gap.WITHIN, ks("infra"), ks("infra"))
    assert str(opening.provider.by) == "HelmRelease/flux-system/operator"
    assert str(opening.need.resource.ref) == "Thing/flux-system/a-thing"


def test_what_brings_the_kind_is_in_a_child_of_the_one_that_needs_it() -> None:
    all_of_it = Sketch("all", needs=("Thing",))

    assert told(all_of_it, replace(OPERATOR, parents=("all",))) == [(Gap.WITHIN, "all", "infra")]
    assert told(all_of_it, Sketch("mid", parents=("all",)), replace(OPERATOR, parents=("mid",))) == [
        (Gap.WITHIN, "all", "infra")
    ]


def test_no_way_leads_to_what_brings_the_kind() -> None:
    assert told(APPS, OPERATOR) == [(Gap.NO_PATH, "apps", "infra")]


def test_a_way_leads_there_but_nothing_is_awaited() -> None:
    [opening] = found(replace(APPS, after=("infra",)), OPERATOR)

    assert (opening.gap, opening.path) == (Gap.NOT_AWAITED, ks("infra"))


def test_a_way_over_others_leads_there_but_nothing_is_awaited() -> None:
    sketches = (replace(APPS, after=("mid",)), Sketch("mid", after=("infra",)), OPERATOR)

    assert told(*sketches) == [(Gap.NOT_AWAITED, "apps", "infra")]


def test_a_way_of_the_parent_is_one_of_the_child() -> None:
    sketches = (replace(APPS, parents=("all",)), Sketch("all", after=("infra",)), OPERATOR)

    assert told(*sketches) == [(Gap.NOT_AWAITED, "apps", "infra")]


def test_the_dependency_only_creates_the_one_that_brings_the_kind() -> None:
    [opening] = found(
        replace(APPS, after=("all",)), Sketch("all"), replace(OPERATOR, parents=("all",), spec=dict(WAIT))
    )

    assert (opening.gap, opening.path, opening.owner) == (Gap.BEHIND_AGGREGATE, ks("all"), ks("infra"))


def test_nothing_is_open_where_the_order_is_there() -> None:
    assert told(replace(APPS, after=("infra",)), replace(OPERATOR, spec=dict(WAIT))) == []


def test_nothing_is_open_where_the_kind_is_there_before_flux() -> None:
    assert found(APPS, OPERATOR, provided=Provided(kinds={kind("Thing"): "bootstrap"})) == []


def test_one_gated_provider_of_several_is_enough() -> None:
    other = Sketch("other", releases={"second": ("Thing",)})

    assert told(replace(APPS, after=("infra",)), replace(OPERATOR, spec=dict(WAIT)), other) == []


def test_of_several_providers_the_one_on_the_way_is_named() -> None:
    other = Sketch("a-other", releases={"second": ("Thing",)})

    assert told(replace(APPS, after=("infra",)), OPERATOR, other) == [(Gap.NOT_AWAITED, "apps", "infra")]


def test_of_several_providers_the_surest_is_named() -> None:
    guess = Sketch("a-guess", releases={"second": ("Thing",)}, confidence=Confidence.GUESS)

    assert told(APPS, OPERATOR, guess) == [(Gap.NO_PATH, "apps", "infra")]


def test_of_equally_sure_providers_the_first_by_name_is_named() -> None:
    other = Sketch("a-other", releases={"second": ("Thing",)})

    assert told(APPS, OPERATOR, other) == told(other, OPERATOR, APPS) == [(Gap.NO_PATH, "apps", "a-other")]


def test_an_order_that_would_be_a_circle_is_not_asked_for() -> None:
    assert told(APPS, replace(OPERATOR, after=("apps",))) == []


def test_a_provider_in_another_target_cluster_is_none() -> None:
    remote = replace(OPERATOR, spec={"kubeConfig": {"secretRef": {"name": "edge"}}})

    assert told(APPS, remote) == []


def test_every_kind_is_an_opening_of_its_own() -> None:
    brings = Sketch("infra", releases={"one": ("Thing",), "two": ("Part",)})

    assert sorted(str(one.need.missing) for one in found(Sketch("apps", needs=("Part", "Thing")), brings)) == [
        "Part.example.org/v1",
        "Thing.example.org/v1",
    ]
