"""All that the App needs from the world, in one value."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date

from bot.app.verdict import Asked
from bot.model.publication import Publication
from bot.model.task import Task
from bot.ports import Checks, Journal, Pulls, Snapshots, Talk


@dataclass(frozen=True, slots=True)
class World:
    """The ports. ``analyse`` runs the engine elsewhere; ``defer`` puts a task into the queue, once for each lock."""

    pulls: Pulls
    talk: Talk
    checks: Checks
    snapshots: Snapshots
    journal: Journal
    analyse: Callable[[Asked], Awaitable[Publication | str]]
    defer: Callable[[Task], Awaitable[None]]
    today: Callable[[], date]
