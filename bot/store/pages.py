"""The pages of reviews, as their data. They go with their repository, and after a while by themselves."""

from __future__ import annotations

from bot.model.task import Repository
from bot.store.belongings import meet
from bot.store.pool import Pool


class Pages:
    """Keeps one page for each head of a pull request. Each method is one transaction, and may be called twice."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def keep(self, repository: Repository, number: int, head: str, page: bytes) -> None:
        """Keep it; the one that was there before is replaced."""
        async with self._pool.connection() as connection:
            await meet(connection, repository)
            await connection.execute(
                """
                INSERT INTO fluxbot_page (repository, pull, head, page) VALUES (%s, %s, %s, %s)
                ON CONFLICT (repository, pull, head) DO UPDATE SET page = excluded.page, made = now()
                """,
                (repository.id, number, head, page),
            )

    async def find(self, repository: int, number: int, head: str) -> bytes | None:
        """What was kept, by the number of the repository; None where nothing is."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT page FROM fluxbot_page WHERE repository = %s AND pull = %s AND head = %s",
                (repository, number, head),
            )
            row = await cursor.fetchone()
            return bytes(row[0]) if row else None
