"""Connections to PostgreSQL."""

from __future__ import annotations

import os
from typing import TypeAlias

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

Connection: TypeAlias = AsyncConnection[TupleRow]
Pool: TypeAlias = AsyncConnectionPool[Connection]

_WAIT = 4.0
"""Seconds for a connection; GitHub waits 10 s for an answer, and has to be told if there is none."""


def application_name() -> str:
    """What the sessions of this process are called in PostgreSQL."""
    return f"fluxbot {os.getpid()}"


def connections(url: str, *, most: int = 10) -> Pool:
    """A pool that is not open yet. A connection that broke is replaced before anybody gets it."""
    return AsyncConnectionPool(
        url,
        min_size=1,
        max_size=most,
        timeout=_WAIT,
        open=False,
        name="fluxbot",
        check=AsyncConnectionPool.check_connection,
        kwargs={
            "application_name": application_name(),
            "connect_timeout": 3,
            # A database behind a network that swallows packets is noticed, too.
            "tcp_user_timeout": 5_000,
        },
    )
