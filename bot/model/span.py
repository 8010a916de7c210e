"""Places in the text that a human wrote."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A piece of one file.

    ``start`` and ``end`` are offsets in characters of the decoded text, half
    open; ``line`` and ``end_line`` count from 1 and both belong to the piece.
    ``path`` is relative to the repository root, with ``/``.
    """

    path: str
    line: int
    end_line: int
    start: int = 0
    end: int = 0

    def __post_init__(self) -> None:
        if self.line < 1 or self.end_line < self.line:
            raise ValueError(f"not a place: {self.path}:{self.line}-{self.end_line}")

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"
