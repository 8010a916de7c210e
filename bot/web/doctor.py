"""What ``fluxbot doctor`` says: each thing that has to be right, and whether it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

import psycopg
from psycopg import AsyncConnection

from bot.github.registering import EVENTS, PERMISSIONS
from bot.model.quote import visible
from bot.ports import FluxbotError
from bot.store.migration import Step, missing
from bot.web.check import Check

_OLDEST = 140_000
"""PostgreSQL 14, the oldest that its makers still care for."""

_LEVELS = ("none", "read", "write", "admin")


Probe: TypeAlias = Callable[[], Awaitable[Sequence[Check]]]
"""Looks at one part of the world. It may raise a FluxbotError: that is the answer, too."""


async def examined(name: str, probe: Probe) -> tuple[Check, ...]:
    """What the probe found, in its words or, where it failed, in those of the failure."""
    try:
        return tuple(await probe())
    except FluxbotError as problem:
        return (Check(name, ok=False, text=str(problem)),)


async def database(url: str, steps: Sequence[Step]) -> tuple[Check, ...]:
    """Whether the database answers, is new enough, and may be written to."""
    try:
        async with await AsyncConnection.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version
            lacking = await missing(connection, steps)
            row = await (await connection.execute("SELECT has_schema_privilege(current_schema(), 'CREATE')")).fetchone()
    except psycopg.OperationalError:
        # Its message quotes addresses and names of users, and whoever asks knows them.
        return (Check("database", ok=False, text="does not answer; see FLUXBOT_DATABASE_URL"),)
    number = f"PostgreSQL {version // 10_000}.{version % 10_000}"
    if version < _OLDEST:
        return (Check("database", ok=False, text=f"{number} is too old; 14 is the oldest that will do"),)
    if not (row and row[0]):
        return (Check("database", ok=False, text=f"{number}; its user may not create tables"),)
    state = f"{len(lacking)} migrations to do at the next start" if lacking else "up to date"
    return (Check("database", ok=True, text=f"{number}, {state}"),)


def registration(said: object, app_id: int) -> tuple[Check, ...]:
    """Whether what GitHub says about the App (``GET /app``) is what fluxbot needs."""
    app = said if isinstance(said, dict) else {}
    if app.get("id") != app_id:
        return (Check("app", ok=False, text=f"the key is not one of the App {app_id}; see FLUXBOT_APP_ID"),)
    return (
        Check("app", ok=True, text=f"{visible(str(app.get('slug')))}, number {app_id}"),
        _permissions(app.get("permissions")),
        _events(app.get("events")),
    )


def _permissions(said: object) -> Check:
    granted = said if isinstance(said, dict) else {}
    lacking = [
        f"{name}: {level}" for name, level in PERMISSIONS.items() if _level(granted.get(name)) < _LEVELS.index(level)
    ]
    if lacking:
        return Check("permissions", ok=False, text=f"missing: {', '.join(lacking)}")
    more = sorted(
        visible(f"{name}: {level}")
        for name, level in granted.items()
        if _level(level) > _level(PERMISSIONS.get(str(name)))
    )
    return Check(
        "permissions", ok=True, text=f"more than needed: {', '.join(more)}" if more else "exactly those needed"
    )


def _level(said: object) -> int:
    return _LEVELS.index(said) if isinstance(said, str) and said in _LEVELS else 0


def _events(said: object) -> Check:
    given = said if isinstance(said, list) else []
    lacking = [name for name in EVENTS if name not in given]
    if lacking:
        return Check("events", ok=False, text=f"not subscribed: {', '.join(lacking)}")
    return Check("events", ok=True, text=f"{len(EVENTS)} subscribed")
