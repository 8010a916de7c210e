"""How often a thing may start, for all workers together."""

from __future__ import annotations

from typing import Final

from bot.model.task import Repository
from bot.store.pool import Pool

MOST_QUESTIONS: Final = 10
"""Questions of one person in one repository within QUESTIONS_WINDOW seconds."""
QUESTIONS_WINDOW: Final = 600.0


async def starts_in(pool: Pool, lock: str, *, most: int, window: float) -> float:
    """Seconds until ``lock`` may start; 0.0 for now, and then the start counts.

    At most ``most`` starts lie within any ``window`` seconds. Two callers with
    one lock never ask at once: the queue runs one job a lock.
    """
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT extract(epoch FROM at - now())::float8 + %s FROM fluxbot_start WHERE lock = %s"
            " ORDER BY at DESC OFFSET %s LIMIT 1",
            (window, lock, most - 1),
        )
        row = await cursor.fetchone()
        wait = float(row[0]) if row else 0.0
        if wait > 0:
            return wait
        await connection.execute("INSERT INTO fluxbot_start (lock) VALUES (%s)", (lock,))
        return 0.0


async def may_ask(pool: Pool, repository: Repository, person: str) -> bool:
    """Count a question of a person, and say whether it is not one too many."""
    refused = person.endswith(":refused")
    lock = f"person:{repository.id}:{person}"
    most = 1 if refused else MOST_QUESTIONS
    return not await starts_in(pool, lock, most=most, window=QUESTIONS_WINDOW)
