"""Pieces of a text that are replaced: what an edit of YAML comes down to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bot.manifest.writing import Style


class CannotEditError(Exception):
    """The change cannot be written into this text without touching anything else; ``reason`` is a clause."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Splice(NamedTuple):
    """The characters from ``start`` to ``end``, half open, become ``text``."""

    start: int
    end: int
    text: str


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """The text with all of them replaced. Raise CannotEditError where two of them touch the same characters."""
    parts: list[str] = []
    done = 0
    for start, end, new in sorted(splices):
        if start < done:
            raise CannotEditError("two changes meet at one place")
        parts += [text[done:start], new]
        done = end
    return "".join((*parts, text[done:]))


class Sheet:
    """A text with its lines, and how new ones are written."""

    def __init__(self, text: str, style: Style) -> None:
        self.text = text
        self.style = style
        self.newline = "\r\n" if "\r\n" in text else "\n"

    def line_start(self, offset: int) -> int:
        return self.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Where the line of an offset ends, before its break."""
        end = self.text.find("\n", offset)
        end = len(self.text) if end < 0 else end
        return end - 1 if end > offset and self.text[end - 1] == "\r" else end

    def next_line(self, offset: int) -> int:
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end + 1

    def is_first(self, offset: int) -> bool:
        """Whether only blanks stand before an offset on its line."""
        return not self.text[self.line_start(offset) : offset].strip()

    def lines(self, lines: Iterable[str], column: int) -> str:
        """Lines at a column, each with a break before it."""
        return "".join(self.newline + (" " * column + line if line else "") for line in lines)

    def without_lines(self, first: int, last: int) -> Splice:
        """The whole lines of two offsets go; of a file that ends without a break, the break before them instead."""
        start, end = self.line_start(first), self.next_line(last)
        if end == len(self.text) and not self.text.endswith("\n") and start:
            start = self.line_end(start - 1) if self.text[start - 2 : start] != "\r\n" else start - 2
        return Splice(start, end, "")
