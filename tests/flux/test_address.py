"""Which repositories a tree reads."""

from __future__ import annotations

import pytest

from bot.flux.address import neighbours, same_repository
from bot.model.snapshot import Blob, Snapshot

SITE = "https://github.com/acme/fleet"


def tree(*urls: str, kind: str = "GitRepository") -> Snapshot:
    text = "---\n".join(
        f"apiVersion: source.toolkit.fluxcd.io/v1\nkind: {kind}\nmetadata: {{name: a}}\nspec: {{url: '{url}'}}\n"
        for url in urls
    ).encode()
    return Snapshot("head", {"sources.yaml": Blob("1", len(text), text)})


@pytest.mark.parametrize(
    "url", ["https://github.com/acme/app", "https://github.com/Acme/App.git", "ssh://git@github.com/acme/app.git"]
)
def test_a_neighbour_is_known_however_it_is_reached(url: str) -> None:
    assert neighbours(tree(url), SITE) == ("github.com/acme/app",)


@pytest.mark.parametrize("url", ["https://gitlab.com/acme/app", "ssh://git@github.com/acme/fleet", ""])
def test_another_host_and_the_repository_itself_are_none(url: str) -> None:
    assert neighbours(tree(url), SITE) == ()


def test_other_kinds_that_name_a_url_are_none() -> None:
    assert neighbours(tree("https://github.com/acme/app", kind="HelmRepository"), SITE) == ()


def test_an_empty_url_is_no_repository() -> None:
    assert not same_repository("", "")
