"""Whose repositories we heard of, and the end of all that is stored about them."""

from __future__ import annotations

from typing import LiteralString

from bot.model.task import Repository
from bot.store.pool import Connection, Pool

_FORGET: tuple[LiteralString, ...] = (
    """
    DELETE FROM fluxbot_start USING fluxbot_repository AS gone
    WHERE gone.installation = %(installation)s AND (%(repository)s::bigint IS NULL OR gone.id = %(repository)s)
    AND (lock LIKE 'pull:' || gone.id || ':%%' OR lock LIKE 'person:' || gone.id || ':%%')
    """,
    """
    DELETE FROM fluxbot_delivery
    WHERE installation = %(installation)s AND (%(repository)s::bigint IS NULL OR repository = %(repository)s)
    """,
    """
    -- and with it, what was published there
    DELETE FROM fluxbot_repository
    WHERE installation = %(installation)s AND (%(repository)s::bigint IS NULL OR id = %(repository)s)
    """,
    "DELETE FROM fluxbot_traffic WHERE account = %(installation)s AND %(repository)s::bigint IS NULL",
)

_PRUNE: tuple[LiteralString, ...] = (
    # GitHub repeats deliveries of the last 3 days, a GitHub Enterprise Server of 7.
    "DELETE FROM fluxbot_delivery WHERE received < now() - interval '14 days'",
    "DELETE FROM fluxbot_accepted WHERE accepted < now() - interval '400 days'",
    "DELETE FROM fluxbot_published WHERE changed < now() - interval '400 days'",
    # Of one that is ours no more GitHub may have sent the last event after we forgot it.
    "DELETE FROM fluxbot_repository WHERE seen < now() - interval '400 days'",
    "DELETE FROM fluxbot_page WHERE made < now() - interval '30 days'",
    "DELETE FROM fluxbot_start WHERE at < now() - interval '1 hour'",
    "DELETE FROM fluxbot_traffic WHERE greatest(points_due, writes_due, held_until) < now() - interval '1 hour'",
)


async def meet(connection: Connection, repository: Repository) -> None:
    """Note that the installation has the repository, and what it is called today."""
    await connection.execute(
        """
        INSERT INTO fluxbot_repository (id, installation, owner, name) VALUES (%s, %s, %s, %s)
        ON CONFLICT (id) DO UPDATE
        SET installation = excluded.installation, owner = excluded.owner, name = excluded.name, seen = now()
        """,
        (repository.id, repository.installation, repository.owner, repository.name),
    )


async def repositories(pool: Pool) -> tuple[Repository, ...]:
    """The repositories that were heard of and not forgotten, by id."""
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT installation, id, owner, name FROM fluxbot_repository ORDER BY id")
        return tuple(Repository(*row) for row in await cursor.fetchall())


async def forget(pool: Pool, installation: int, repository: int | None = None) -> None:
    """Delete all that is stored about an installation, or about one repository of it."""
    values = {"installation": installation, "repository": repository}
    async with pool.connection() as connection:
        for statement in _FORGET:
            await connection.execute(statement, values)


async def prune(pool: Pool) -> None:
    """Delete what is too old to be of use."""
    async with pool.connection() as connection:
        for statement in _PRUNE:
            await connection.execute(statement)
