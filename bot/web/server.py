"""The HTTP server: takes webhooks in, and tells how it is."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import psycopg
from aiohttp import web
from procrastinate.exceptions import ProcrastinateException
from prometheus_client import CONTENT_TYPE_LATEST

from bot.model.task import Task
from bot.ports import BadQuestion
from bot.store.deliveries import Delivery
from bot.web.reviews import Reviews
from bot.web.webhook import LARGEST, Refusal, Sent, read
from bot.work.inbox import Inbox
from bot.work.log import logger
from bot.work.meter import Meter
from bot.work.queue import Queue

_log = logger("bot.web")
_BODY_WITHIN: Final = 20.0
"""Seconds for a body to arrive."""
_STORED_WITHIN: Final = 8.0
"""Seconds; GitHub waits 10 s for the answer."""
_READY_WITHIN: Final = 3.0
_SMALL: Final = 1024 * 1024
_LARGE_AT_ONCE: Final = 4
"""Bodies of more than 1 MiB that are in memory at once; the signature of a body is known only at its end."""
_TOO_LARGE: Final = "the body is larger than GitHub's are"
_LEAVE: Final = 8.0
"""Seconds for the requests that run at a stop."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the server needs."""

    secrets: tuple[str, ...]
    events: Callable[[str, object], tuple[Task, ...]]
    """The tasks in an event's payload. Pure; ValueError where the payload is not one of that event."""
    queue: Queue
    meter: Meter
    works: Callable[[], bool]
    """Whether the worker of this process takes jobs; True where it has none."""
    reviews: Reviews | None = None


@asynccontextmanager
async def listening(desk: Desk, host: str, port: int) -> AsyncIterator[int]:
    """Answer requests; the value is the port. On leaving, requests that run are finished first."""
    # The signature is over the bytes that were sent, so nothing may unpack them before.
    runner = web.AppRunner(_application(desk), access_log=None, auto_decompress=False, shutdown_timeout=_LEAVE)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as problem:
            raise BadQuestion(f"cannot listen on {host}:{port}: {problem.strerror}") from problem
        bound: int = runner.addresses[0][1]
        _log.info("web.listening", host=host, port=bound)
        yield bound
    finally:
        await runner.cleanup()


def _application(desk: Desk) -> web.Application:
    application = web.Application(client_max_size=LARGEST)
    hooks = Webhooks(desk)
    health = Health(desk)
    application.add_routes([
        web.post("/webhook", hooks.answer),
        web.get("/healthz", health.lives),
        web.get("/readyz", health.ready),
        web.get("/metrics", health.metrics),
    ])  # fmt: skip
    if desk.reviews:
        application.add_routes([web.get("/reviews/{owner}/{repo}/{number}/{sha}", desk.reviews.answer)])
    return application


class Webhooks:
    """Answers ``POST /webhook``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._inbox = Inbox(desk.queue)
        self._large = asyncio.Semaphore(_LARGE_AT_ONCE)
        # Its own threads, so that nothing else can keep GitHub waiting.
        self._threads = ThreadPoolExecutor(2, "webhook")

    async def answer(self, request: web.Request) -> web.Response:
        """202 when the delivery is stored, and what it asks for is in the queue; else why not."""
        began = time.monotonic()
        said = await self._taken(request)
        self._desk.meter.deliveries.labels(said.event, str(said.status), said.outcome).inc()
        self._desk.meter.storing.observe(time.monotonic() - began)
        return web.Response(status=said.status, text=said.reason + "\n")

    async def _taken(self, request: web.Request) -> Said:
        length = request.content_length
        if length is not None and length > LARGEST:
            return _refused(Refusal(413, _TOO_LARGE))
        if length is not None and length <= _SMALL:
            return await self._read(request)
        try:
            async with asyncio.timeout(_STORED_WITHIN):
                await self._large.acquire()
        except TimeoutError:
            return Said(503, "busy", "too many large requests at once")
        try:
            return await self._read(request)
        finally:
            self._large.release()

    async def _read(self, request: web.Request) -> Said:
        try:
            async with asyncio.timeout(_BODY_WITHIN):
                body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _refused(Refusal(413, _TOO_LARGE))
        except TimeoutError:
            return _refused(Refusal(400, "the body did not arrive in time"))
        loop = asyncio.get_running_loop()
        match await loop.run_in_executor(self._threads, _judged, self._desk, request.headers, body):
            case Refusal() as refusal:
                return _refused(refusal)
            case (sent, tasks):
                return await self._store(sent.delivery, tasks)

    async def _store(self, delivery: Delivery, tasks: tuple[Task, ...]) -> Said:
        told = _log.bind(
            delivery=delivery.id, webhook=delivery.event, action=delivery.action, locks=[task.lock for task in tasks]
        )
        try:
            async with asyncio.timeout(_STORED_WITHIN):
                new = await self._inbox.take(delivery, tasks)
        except (psycopg.Error, ProcrastinateException, TimeoutError) as problem:
            told.error("webhook.not_stored", problem=type(problem).__name__)
            return Said(503, "not-stored", "could not store the delivery", delivery.event)
        told.info("webhook.stored" if new else "webhook.repeated")
        outcome, reason = ("stored", "stored") if new else ("repeated", "came before")
        return Said(202, outcome, reason, delivery.event)


class Health:
    """Answers the questions of those who run the server."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._inbox = Inbox(desk.queue)

    async def lives(self, _request: web.Request) -> web.Response:
        """The process answers."""
        return web.Response(text="alive\n")

    async def ready(self, _request: web.Request) -> web.Response:
        """Whether a delivery can be stored and, where this process works, a job done."""
        try:
            async with asyncio.timeout(_READY_WITHIN):
                await self._inbox.ready()
        except (psycopg.Error, TimeoutError):
            return web.Response(status=503, text="the database does not answer\n")
        if not self._desk.works():
            return web.Response(status=503, text="the worker does not run\n")
        return web.Response(text="ready\n")

    async def metrics(self, _request: web.Request) -> web.Response:
        """The counters of this process, and the lengths of the queue where the database answers."""
        meter = self._desk.meter
        waiting, running, oldest = await self._lengths()
        meter.waiting.set(waiting)
        meter.running.set(running)
        meter.oldest.set(oldest)
        return web.Response(body=meter.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _lengths(self) -> tuple[float, float, float]:
        try:
            async with asyncio.timeout(_READY_WITHIN):
                return (*await self._desk.queue.counted(), await self._desk.queue.oldest())
        except (psycopg.Error, TimeoutError):
            return math.nan, math.nan, math.nan


@dataclass(frozen=True, slots=True)
class Said:
    """What a webhook is answered with."""

    status: int
    outcome: str
    reason: str
    event: str = ""
    """GitHub's name of the event; empty where it is not known that GitHub sent it."""


def _judged(desk: Desk, headers: Mapping[str, str], body: bytes) -> tuple[Sent, tuple[Task, ...]] | Refusal:
    """What was sent and what it asks for. In a thread: a payload may have 25 MB."""
    sent = read(headers, body, desk.secrets)
    if isinstance(sent, Refusal):
        return sent
    try:
        return sent, desk.events(sent.delivery.event, sent.payload)
    except ValueError:
        return Refusal(400, f"the payload is not one of {sent.delivery.event}")


def _refused(refusal: Refusal) -> Said:
    _log.warning("webhook.refused", status=refusal.status, reason=refusal.reason)
    return Said(refusal.status, "refused", refusal.reason)
