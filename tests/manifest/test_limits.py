"""What a hostile file costs to read: never more than its size is worth."""

from __future__ import annotations

import time

import pytest

from bot.manifest.documents import read
from bot.manifest.spans import places
from bot.model.limits import DEEPEST_YAML, YamlLimits

WITHIN = 40.0
"""Seconds; each file here takes about one on a machine that does nothing else, and minutes if time were quadratic."""

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{above}'] * 10)}]\n" for above, name in zip("abcdefgh", "bcdefghi", strict=True)
)

HOSTILE = {
    "a million documents": b"---\na: b\n" * 1_000_000,
    "a million empty documents": b"---\n" * 1_000_000,
    "a million broken documents": b"---\na: [\n" * 1_000_000,
    "a hundred thousand flow sequences in each other": b"[" * 100_000,
    "a hundred thousand flow mappings in each other": b"{a: " * 100_000,
    "a hundred thousand block sequences in each other": b"- " * 100_000,
    "a hundred thousand explicit keys in each other": b"? " * 100_000,
    "declared tags": b"".join(b"%%TAG !t%d! tag:example.org,2000:\n" % n for n in range(200_000)) + b"---\na: b\n",
    "anchors": b"".join(b"- &a%d x\n" % n for n in range(30_000)),
    "aliases of one anchor": b"- &a x\n" + b"- *a\n" * 30_000,
    "merges of one mapping": b"a: &a {x: 1}\nb: {<<: [" + b"*a, " * 30_000 + b"]}\n",
    "one key as long as a file": b"? " + b"a" * 5_000_000 + b"\n: b\n",
    "a key that is too long to be one": b'"' + b"a" * 5_000_000 + b'": b\n',
    "keys of one mapping": b"".join(b"k%d: v\n" % n for n in range(30_000)),
    "one key again and again": b"a: b\n" * 30_000,
    "a scalar as long as a file": b"a: |\n" + b"  xxxxxxxx\n" * 500_000,
    "comments behind an anchor": b"a: &x\n" + b"# c\n" * 500_000 + b"  b\n",
    "blanks in a file that is broken": b"[\n---\n" + b" " * 1_000_000 + b"\n---\n#" + b"x" * 1_000_000,
    "brackets in a flow sequence": b"a: [" + b"[[[x]]], " * 10_000 + b"]\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_reading_ends_in_time_whatever_a_file_holds(name: str) -> None:
    started = time.monotonic()

    reading = read(HOSTILE[name])
    places(HOSTILE[name])

    assert time.monotonic() - started < WITHIN
    assert reading.problem is None or reading.problem.line > 0


def test_of_a_million_documents_the_first_are_read_and_the_rest_is_named() -> None:
    reading = read(HOSTILE["a million documents"])

    assert len(reading.documents) == 10_000
    assert reading.problem is not None
    assert (reading.problem.limit, reading.problem.line) == ("yaml_documents", 20_001)


def test_a_broken_document_does_not_get_around_the_limit_on_documents() -> None:
    reading = read(b"---\na: b\n" * 10 + b"---\na: [\n" + b"---\na: b\n" * 10, YamlLimits(documents=12))

    assert len(reading.documents) == 11
    assert reading.problem is not None
    assert reading.problem.limit == ""


def test_depth_that_passes_the_limit_is_told_from_yaml_that_is_wrong() -> None:
    deep = read(b"a: {b: {c: {d: 1}}}\n---\na: 1\n", YamlLimits(depth=3))
    wrong = read(b"a: {b: [}\n")

    assert deep.problem is not None
    assert (deep.problem.limit, deep.problem.message) == ("yaml_depth", "more than 3 levels of nesting")
    assert [document.body for document in deep.documents] == [{"a": 1}]
    assert wrong.problem is not None
    assert wrong.problem.limit == ""


def test_as_many_values_as_allowed_are_read_and_one_more_is_not() -> None:
    text = b"a: 1\nb: 2\n---\nc: 3\n"  # two mappings, three keys, three values

    assert read(text, YamlLimits(nodes=8)).problem is None
    beyond = read(text, YamlLimits(nodes=7))

    assert beyond.problem is not None
    assert beyond.problem.limit == "yaml_nodes"
    assert [document.body for document in beyond.documents] == [{"a": 1, "b": 2}]


def test_an_alias_counts_as_all_that_it_stands_for() -> None:
    reading = read(LAUGHS.encode())

    assert reading.documents == ()
    assert reading.problem is not None
    assert (reading.problem.limit, reading.problem.message) == ("yaml_nodes", "too many aliases")


def test_a_value_as_deep_as_the_limit_may_be_raised_to_is_read_and_written() -> None:
    flow = b"a: " + b"[" * (DEEPEST_YAML - 1) + b"]" * (DEEPEST_YAML - 1)
    aliases = b"k0: &k0 x\n" + b"".join(b"k%d: &k%d [*k%d]\n" % (n, n, n - 1) for n in range(1, DEEPEST_YAML - 1))

    for text in (flow, aliases):
        reading = read(text, YamlLimits(depth=DEEPEST_YAML))

        assert reading.problem is None
        assert len(repr(reading.documents)) > DEEPEST_YAML
