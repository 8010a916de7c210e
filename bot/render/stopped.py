"""The words for a process that ran into a wall."""

from __future__ import annotations

from typing import assert_never

from bot.model.ask import Limit, Refused
from bot.render.cell import Stopped
from bot.render.limits import Limits

_MEBIBYTE = 1024 * 1024


def refused(end: Stopped, who: str, limits: Limits) -> Refused:
    """The answer for a process that was stopped, with the wall in numbers."""
    match end.limit:
        case Limit.TIME:
            wall = f"took longer than {limits.seconds:g} s"
        case Limit.CPU:
            wall = f"took more than {limits.cpu} s of processor time"
        case Limit.MEMORY:
            wall = f"needed more than {limits.memory // _MEBIBYTE} MiB of memory"
        case Limit.OUTPUT:
            wall = f"printed more than {limits.output // _MEBIBYTE} MiB"
        case Limit.WRITING:
            wall = "began to write a file, and may write none"
        case Limit.FILES:
            wall = f"would get more than {limits.files:,} files"
        case _:
            assert_never(end.limit)
    return Refused(f"{who} {wall}", end.limit)
