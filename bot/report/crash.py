"""A failure of our own in words that hold nothing of what it was about.

The message of an exception may hold what a library was given: a manifest, a
payload, a token. So its kind and its places are told, which are those of the
program. What an exception of bot/ports.py says was written by us, and stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Final

from bot.model.quote import visible
from bot.ports import FluxbotError

MOST_FRAMES: Final = 12


def places(where: TracebackType | None) -> list[str]:
    """The innermost frames, the one that raised last, each as ``file:line function``."""
    frames = []
    while where is not None:
        code = where.tb_frame.f_code
        frames.append(f"{code.co_filename}:{where.tb_lineno} {code.co_name}")
        where = where.tb_next
    return frames[-MOST_FRAMES:]


def crash_report(problem: BaseException) -> str:
    """The lines for a terminal: each exception of the chain, the first cause first."""
    return "\n".join(line for one in reversed(list(_chain(problem))) for line in _lines(one))


def _lines(problem: BaseException) -> Iterator[str]:
    said = f": {visible(str(problem))}" if isinstance(problem, FluxbotError) else ""
    yield from (f"  at {place}" for place in places(problem.__traceback__))
    yield f"{type(problem).__name__}{said}"


def _chain(problem: BaseException | None) -> Iterator[BaseException]:
    """The exception, what it was raised from or while handling, and so on."""
    seen: set[int] = set()
    while problem is not None and id(problem) not in seen:
        seen.add(id(problem))
        yield problem
        problem = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)
