"""The port Intake over the store and the queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.model.missed import Missed
from bot.model.task import Task
from bot.store.deliveries import complete_until, described, note_complete, unknown
from bot.store.pool import Pool
from bot.work.inbox import Inbox


class QueueIntake:
    """Takes in beside the server what GitHub could not deliver to it."""

    def __init__(self, pool: Pool, inbox: Inbox, events: Callable[[str, object], tuple[Task, ...]]) -> None:
        self._pool = pool
        self._inbox = inbox
        self._events = events

    async def unknown(self, guids: Sequence[str]) -> frozenset[str]:
        """Those of the deliveries that never came."""
        return await unknown(self._pool, guids)

    async def take(self, missed: Missed, payload: object) -> Sequence[Task]:
        """Store a delivery and have done what it asks for; what cannot be read asks for nothing, as at the server."""
        try:
            tasks = self._events(missed.event, payload)
        except ValueError:
            tasks = ()
        new = await self._inbox.take(described(missed.guid, missed.event, payload), tasks)
        return tasks if new else ()

    async def since(self) -> datetime | None:
        """Up to when all is taken in that GitHub could not deliver; None where nobody looked yet."""
        return await complete_until(self._pool)

    async def complete(self, until: datetime) -> None:
        """All is taken in that failed before ``until``."""
        await note_complete(self._pool, until)
