"""Bytes and text: the one place that decodes a file, and counts its lines."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left

_WIDE = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NEWLINE = re.compile("\n")


def decoded(data: bytes) -> str:
    """The text of a file without its byte order mark; line breaks stay as they are.

    All offsets of a Span count in this text. It is UTF-8 unless a byte order
    mark says UTF-16, as in YAML 1.2 (5.2). Raise UnicodeDecodeError for
    anything else.
    """
    return data[len(_mark(data)) :].decode(_codec(data))


def encoded(text: str, like: bytes) -> bytes:
    """The bytes of an edited text, in the encoding and with the byte order mark of the file that it comes from."""
    return _mark(like) + text.encode(_codec(like))


def _codec(data: bytes) -> str:
    return next((codec for mark, codec in _WIDE if data.startswith(mark)), "utf-8")


def _mark(data: bytes) -> bytes:
    marks = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return next((mark for mark in marks if data.startswith(mark)), b"")


class Lines:
    """The lines of a text, numbered from 1. Only a line feed ends one: so GitHub counts, and libyaml does not."""

    __slots__ = ("_breaks", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._breaks = [found.start() for found in _NEWLINE.finditer(text)]

    def number(self, offset: int) -> int:
        """The line on which a character stands."""
        return bisect_left(self._breaks, offset) + 1

    def last(self, start: int, end: int) -> int:
        """The line of the last character of a half-open range; of its start where it is empty."""
        return self.number(max(start, end - 1))

    def content(self, offset: int) -> tuple[int, int]:
        """Start and end of what stands on the line of a character, without the blanks around it."""
        number = self.number(offset)
        start = self._breaks[number - 2] + 1 if number > 1 else 0
        end = self._breaks[number - 1] if number <= len(self._breaks) else len(self._text)
        line = self._text[start:end]
        end = start + len(line.rstrip())
        return min(end, start + len(line) - len(line.lstrip())), end
