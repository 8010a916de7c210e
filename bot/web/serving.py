"""One process of fluxbot: its database, its web server, its worker, and how it ends."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from bot.model.task import Task
from bot.ports import Unreachable
from bot.store.migration import Step, migrate
from bot.store.pages import Pages
from bot.store.pool import connections
from bot.store.tables import STEPS
from bot.web.reviews import Reviews
from bot.web.server import Desk, listening
from bot.work.embedded import EmbeddedPostgres
from bot.work.log import logger, loop_problem
from bot.work.meter import Meter
from bot.work.patience import Patience, leaf
from bot.work.queue import Queue
from bot.work.schema import queue_steps
from bot.work.trial import Performer
from bot.work.worker import Worker

_log = logger("bot.web")
_LOOK = 2.0
"""Seconds between two looks whether the embedded PostgreSQL lives."""
_DATABASE_WITHIN = 60.0
"""Seconds for a database to answer when the process starts."""


@dataclass(frozen=True, slots=True)
class Storage:
    """Where the data is: at ``url``, or where that is None in a PostgreSQL of our own below ``folder``."""

    folder: Path
    url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Door:
    """Where webhooks come in, and what they mean."""

    host: str
    port: int
    secrets: tuple[str, ...] = field(repr=False)
    events: Callable[[str, object], tuple[Task, ...]]
    page_key: bytes | None = field(default=None, repr=False)
    """What signs the links to review pages; None for none."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Where jobs are done."""

    performer: Callable[[Queue, Meter], AbstractAsyncContextManager[Performer]]
    """Open as long as the worker runs."""
    patience: Patience = field(default_factory=Patience)
    width: int = 8


def all_steps() -> tuple[Step, ...]:
    """The steps of all tables."""
    return (*queue_steps(), *STEPS)


async def serve(storage: Storage, door: Door | None, bench: Bench | None) -> None:
    """Serve and work until SIGTERM or SIGINT; then end within 30 s.

    Raise BadQuestion or Unreachable where there is no database.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(loop_problem)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        async with _database(storage, stop) as url:
            if not stop.is_set():
                await _open(url, door, bench, stop)
    except ExceptionGroup as problems:  # not hidden: what decides is raised, for the command's one line
        raise leaf(problems) from problems
    _log.info("stopped")


async def _open(url: str, door: Door | None, bench: Bench | None, stop: asyncio.Event) -> None:
    meter = Meter()
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(connections(url, most=4 + (bench.width if bench else 0)))
        queue = Queue(pool)
        await stack.enter_async_context(queue.opened())
        worker = None
        if bench:
            performer = await stack.enter_async_context(bench.performer(queue, meter))
            worker = Worker(queue, performer, meter, patience=bench.patience, width=bench.width)
        async with asyncio.TaskGroup() as group:
            if worker:
                group.create_task(worker.run(stop))
            if door:
                reviews = Reviews(Pages(pool).find, door.page_key) if door.page_key else None
                desk = Desk(door.secrets, door.events, queue, meter, lambda: worker is None or worker.alive, reviews)
                group.create_task(_answer(desk, door, stop))


async def _answer(desk: Desk, door: Door, stop: asyncio.Event) -> None:
    async with listening(desk, door.host, door.port):
        await stop.wait()


@asynccontextmanager
async def _database(storage: Storage, stop: asyncio.Event) -> AsyncIterator[str]:
    """The URL of a database that is up to date."""
    if storage.url:
        await _migrated(storage.url, stop)
        yield storage.url
        return
    embedded = await asyncio.to_thread(EmbeddedPostgres, storage.folder)
    try:
        await _migrated(embedded.url, stop)
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(_watch(embedded))
            yield embedded.url
            watching.cancel()
    finally:
        await asyncio.to_thread(embedded.stop)


async def _watch(embedded: EmbeddedPostgres) -> None:
    """Start the embedded PostgreSQL again whenever it died."""
    while True:
        await asyncio.sleep(_LOOK)
        try:
            revived = await asyncio.to_thread(embedded.revive)
        except (Unreachable, psycopg.Error) as problem:
            _log.error("database.not_revived", problem=type(problem).__name__)
            continue
        if revived:
            _log.warning("database.revived")


async def _migrated(url: str, stop: asyncio.Event) -> None:
    """Bring the database up to date; wait a while for one that does not answer yet."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _DATABASE_WITHIN
    while not stop.is_set():
        try:
            applied = await migrate(url, all_steps())
        except psycopg.OperationalError as problem:
            if loop.time() > end:
                raise Unreachable("the database does not answer; see FLUXBOT_DATABASE_URL") from problem
            _log.warning("database.awaited", problem=type(problem).__name__)
            await asyncio.sleep(1)
        else:
            _log.info("database.ready", migrations=list(applied))
            return
