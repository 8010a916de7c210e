"""The errata of the corpus: what they leave out, and that the manual names each."""

from __future__ import annotations

import json

from tests.corpus import ERRATA, ROOT, averaged, without

EDGE = {"kind": "edge/pull", "repo": "acme/fleet", "sha": "61fe741dde", "dependent": "apps", "hit": ""}
SPLIT = {"kind": "split/pull", "repo": "acme/fleet", "sha": "b9437d0a6d", "hit": "exact"}


def test_a_case_that_is_wrong_in_the_data_is_left_out() -> None:
    edge = {"measure": "edge/pull", "repository": "acme/fleet", "commit": "61fe741d", "about": "apps"}
    split = {"measure": "split/pull", "repository": "acme/fleet", "commit": "b9437d0a", "about": "Plan"}
    other = {**EDGE, "dependent": "web"}

    assert without([EDGE, other, SPLIT], [edge]) == [other, SPLIT]
    assert without([EDGE, other, SPLIT], [split]) == [EDGE, other]


def test_a_repository_with_many_cases_counts_as_much_as_one_with_few() -> None:
    few = {**SPLIT, "repo": "acme/other"}

    assert averaged([EDGE, EDGE, EDGE, few]) == "2 repositories, averaged = 50 %"


def test_the_manual_names_every_case_that_is_wrong_in_the_data() -> None:
    manual = (ROOT / "docs" / "accuracy.md").read_text()

    for one in json.loads(ERRATA.read_text()):
        row = f"| {one['measure']} | {one['repository']} {one['commit']} | {one['about']} | {one['why']} |"
        assert row in manual, row
