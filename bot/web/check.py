"""A line of what ``fluxbot doctor`` says, and the lines on the cell, which need no part of the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.render.probe import Standing


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. What is not ok is a failure where it is ``needed``, else a note."""

    name: str
    ok: bool
    text: str
    needed: bool = True

    def __str__(self) -> str:
        sign = "ok  " if self.ok else "FAIL" if self.needed else "note"
        return f"{sign}  {self.name}: {self.text}"

    @property
    def fails(self) -> bool:
        """Whether fluxbot cannot work like this."""
        return self.needed and not self.ok


def of_cell(found: Sequence[Standing]) -> tuple[Check, ...]:
    """A line for each wall, and each tool behind them."""
    return tuple(Check(f"cell, {one.name}", one.stands, one.text, one.needed) for one in found)
