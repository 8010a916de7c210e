"""Whole documents are cut and put in without any other byte changing."""

from __future__ import annotations

import pytest

from bot.manifest.pieces import piece, with_document, without_document, without_remarks
from bot.manifest.splice import CannotEditError

NEW = "kind: C # three\n"


@pytest.mark.parametrize(
    ("before", "after", "done"),
    [
        ("kind: A\n", 0, "kind: A\n---\nkind: C # three\n"),
        ("---\nkind: A\n", 0, "---\nkind: A\n---\nkind: C # three\n"),
        ("kind: A", 0, "kind: A\n---\nkind: C # three"),
        ("kind: A\n\n---\nkind: B\n", 0, "kind: A\n\n---\nkind: C # three\n\n---\nkind: B\n"),
        ("---\nkind: A\n---\n# two\nkind: B\n", 1, "---\nkind: A\n---\n# two\nkind: B\n---\nkind: C # three\n"),
        ("kind: A\r\n", 0, "kind: A\r\n---\r\nkind: C # three\r\n"),
    ],
)
def test_a_document_is_separated_as_the_others_are(before: str, after: int, done: str) -> None:
    assert with_document(before, after, NEW) == done
    assert with_document(done, after, NEW) == done, "a second time changes nothing"


@pytest.mark.parametrize(
    ("before", "number", "own", "left"),
    [
        ("kind: A\n---\nkind: B\n", 1, "kind: B\n", "kind: A\n"),
        ("kind: A\n\n---\n\nkind: B\n", 0, "kind: A\n", "kind: B\n"),
        ("---\nkind: A\n---\nkind: B\n", 0, "kind: A\n", "---\nkind: B\n"),
        ("kind: A\n---\n# why\nkind: B # x\n---\nkind: C\n", 1, "# why\nkind: B # x\n", "kind: A\n---\nkind: C\n"),
    ],
)
def test_a_document_is_cut_as_it_stands(before: str, number: int, own: str, left: str) -> None:
    assert piece(before.encode(), number) == own
    assert without_document(before, number, own) == left
    assert without_document(left, number, own) == left, "a second time changes nothing"


def test_a_document_with_another_number_by_now_is_found_by_its_text() -> None:
    assert without_document("kind: A\n---\nkind: B\n", 0, "kind: B\n") == "kind: A\n"


def test_a_broken_stream_is_not_taken_apart() -> None:
    with pytest.raises(CannotEditError):
        piece(b"kind: A\n---\nkind: {\n", 0)


def test_only_the_line_of_the_schema_stays_of_the_comments() -> None:
    text = "# yaml-language-server: $schema=x\n# mine\nkind: A # why\nscript: |\n  # part of it\n\n  echo\n"

    assert without_remarks("# yaml-language-server: $schema=x\n# mine\nkind: A # why\n") == (
        "# yaml-language-server: $schema=x\nkind: A # why\n"
    )
    assert without_remarks(text) == text, "what is no comment is not taken for one"
