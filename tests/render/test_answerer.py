"""The answerer over its cache."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from bot.model.ask import Build, Document, Limit, Refused, Rendered
from bot.model.field import Body
from bot.model.snapshot import Blob
from bot.ports import Answerer
from bot.render.answerer import LocalAnswerer
from bot.render.cache import AnswerCache, default_folder
from bot.render.cell import Cell
from bot.render.limits import Limits
from bot.render.shelf import Shelf


def ask(name: str) -> Build:
    """A build that yields one ConfigMap."""
    text = f"configMapGenerator: [{{name: {name}, options: {{disableNameSuffixHash: true}}}}]\n"
    return Build("", {"kustomization.yaml": Blob(hashlib.sha1(text.encode()).hexdigest(), len(text), text.encode())})  # noqa: S324  # a name as git gives it


def names(answer: object) -> list[object]:
    assert isinstance(answer, Rendered), answer
    return [document.body["metadata"] for document in answer.documents]


def entries(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_each_question_is_answered_by_its_key() -> None:
    answerer: Answerer = LocalAnswerer(AnswerCache())

    answers = answerer.answer([ask("a"), ask("b")])

    assert names(answers[ask("a").key]) == [{"name": "a"}]
    assert names(answers[ask("b").key]) == [{"name": "b"}]


def test_progress_counts_every_question_once_also_equal_and_known_ones() -> None:
    answerer = LocalAnswerer(AnswerCache())
    answerer.answer([ask("a")])
    told: list[int] = []

    answerer.answer([ask("a"), ask("b"), ask("b")], told.append)

    assert told == [1, 2]


def test_nothing_asked_is_nothing_answered() -> None:
    assert LocalAnswerer(AnswerCache()).answer([]) == {}


def test_an_answer_from_disk_equals_the_first_one_and_starts_no_process(tmp_path: Path) -> None:
    first = LocalAnswerer(AnswerCache(Shelf(tmp_path))).answer([ask("a")])
    cannot = Cell(Limits(seconds=0.0))

    second = LocalAnswerer(AnswerCache(Shelf(tmp_path)), cannot).answer([ask("a")])

    assert first == second
    assert names(second[ask("a").key]) == [{"name": "a"}]


@pytest.mark.parametrize("damage", [b"", b"x", b"x" * 200])
def test_a_damaged_entry_is_replaced(tmp_path: Path, damage: bytes) -> None:
    first = LocalAnswerer(AnswerCache(Shelf(tmp_path))).answer([ask("a")])
    [entry] = entries(tmp_path)
    whole = entry.read_bytes()
    entry.write_bytes(damage)

    second = LocalAnswerer(AnswerCache(Shelf(tmp_path))).answer([ask("a")])

    assert first == second
    assert entry.read_bytes() == whole


def test_an_entry_that_was_cut_or_changed_is_removed(tmp_path: Path) -> None:
    AnswerCache(Shelf(tmp_path)).put("key", Rendered((Document({"a": "b"}),)))
    [entry] = entries(tmp_path)
    whole = entry.read_bytes()

    for damaged in (whole[:-1], whole.replace(b'"b"', b'"c"')):
        entry.write_bytes(damaged)

        assert AnswerCache(Shelf(tmp_path)).get("key") is None
        assert not entry.exists()


def test_a_refusal_is_remembered_unless_a_limit_caused_it(tmp_path: Path) -> None:
    cache = AnswerCache(Shelf(tmp_path))

    cache.put("said", Refused("no such file"))
    cache.put("stopped", Refused("took longer", Limit.TIME))

    assert AnswerCache(Shelf(tmp_path)).get("said") == Refused("no such file")
    assert cache.get("stopped") is None


def test_every_value_comes_back_from_disk_as_it_was(tmp_path: Path) -> None:
    body: Body = {"a": [1, 1.5, True, None, "ü\u2028\x00😀"], "b": {"1": {}}, "c": -(10**30)}
    answer = Rendered((Document(body, "text: $a\n"),), (Document({"kind": "CRD"}),))
    AnswerCache(Shelf(tmp_path)).put("key", answer)

    assert AnswerCache(Shelf(tmp_path)).get("key") == answer


def test_the_entries_that_were_not_used_for_the_longest_time_go_first(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most=3000)
    now = time.time()
    for age, key in ((300, "aa-used"), (200, "bb-old"), (100, "cc-new")):
        shelf.put(key, b"x" * 900)
        os.utime(tmp_path / key[:2] / key, (now - age, now - age))
    shelf.get("aa-used")

    shelf.put("dd-newest", b"x" * 900)

    assert {path.name for path in entries(tmp_path)} == {"aa-used", "cc-new", "dd-newest"}


def test_an_entry_that_nobody_used_for_a_month_goes_when_the_shelf_is_next_written_to(tmp_path: Path) -> None:
    now = time.time()
    for age, key in ((31, "aa-old"), (29, "bb-used")):
        Shelf(tmp_path).put(key, b"x")
        os.utime(tmp_path / key[:2] / key, (now - age * 86_400, now - age * 86_400))

    Shelf(tmp_path).put("cc-new", b"x")

    assert {path.name for path in entries(tmp_path)} == {"bb-used", "cc-new"}


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = AnswerCache(Shelf(tmp_path / "file"))

    cache.put("key", Refused("no"))

    assert cache.get("key") == Refused("no")
    assert (tmp_path / "file").read_text() == "in the way"


def test_no_half_written_entry_is_left_on_the_shelf(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)

    for _ in range(20):
        shelf.put("same", b"entry")

    assert [path.name for path in entries(tmp_path)] == ["same"]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"XDG_CACHE_HOME": "/c", "HOME": "/h"}, Path("/c/fluxbot")),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/h"}, Path("/h/.cache/fluxbot")),
        ({"HOME": "/h"}, Path("/h/.cache/fluxbot")),
        ({}, None),
    ],
)
def test_the_cache_lies_where_the_platform_wants_it(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: Path | None
) -> None:
    for name in ("XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert default_folder() == expected
