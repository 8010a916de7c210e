"""Where deliveries come in: remembered and put into the queue in one transaction, or not at all."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model.task import EndLeft, Forget, LookAround, TakeMissed, Task
from bot.store.belongings import meet
from bot.store.deliveries import Delivery, remember
from bot.work.queue import Queue, Try


class Inbox:
    """Takes deliveries in."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    async def take(self, delivery: Delivery, tasks: Sequence[Task]) -> bool:
        """Store the delivery and what it asks for; False if it came before, and nothing is done then.

        Raise psycopg.Error or procrastinate's ConnectorException where it could
        not be stored; then nothing of it is.
        """
        async with self._queue.pool.connection() as connection:
            if not await remember(connection, delivery):
                return False
            # By lock, because two transactions that lock the same rows in another order stop each other.
            for task in sorted(tasks, key=lambda task: task.lock):
                if not isinstance(task, (Forget, LookAround, TakeMissed, EndLeft)):
                    await meet(connection, task.repository)
                await self._queue.put(connection, Try(task))
            return True

    async def ready(self) -> None:
        """Raise as ``take`` does, if it would fail now."""
        async with self._queue.pool.connection() as connection:
            await connection.execute("SELECT 1 FROM fluxbot_delivery, procrastinate_jobs LIMIT 1")
