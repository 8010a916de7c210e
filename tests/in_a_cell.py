"""Python programs in the cell, and processes as the machine sees them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.render.cell import Cell, Finished, Stopped
from bot.render.limits import Limits
from bot.render.room import furnished

PYTHON: Final = (sys.executable, "-I", "-S", "-B", "-c")
READS: Final = (sys.prefix, sys.base_prefix)
_WITHIN: Final = 60.0


def run(program: str, limits: Limits | None = None) -> Finished | Stopped:
    """What a Python program answers in an empty room."""
    with furnished({}) as room:
        return Cell(limits or Limits(seconds=20.0)).run((*PYTHON, program), room, reads=READS)


def said(program: str) -> str:
    """What a Python program that comes to its end prints in an empty room."""
    end = run(program)
    assert isinstance(end, Finished), end
    assert end.code == 0, end.complaint
    return end.output.decode()


def with_mark(mark: str) -> set[int]:
    """The living processes whose command line holds ``mark``; Linux only."""
    return {int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _is_alive_with(folder, mark)}


def until_marked(mark: str, count: int) -> set[int]:
    """Wait until so many processes carry the mark; they."""
    for found in _looks(mark):
        if len(found) == count:
            return found
    raise AssertionError(f"there are still {len(with_mark(mark))} processes and not {count}")


def _looks(mark: str) -> Iterator[set[int]]:
    deadline = time.monotonic() + _WITHIN
    while time.monotonic() < deadline:
        yield with_mark(mark)
        os.sched_yield()


def _is_alive_with(folder: Path, mark: str) -> bool:
    try:
        state = (folder / "stat").read_text().rpartition(") ")[2][:1]
        return state not in "ZX" and mark in (folder / "cmdline").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
