"""The page on limits and the code say the same."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from bot.model.limits import LIMITS, MEBIBYTE, Limits, is_size, setting

PAGE = Path(__file__).parents[1] / "docs" / "limits.md"


def test_every_limit_stands_on_the_page_with_its_default_and_nothing_else_does() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]

    told = [tuple(cell.strip() for cell in row.strip("|").split("|"))[:2] for row in rows]

    units = {one.name: MEBIBYTE if is_size(one.name) else 1 for one in fields(Limits)}
    assert told == [(f"`{setting(name)}`", f"{getattr(LIMITS, name) // unit:,}") for name, unit in units.items()]
