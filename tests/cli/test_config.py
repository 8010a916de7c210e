"""What `fluxbot config` says."""

from __future__ import annotations

import pytest

from tests.command_line import CommandLine
from tests.config.test_schema import PUBLISHED


def test_the_schema_is_the_one_in_the_manual(fluxbot: CommandLine) -> None:
    said = fluxbot.run("config", "schema")

    assert (said.status, said.out, said.err) == (0, PUBLISHED.read_text(), "")


def test_mistakes_are_printed_with_their_line(fluxbot: CommandLine) -> None:
    fluxbot.write({".fluxbot.yaml": "version: 1\ncoment: never\n"})

    said = fluxbot.run("config", "check")

    assert (said.status, said.err) == (1, "")
    assert said.out == ".fluxbot.yaml:2: `coment` is not a key of the file; the nearest is `comment`\n"


def test_a_file_without_mistakes_says_nothing(fluxbot: CommandLine) -> None:
    fluxbot.write({"defaults/other.yaml": "version: 1\ncomment: never\n"})

    said = fluxbot.run("config", "check", "defaults/other.yaml")

    assert (said.status, said.out, said.err) == (0, "", "")


def test_a_tree_without_a_file_has_the_defaults(fluxbot: CommandLine) -> None:
    fluxbot.write({"README.md": "x\n"})

    assert "the defaults hold" in fluxbot.run("config", "check").out


@pytest.mark.parametrize("path", ["nowhere", "nowhere/.fluxbot.yaml"])
def test_what_is_not_there_is_a_wrong_question(fluxbot: CommandLine, path: str) -> None:
    assert fluxbot.run("config", "check", path).status == 2
