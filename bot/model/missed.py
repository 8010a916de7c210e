"""What GitHub could not deliver, where it may have told us nothing at all, and what we did not end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.publication import Subject
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


@dataclass(frozen=True, slots=True)
class Left:
    """A review that was begun and has not ended; ``number`` is None for that of a merge group."""

    repository: Repository
    number: int | None
    subject: Subject
