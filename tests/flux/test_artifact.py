"""What the artifacts of an ArtifactGenerator hold."""

from __future__ import annotations

import pytest

from bot.flux.artifact import artifact, copies_of, glob
from bot.flux.tree import Tree
from bot.model.field import Body
from tests.example_tree import body, snapshot

FILES = {
    "infra/base/a.yaml": "a: 1\n",
    "infra/base/deep/b.yaml": "b: 1\n",
    "infra/readme.md": "x\n",
    "apps/web/c.yaml": "c: 1\n",
    "top.yaml": "d: 1\n",
}


def places(*copies: Body) -> dict[str, str]:
    found = artifact(snapshot(FILES), {"repo": True, "other": False}, copies)
    assert isinstance(found, Tree)
    return dict(found.places or {})


def copy(source: str, to: str, **more: list[str]) -> Body:
    return {"from": source, "to": to, **{name: [*values] for name, values in more.items()}}


def test_all_below_a_directory_is_copied_by_two_stars() -> None:
    assert places(copy("@repo/infra/**", "@artifact/")) == {
        "base/a.yaml": "infra/base/a.yaml",
        "base/deep/b.yaml": "infra/base/deep/b.yaml",
        "readme.md": "infra/readme.md",
    }


def test_one_star_stays_in_its_directory() -> None:
    assert places(copy("@repo/infra/base/*", "@artifact/x/")) == {"x/a.yaml": "infra/base/a.yaml"}


def test_a_plain_directory_becomes_the_destination_or_goes_into_it() -> None:
    assert places(copy("@repo/apps/web", "@artifact/site")) == {"site/c.yaml": "apps/web/c.yaml"}
    assert places(copy("@repo/apps/web", "@artifact/site/")) == {"site/web/c.yaml": "apps/web/c.yaml"}


def test_a_single_file_becomes_the_destination_or_goes_into_it() -> None:
    assert places(copy("@repo/top.yaml", "@artifact/new.yaml")) == {"new.yaml": "top.yaml"}
    assert places(copy("@repo/top.yaml", "@artifact/")) == {"top.yaml": "top.yaml"}


def test_what_is_excluded_is_left_out() -> None:
    assert places(copy("@repo/infra/**", "@artifact/", exclude=["*.md", "base/deep/**"])) == {
        "base/a.yaml": "infra/base/a.yaml"
    }


def test_a_later_copy_wins_over_an_earlier_one() -> None:
    assert places(copy("@repo/top.yaml", "@artifact/x.yaml"), copy("@repo/apps/web/c.yaml", "@artifact/x.yaml")) == {
        "x.yaml": "apps/web/c.yaml"
    }


def test_a_copy_of_another_repository_makes_the_artifact_unknown() -> None:
    assert artifact(snapshot(FILES), {"other": False}, [copy("@other/**", "@artifact/")]) is None
    assert artifact(snapshot(FILES), {}, [copy("@nobody/**", "@artifact/")]) is None


def test_an_artifact_leads_back_to_the_repository() -> None:
    tree = artifact(snapshot(FILES), {"repo": True}, [copy("@repo/infra/**", "@artifact/")])

    assert tree
    assert tree.place("base/a.yaml") == "infra/base/a.yaml"
    assert tree.names("base") == ("a.yaml", "deep/")
    assert not tree.has_directory("infra")


def test_only_the_generator_that_names_an_artifact_makes_it() -> None:
    generator = body("spec: {artifacts: [{name: a, copy: [{from: '@r/x', to: '@artifact/'}]}, {name: b}]}")

    assert copies_of(generator, "a") == [{"from": "@r/x", "to": "@artifact/"}]
    assert copies_of(generator, "b") == []
    assert copies_of(generator, "c") is None


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("**", "a/b", True),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/*/b", "a/x/y/b", False),
        ("a?c", "a/c", False),
        ("*.{yaml,yml}", "x.yml", True),
        ("*.{yaml,yml}", "x.json", False),
        ("a.b", "axb", False),
    ],
)
def test_patterns_are_those_of_doublestar(pattern: str, path: str, *, fits: bool) -> None:
    assert bool(glob(pattern).fullmatch(path)) is fits
