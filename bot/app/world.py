"""All that the App needs from the world, in one value."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from bot.app.asked import Asked, Said
from bot.app.missing import Intake, Missing
from bot.model.task import Repository, Task
from bot.ports import Checks, Commits, Journal, PageShelf, Pulls, Remarks, Snapshots, Talk, Tally


@dataclass(frozen=True, slots=True)
class World:
    """The ports.

    ``analyse`` runs the engine elsewhere; ``defer`` puts a task into the queue,
    once for each lock, where ``waiting`` finds it; ``defer_behind`` does so
    behind all that events ask for. ``busy``: whether a task of a lock waits or
    runs. ``may_ask`` counts a question of a person, and says whether there were
    not too many of late. ``defaults`` is the configuration of a repository's
    organisation. ``pages`` is None where nobody knows at which address people
    would reach them, ``tally`` where nobody counts.
    """

    pulls: Pulls
    talk: Talk
    remarks: Remarks
    checks: Checks
    commits: Commits
    snapshots: Snapshots
    journal: Journal
    analyse: Callable[[Asked], Awaitable[Said]]
    defer: Callable[[Task], Awaitable[None]]
    waiting: Callable[[str], Awaitable[Task | None]]
    today: Callable[[], date]
    defaults: Callable[[Repository], Awaitable[tuple[str, bytes] | None]]
    may_ask: Callable[[Repository, str], Awaitable[bool]]
    missing: Missing
    intake: Intake
    defer_behind: Callable[[Task], Awaitable[None]]
    busy: Callable[[str], Awaitable[bool]]
    pages: PageShelf | None = None
    tally: Tally | None = None

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Tell how long a phase of a review takes that ends well."""
        began = time.monotonic()
        yield
        if self.tally:
            self.tally.phase(name, time.monotonic() - began)
