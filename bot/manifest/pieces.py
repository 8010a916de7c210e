"""Whole documents of a stream: taken out, copied, put behind one another. Nothing else changes by a byte."""

from __future__ import annotations

import re

from bot.manifest.documents import read
from bot.manifest.encoding import decoded
from bot.manifest.outline import outlines
from bot.manifest.splice import CannotEditError
from bot.model.field import Body

_SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_SCHEMA = "yaml-language-server"


def piece(data: bytes, number: int) -> str:
    """The text of one document as it stands, comments included, without its separator; it ends with one break.

    Raise CannotEditError where it cannot be told from its neighbours.
    """
    text = _text(data)
    start, end = _region(text, number)
    own = text[start:end]
    if _SEPARATOR.match(own):
        own = own.partition("\n")[2]
    own = own.rstrip() + "\n"
    if [body for body in _bodies(own).values() if body] != [_bodies(text).get(number)]:
        raise CannotEditError("the document cannot be told from its neighbours")
    return own


def without_remarks(text: str) -> str:
    """A document without lines that are only a comment or empty; a line that names its schema stays."""
    lines = text.splitlines(keepends=True)
    kept = [line for line in lines if line.strip() and (not line.lstrip().startswith("#") or _SCHEMA in line)]
    done = "".join(kept)
    return done if _bodies(done) == _bodies(text) else text


def starts_with_mark(text: str) -> bool:
    """Whether a file has a separator before its first document."""
    return text.lstrip().startswith("---")


def without_document(text: str, number: int, own: str = "") -> str:
    """The stream without one of its documents, and without the separator before it (that after the first).

    With ``own`` only if the document is that text; it may have another number by now.
    """
    before = _bodies(text)
    if own:
        found = [index for index in before if piece(text.encode(), index) == own]
        number = number if number in found else next(iter(found), -1)
    if number not in before:
        return text
    start, end = _region(text, number)
    rest = text[end:]
    if not start and not _SEPARATOR.match(text):
        rest = rest.partition("\n")[2].lstrip("\r\n")
    done = text[:start] + rest
    if list(_bodies(done).values()) != [body for index, body in before.items() if index != number]:
        raise CannotEditError("the document cannot be told from its neighbours")
    return done


def with_document(text: str, after: int, own: str) -> str:
    """The stream with a new document behind one of its own, in the way in which they are separated there.

    The same text where the document is in it already.
    """
    before = _bodies(text)
    new = next(iter(_bodies(own).values()), {})
    if new in before.values():
        return text
    if after not in before:
        raise CannotEditError("the document is not there")
    _, end = _region(text, after)
    head = text[:end].rstrip()
    tail, newline = text[len(head) : end], "\r\n" if "\r\n" in text else "\n"
    added = f"{newline}{_gap(text)}---\n{own.rstrip()}"
    done = head + added.replace("\r\n", "\n").replace("\n", newline) + tail + text[end:]
    wanted: list[Body] = []
    for index, body in before.items():
        wanted += [body, new] if index == after else [body]
    if list(_bodies(done).values()) != wanted:
        raise CannotEditError("a document cannot be put behind another")
    return done


def _gap(text: str) -> str:
    """The empty lines that stand before a separator between two documents."""
    for found in _SEPARATOR.finditer(text):
        before = text[: found.start()]
        if before.strip():
            return "\n" * (before[len(before.rstrip()) :].count("\n") - 1)
    return ""


def _region(text: str, number: int) -> tuple[int, int]:
    """From the separator before a document to the one behind it."""
    found = outlines(text)
    root = found[number].root if number < len(found) else None
    if root is None:
        raise CannotEditError("the document cannot be read")
    marks = [match.start() for match in _SEPARATOR.finditer(text)]
    start = max((mark for mark in marks if mark <= root.start), default=0)
    return start, min((mark for mark in marks if mark > root.start), default=len(text))


def _text(data: bytes) -> str:
    try:
        return decoded(data)
    except UnicodeDecodeError:
        raise CannotEditError("the file is not UTF-8 text") from None


def _bodies(text: str) -> dict[int, Body]:
    reading = read(text.encode())
    if reading.problem:
        raise CannotEditError("the file cannot be read")
    return {document.index: document.body for document in reading.documents}
