"""The page about security promises nothing that no test holds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "security.md"
HELD_BY = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def said() -> Iterator[str]:
    """The text of every paragraph and every item of a list."""
    tokens = MarkdownIt("commonmark").parse(PAGE.read_text())
    for before, token in pairwise(tokens):
        if token.type == "inline" and before.type != "heading_open":
            yield token.content


@cache
def names_in(path: str) -> frozenset[str]:
    module = ast.parse((ROOT / path).read_text())
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in module.body if isinstance(node, functions) and node.name.startswith("test_"))


def test_the_page_has_many_sentences_and_each_names_a_test() -> None:
    sentences = list(said())

    assert len(sentences) > 40
    assert [sentence for sentence in sentences if not HELD_BY.search(sentence)] == []


def test_every_test_that_the_page_names_is_there() -> None:
    named = [match.groups() for sentence in said() for match in HELD_BY.finditer(sentence)]

    assert [name for path, name in named if name not in names_in(path)] == []


def test_each_item_is_one_sentence() -> None:
    """A second sentence in an item could do without a test of its own."""
    bare = [HELD_BY.sub("", one) for one in said()]

    assert [one for one in bare if re.search(r"[.!?]\s+[A-Z]", one)] == []
