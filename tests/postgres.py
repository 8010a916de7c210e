"""A real PostgreSQL for tests: the embedded one, one for each process of pytest, a new database for each test."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from bot.store.migration import migrate
from bot.store.pool import Pool, connections
from bot.web.serving import all_steps
from bot.work.embedded import EmbeddedPostgres
from bot.work.queue import Queue

_numbers = count(1)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A new folder that everybody may pass, as PostgreSQL wants it when the tests run as root; pytest's are closed."""
    folder = Path(tempfile.mkdtemp(prefix="fluxbot-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a PostgreSQL that lives as long as the tests."""
    folder = Path(tempfile.mkdtemp(prefix="fluxbot-"))
    folder.chmod(0o755)
    embedded = EmbeddedPostgres(folder)
    with psycopg.connect(embedded.url, autocommit=True) as connection:
        # Nobody needs these data after a power cut, and the disk is the slowest part of the tests.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE DATABASE migrated")
    asyncio.run(migrate(make_conninfo(embedded.url, dbname="migrated"), all_steps()))
    yield embedded.url
    embedded.stop()
    shutil.rmtree(folder)


@pytest.fixture
def empty_database(server: str) -> Iterator[str]:
    """The URL of a database of its own, without a table."""
    with _copied(server, "template1") as url:
        yield url


@pytest.fixture
def database(server: str) -> Iterator[str]:
    """The URL of a database of its own, with all tables."""
    with _copied(server, "migrated") as url:
        yield url


@contextmanager
def _copied(server: str, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
    yield make_conninfo(server, dbname=name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    async with connections(database) as opened:
        yield opened


@pytest.fixture
async def queue(pool: Pool) -> AsyncIterator[Queue]:
    opened = Queue(pool)
    async with opened.opened():
        yield opened
