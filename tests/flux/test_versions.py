"""Which version a range means, as Masterminds/semver documents it."""

from __future__ import annotations

import pytest

from bot.flux.versions import is_exact, is_range, newest

OFFERED = (
    *("0.0.3", "0.0.4", "0.1.0", "0.2.3", "0.2.9", "1.0.0", "1.2.0", "1.2.3", "1.3.0-rc.1", "1.9.9"),
    *("2.0.0-alpha", "2.0.0", "2.1.0", "11.1.0", "latest", "12"),
)


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        *[("", "12"), ("*", "12"), ("x", "12"), ("<12", "11.1.0"), (">= 1.2.x", "12"), ("1.2.3", "1.2.3")],
        *[("^1.2", "1.9.9"), ("^1", "1.9.9"), ("^1.2.3", "1.9.9"), ("~1", "1.9.9"), ("1", "1.9.9"), ("1.x", "1.9.9")],
        *[("~1.2", "1.2.3"), ("~1.2.0", "1.2.3"), ("~> 1.2", "1.2.3"), ("1.2", "1.2.3"), ("1.2.*", "1.2.3")],
        *[("^0.2", "0.2.9"), ("^0.2.3", "0.2.9"), ("^0.0.3", "0.0.3"), ("^0.0", "0.0.4"), ("^0", "0.2.9")],
        *[(">=1 <2", "1.9.9"), (">=1, <2", "1.9.9"), (">=1,<2", "1.9.9"), (">1 <12", "11.1.0"), ("<=1.2", "1.2.3")],
        *[("1.0 - 1.9", "1.9.9"), ("!=12 !=11.1.0", "2.1.0"), ("!=12,!=11.x", "2.1.0"), ("^3 || ~1.2", "1.2.3")],
        *[("v1.2.3", "1.2.3"), ("=1.2.3", "1.2.3"), ("=> 1.2.3 =< 1.3", "1.2.3"), ("^3", None), ("1.2.4", None)],
    ],
)
def test_the_newest_that_satisfies_a_range_is_chosen(wanted: str, chosen: str | None) -> None:
    assert is_range(wanted)
    assert newest(wanted, OFFERED) == chosen


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (">=1.3.0-0 <1.4", None),
        (">=1.3.0-0 <1.4.0-0", "1.3.0-rc.1"),
        ("~1.3.0-0", "1.3.0-rc.1"),
        ("1.3.0-rc.1", "1.3.0-rc.1"),
        ("~1.3", None),
    ],
)
def test_a_pre_release_is_taken_only_where_every_condition_names_one(wanted: str, chosen: str | None) -> None:
    assert newest(wanted, OFFERED) == chosen


def test_pre_releases_are_ordered_by_their_numbers_and_words() -> None:
    ordered = ["1.0.0-1", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0"]

    for place in range(len(ordered)):
        assert newest(">=0.0.0-0", ordered[: place + 1][::-1]) == ordered[place]


def test_a_version_that_is_offered_word_for_word_wins() -> None:
    assert newest("1.2", ["1.2.5", "1.2"]) == "1.2"


@pytest.mark.parametrize(
    "wanted", ["latest", "1.2.3.4", "^", "1.2 ||", "|| 1", ">=a", "1.2.3 and up", "9" * 300, "1..2"]
)
def test_what_is_no_range_is_said_to_be_none(wanted: str) -> None:
    assert not is_range(wanted)
    assert newest(wanted, ["1.2.3", "2.0.0"]) is None


@pytest.mark.parametrize("wanted", ["1.2.3", "v1.2.3", "1.2.3-rc.1+build"])
def test_a_whole_version_is_exact(wanted: str) -> None:
    assert is_exact(wanted)


@pytest.mark.parametrize("wanted", ["", "1.2", "1.x", "=1.2.3", "^1.2.3", "latest", "1.2.3 "])
def test_a_range_is_not_exact(wanted: str) -> None:
    assert not is_exact(wanted)
