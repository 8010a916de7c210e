"""What the callers of the core need from the world, and how it may fail.

::

    FluxbotError
    ├─ Transient            try again with a delay
    │  ├─ RateLimited
    │  └─ Unreachable
    └─ Permanent            say it once
       ├─ BadQuestion       the user asked for what is not there: one line, exit 2
       ├─ NotPermitted
       ├─ NotFound
       └─ TooLarge

Anything else that is raised is a bug and reaches the boundary (the queue's
worker, one rule inside the engine, ``cli.main``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from bot.model.ask import Answers, Ask


class FluxbotError(Exception):
    """The root of all errors that fluxbot raises on purpose."""


class Transient(FluxbotError):
    """May work later."""


class RateLimited(Transient):
    """Refused for now; ``until`` is a Unix time in seconds."""

    def __init__(self, until: float) -> None:
        super().__init__(f"rate limited until {until:.0f}")
        self.until = until


class Unreachable(Transient):
    """No answer, or not a usable one."""


class Permanent(FluxbotError):
    """Will not work later either."""


class BadQuestion(Permanent):
    """The question names something that does not exist or cannot be read; the message is one line."""


class NotPermitted(Permanent):
    """The permission that is missing stands in ``permission``."""

    def __init__(self, permission: str) -> None:
        super().__init__(f"not permitted: {permission} is missing")
        self.permission = permission


class NotFound(Permanent):
    """The thing asked for does not exist."""


class TooLarge(Permanent):
    """A limit was passed; the message names it."""


class Answerer(Protocol):
    """Answers the engine's questions: builds and renders."""

    def answer(self, asks: Sequence[Ask], progress: Callable[[int], None] | None = None) -> Answers:
        """An answer for each question, by its key. Never raises for bad input; each process has its limits.

        ``progress`` is told how many questions have been answered since the last call.
        """
        ...
