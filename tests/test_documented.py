"""The examples of the docs: they print what the pages say, and what is not run is at least what there is."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from bot.cli import parser
from tests.command_page import COMMANDS, page
from tests.documented import DOCS, ROOT, as_run, pages
from tests.terminal_picture import PICTURE, picture

WRITTEN = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md")))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


def blocks(path: Path, *languages: str) -> list[str]:
    """The blocks of a page in these languages; one that names none is in ``""``."""
    tokens = MarkdownIt().parse(path.read_text())
    return [token.content for token in tokens if token.type == "fence" and token.info.strip() in languages]


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_the_examples_of_a_page_print_what_stands_there(path: Path) -> None:
    assert path.read_text() == as_run(path)


def test_the_pages_for_beginners_have_examples_that_are_run() -> None:
    assert {"first-review.md", "how-flux-orders.md"} <= {path.name for path in pages()}


def test_the_page_of_commands_is_what_the_command_line_takes() -> None:
    assert COMMANDS.read_text() == page()


def test_the_picture_of_a_review_is_the_review() -> None:
    assert PICTURE.read_text() == picture()


def commands(path: Path) -> Iterator[str]:
    """The command lines of a page that begin with fluxbot; forms with options in brackets are left out."""
    for block in blocks(path, "", "console"):
        for line in block.splitlines():
            bare = line.removeprefix("$ ")
            if bare.startswith("fluxbot ") and not set("|[") & set(bare):
                yield bare


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_every_command_in_the_docs_is_one_that_the_command_line_takes(path: Path) -> None:
    for command in commands(path):
        parser().parse_args(shlex.split(command, comments=True)[1:])


def test_every_target_of_make_in_the_docs_is_there() -> None:
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        name
        for path in WRITTEN
        for text, sign in ((path.read_text(), "`"), ("".join(blocks(path, "")), "^"))
        for name in re.findall(rf"{sign}make ([a-z-]+)", text, re.MULTILINE)
    }

    assert {"demo", "test", "setup"} <= named
    assert named - there == set()


def test_the_workflow_and_the_hooks_of_the_docs_are_those_of_the_project() -> None:
    workflow, hooks, *_ = (yaml.safe_load(text) for text in blocks(DOCS / "deploying.md", "yaml"))
    steps: list[dict[str, Any]] = workflow["jobs"]["review"]["steps"]

    assert [set(step["with"]) - set(ACTION["inputs"]) for step in steps if "fluxbot" in step["uses"]] == [set()]
    assert {hook["id"] for hook in hooks["repos"][0]["hooks"]} == {hook["id"] for hook in HOOKS}


def test_the_inputs_of_the_action_are_in_the_docs_with_their_defaults() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*?) \|", (DOCS / "deploying.md").read_text(), re.MULTILINE))

    assert set(ACTION["inputs"]) <= set(rows)
    assert rows["path"] == f"`{ACTION['inputs']['path']['default']}`"
    assert rows["fetch"] == f"`{ACTION['inputs']['fetch']['default']}`"


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_every_yaml_in_the_docs_can_be_read(path: Path) -> None:
    for text in blocks(path, "yaml"):
        assert all(one for one in yaml.safe_load_all(text))
