"""The database brought up to date: each step once, by one process at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from psycopg import AsyncConnection

from bot.store.pool import Connection

_LOCK = 0x666C7578626F74
"""The advisory lock of migrations: ``fluxbot`` in ASCII, so that no other program takes it by accident."""

_BOOK = (
    "CREATE TABLE IF NOT EXISTS fluxbot_migration (name text PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now())"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the schema. ``name`` is what is remembered of it, so it never changes."""

    name: str
    sql: LiteralString
    holds: tuple[str, ...] = ()
    """Names of other steps that are not needed after this one."""


async def migrate(url: str, steps: Sequence[Step]) -> tuple[str, ...]:
    """The names of the steps that were missing and now are applied, in order.

    Processes that start at once wait for each other, so all of them find the
    database ready. A step that fails leaves the ones before it.
    """
    async with await AsyncConnection.connect(url, autocommit=True, connect_timeout=5) as connection:
        await connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        try:
            return await _apply(connection, steps)
        finally:
            await connection.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))


async def missing(connection: Connection, steps: Sequence[Step]) -> tuple[str, ...]:
    """The names of the steps that the database lacks; nothing is changed."""
    cursor = await connection.execute("SELECT to_regclass('fluxbot_migration') IS NOT NULL")
    row = await cursor.fetchone()
    applied = await _applied(connection) if row and row[0] else set()
    now = []
    for step in steps:
        if step.name not in applied:
            now.append(step.name)
            applied.update((step.name, *step.holds))
    return tuple(now)


async def _applied(connection: Connection) -> set[str]:
    cursor = await connection.execute("SELECT name FROM fluxbot_migration")
    return {str(name) for (name,) in await cursor.fetchall()}


async def _apply(connection: Connection, steps: Sequence[Step]) -> tuple[str, ...]:
    await connection.execute(_BOOK)
    applied = await _applied(connection)
    now = []
    for step in steps:
        if step.name in applied:
            continue
        async with connection.transaction():
            # Without parameters, because then a step may be several statements.
            await connection.execute(step.sql)
            for name in (step.name, *step.holds):
                await connection.execute("INSERT INTO fluxbot_migration (name) VALUES (%s)", (name,))
        applied.update((step.name, *step.holds))
        now.append(step.name)
    return tuple(now)
