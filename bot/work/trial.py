"""One try of one job."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.jobs import Job
from structlog.contextvars import bound_contextvars

from bot.model.task import Repository, ReviewPull, Task
from bot.ports import Transient, Unreachable
from bot.store.pacing import starts_in
from bot.work.codec import Undecodable, decoded, kind
from bot.work.log import logger, problem_fields
from bot.work.meter import Meter
from bot.work.patience import Crashed, Patience, leaf
from bot.work.queue import Queue, Try

_log = logger("bot.work")
_NEWER_WAIT = 30.0
_LEAVE = 5.0


@dataclass(frozen=True, slots=True)
class Round:
    """A task that is done when a worker starts, and again at the times of ``cron`` by one worker of all."""

    cron: str
    task: Task


@dataclass(frozen=True, slots=True)
class Performer:
    """What the jobs are. Both may be called again for a task that is done: the worker may die before it says so."""

    perform: Callable[[Task], Awaitable[None]]
    give_up: Callable[[Task, Exception, int], Awaitable[None]]
    """Tell those who wait for the task that it failed for good, why, and at which try."""
    rounds: tuple[Round, ...] = ()
    """What is done without being asked for."""


def _subject(task: Task) -> dict[str, object]:
    """What a task is about, for each line of the log: as far as the task says, and the sha where the work finds it."""
    about: dict[str, object] = {"lock": task.lock, "sha": getattr(task, "head", None)}
    repository = getattr(task, "repository", None)
    if isinstance(repository, Repository):
        about["repository"] = str(repository)
    if (number := getattr(task, "number", None)) is not None:
        about["pull"] = number
    return about


class LastResort(BaseRetryStrategy):
    """What procrastinate does with an exception that leaves ``Trials.run``: the database was away, so try again.

    All other retries are new jobs, because a job that becomes a waiting one
    collides with the one that may wait already.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002
        if isinstance(exception, (Undecodable, asyncio.CancelledError)):
            return None
        return RetryDecision(retry_in={"seconds": 10})


class Trials:
    """Runs tries, and decides what follows from how they end."""

    def __init__(self, queue: Queue, performer: Performer, meter: Meter, patience: Patience) -> None:
        self._queue = queue
        self._performer = performer
        self._meter = meter
        self._patience = patience

    async def run(self, context: JobContext, json: object, attempt: object) -> None:
        """One try. What it raises is for ``LastResort``."""
        number = attempt if isinstance(attempt, int) else 0
        try:
            given = Try(decoded(json), number)
        except Undecodable as problem:
            _log.error("job.unreadable", job=context.job.id, newer=problem.newer, reason=str(problem))
            if not problem.newer:
                raise
            # Old and new workers run side by side for a while when a release is rolled out.
            await self._queue.put_back(context.job, _NEWER_WAIT)
            return
        with bound_contextvars(job=context.job.id, kind=kind(given.task), attempt=number, **_subject(given.task)):
            await self._try(given, crashes=context.job.attempts)

    async def _try(self, given: Try, *, crashes: int) -> None:
        task = given.task
        if isinstance(task, ReviewPull):
            pace = self._patience
            wait = await starts_in(self._queue.pool, task.lock, most=pace.starts, window=pace.window)
            if wait:
                await self._again(given, wait)
                self._count(task, "paced")
                return
        if crashes >= self._patience.crashes:
            await self._failed(given, Crashed(f"fluxbot died {crashes} times in the middle of this review"))
            return
        began = time.monotonic()
        try:
            await self._performed(task)
        except asyncio.CancelledError:
            async with asyncio.timeout(_LEAVE):
                await self._again(given, 0)
            self._count(task, "left")
            raise
        except Exception as problem:  # noqa: BLE001 - boundary: whatever a job raises, the next job is to run
            await self._failed(given, leaf(problem))
        else:
            self._count(task, "done")
            self._meter.job_seconds.labels(kind(task)).observe(time.monotonic() - began)
            _log.info("job.done", seconds=round(time.monotonic() - began, 3))

    async def _performed(self, task: Task) -> None:
        limit = asyncio.timeout(self._patience.longest_try)
        try:
            async with limit:
                await self._performer.perform(task)
        except TimeoutError as problem:
            if not limit.expired():
                raise
            raise Unreachable(f"it was not done after {self._patience.longest_try:.0f} s") from problem

    async def _failed(self, given: Try, problem: Exception) -> None:
        delay = self._patience.delay(problem, given.attempt, time.time())
        if delay is not None:
            _log.warning("job.retried", wait=round(delay, 1), **problem_fields(problem, problem.__traceback__))
            await self._again(replace(given, attempt=given.attempt + 1), delay)
            self._count(given.task, "retried")
            return
        _log.error("job.given_up", **problem_fields(problem, problem.__traceback__))
        self._count(given.task, "given-up")
        try:
            await self._performer.give_up(given.task, problem, given.attempt + 1)
        except Exception as second:  # noqa: BLE001 - boundary: as above
            await self._unsaid(given, leaf(second))

    async def _unsaid(self, given: Try, problem: Exception) -> None:
        """Even to say that it failed has failed; where that may change, all of it is tried once more, later."""
        _log.error("job.unsaid", **problem_fields(problem, problem.__traceback__))
        if isinstance(problem, Transient) and given.attempt < 2 * self._patience.transient_tries:
            await self._again(replace(given, attempt=given.attempt + 1), self._patience.longest)

    async def _again(self, given: Try, wait: float) -> None:
        async with self._queue.pool.connection() as connection:
            await self._queue.put(connection, given, wait=wait)

    def _count(self, task: Task, outcome: str) -> None:
        self._meter.jobs.labels(kind(task), outcome).inc()
