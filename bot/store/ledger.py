"""What stands on GitHub because of us: the memory between two jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.config import Accepted
from bot.model.publication import Reads
from bot.model.task import Repository
from bot.store.belongings import forget, meet
from bot.store.pool import Pool


@dataclass(frozen=True, slots=True)
class Published:
    """What was published for one review. ``key`` is the check run's ``external_id``, unique in a repository."""

    key: str
    repository: Repository
    head: str
    pull: int | None = None
    check_run: int | None = None
    comment: int | None = None
    conclusion: str | None = None
    branch: str | None = None


class Ledger:
    """Reads and writes what was published. Each method is one transaction, and may be called twice."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def publish(self, published: Published) -> None:
        """Remember it; what is None leaves what is known."""
        async with self._pool.connection() as connection:
            await meet(connection, published.repository)
            await connection.execute(
                """
                INSERT INTO fluxbot_published AS known
                    (repository, review_key, pull, head, check_run, comment, conclusion, branch)
                VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
                ON CONFLICT (repository, review_key) DO UPDATE SET
                    pull = coalesce(excluded.pull, known.pull),
                    head = excluded.head,
                    check_run = coalesce(excluded.check_run, known.check_run),
                    comment = coalesce(excluded.comment, known.comment),
                    conclusion = coalesce(excluded.conclusion, known.conclusion),
                    branch = coalesce(excluded.branch, known.branch),
                    changed = now()
                """,
                (
                    published.repository.id,
                    published.key,
                    published.pull,
                    published.head,
                    published.check_run,
                    published.comment,
                    published.conclusion,
                    published.branch,
                ),
            )

    async def of_pull(self, repository: Repository, number: int) -> tuple[Published, ...]:
        """All that was published for a pull request, the newest first."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                """
                SELECT review_key, head, pull, check_run, comment, conclusion, branch FROM fluxbot_published
                WHERE repository = %s AND pull = %s ORDER BY changed DESC, review_key
                """,
                (repository.id, number),
            )
            return tuple(Published(key, repository, *rest) for key, *rest in await cursor.fetchall())

    async def standing(self, conclusion: str, seconds: float, most: int) -> tuple[Published, ...]:
        """What has stood with that conclusion for so long, the oldest first."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                """
                SELECT installation, id, owner, name, review_key, head, pull, branch
                FROM fluxbot_published JOIN fluxbot_repository ON id = repository
                WHERE conclusion = %s AND changed < now() - %s * interval '1 second'
                ORDER BY changed, review_key LIMIT %s
                """,
                (conclusion, seconds, most),
            )
            rows = await cursor.fetchall()
        return tuple(
            Published(key, Repository(*where), head, pull=pull, conclusion=conclusion, branch=branch)
            for *where, key, head, pull, branch in rows
        )

    async def concluded(self, repository: Repository, keys: Sequence[str], conclusion: str) -> frozenset[str]:
        """Those of the keys under which something with that conclusion was published."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                """
                SELECT review_key FROM fluxbot_published
                WHERE repository = %s AND review_key = ANY(%s) AND conclusion = %s
                """,
                (repository.id, list(keys), conclusion),
            )
            return frozenset(str(key) for (key,) in await cursor.fetchall())

    async def aimed_at(self, repository: Repository, branch: str, most: int) -> tuple[int, ...]:
        """The pull requests that were published last for a branch, the newest first."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                """
                SELECT pull FROM fluxbot_published WHERE repository = %s AND branch = %s AND pull IS NOT NULL
                GROUP BY pull ORDER BY max(changed) DESC, pull DESC LIMIT %s
                """,
                (repository.id, branch, most),
            )
            return tuple(int(pull) for (pull,) in await cursor.fetchall())

    async def accepted(self, repository: Repository, number: int) -> tuple[Accepted, ...]:
        """The findings that were accepted for a pull request, the first first."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                """
                SELECT fingerprint, reason, login, accepted FROM fluxbot_accepted
                WHERE repository = %s AND pull = %s ORDER BY accepted, fingerprint
                """,
                (repository.id, number),
            )
            return tuple(Accepted(*row) for row in await cursor.fetchall())

    async def accept(self, repository: Repository, number: int, accepted: Accepted) -> None:
        """Remember it; what is said later of the same finding takes its place."""
        async with self._pool.connection() as connection:
            await meet(connection, repository)
            await connection.execute(
                """
                INSERT INTO fluxbot_accepted (repository, pull, fingerprint, reason, login, accepted)
                VALUES (%s, %s, %s, %s, %s, %s)
                ON CONFLICT (repository, pull, fingerprint) DO UPDATE SET
                    reason = excluded.reason, login = excluded.login, accepted = excluded.accepted
                """,
                (repository.id, number, accepted.finding, accepted.reason, accepted.by, accepted.on),
            )

    async def reads(self, repository: Repository, read: Reads) -> None:
        """Remember which other repositories one has as sources; where it is all, what was known is forgotten."""
        async with self._pool.connection() as connection:
            await meet(connection, repository)
            if read.is_all:
                await connection.execute("DELETE FROM fluxbot_reads WHERE repository = %s", (repository.id,))
            for address in read.addresses:
                await connection.execute(
                    "INSERT INTO fluxbot_reads (repository, address) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                    (repository.id, address),
                )

    async def readers(self, repository: Repository, address: str, most: int) -> tuple[str, ...]:
        """The other repositories of the installation that have ``address`` as a source, by name, the latest first."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                """
                SELECT owner || '/' || name FROM fluxbot_reads JOIN fluxbot_repository ON id = repository
                WHERE address = %s AND installation = %s AND id <> %s ORDER BY seen DESC, id LIMIT %s
                """,
                (address, repository.installation, repository.id, most),
            )
            return tuple(str(name) for (name,) in await cursor.fetchall())

    async def forget(self, installation: int, repository: int | None = None) -> None:
        """Delete all that is stored about an installation, or about one repository of it."""
        await forget(self._pool, installation, repository)
