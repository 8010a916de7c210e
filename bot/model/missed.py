"""What GitHub could not deliver, and where it may have told us nothing at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.task import Repository


@dataclass(frozen=True, slots=True)
class Missed:
    """An attempt to deliver that failed. Attempts of one event have the same ``guid``, and numbers of their own."""

    number: int
    guid: str
    event: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A repository of an installation; ``is_busy``: it may have open pull requests."""

    repository: Repository
    is_busy: bool
