"""The queue: for each lock one job that runs and one that waits, in PostgreSQL by procrastinate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job
from procrastinate.types import JSONDict
from psycopg.types.json import Jsonb

from bot.model.task import EndLeft, LookAround, LookThrough, ReviewPull, TakeMissed, Task
from bot.store.pool import Connection, Pool
from bot.work.codec import Undecodable, decoded, encoded

JOB = "fluxbot"
"""The one kind of job that procrastinate knows; what it is about stands in its arguments."""

_TRIES = 5
_BEHIND = -100


@dataclass(frozen=True, slots=True)
class Try:
    """A task and how often it has failed; ``is_behind``: all that events ask for is done before it."""

    task: Task
    attempt: int = 0
    is_behind: bool = False

    @property
    def priority(self) -> int:
        """Jobs of a higher one are done first."""
        return _BEHIND if self.is_behind or isinstance(self.task, (TakeMissed, LookAround, LookThrough, EndLeft)) else 0


class Queue:
    """Puts tasks into the queue. Many processes may use one queue."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.app = App(connector=PsycopgConnector())

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """The pool must be open already, and is left so."""
        async with self.app.open_async(self.pool):
            yield

    def serve(self, job: Callable[[JobContext, object, object], Awaitable[None]], otherwise: BaseRetryStrategy) -> None:
        """Make ``job`` what is run: called with the job, its task as JSON, and its attempt.

        ``otherwise`` says what becomes of a job that raised.
        """

        async def run(context: JobContext, *, task: object = None, attempt: object = 0) -> None:
            await job(context, task, attempt)

        self.app.task(name=JOB, pass_context=True, retry=otherwise)(run)

    async def defer(self, task: Task) -> None:
        """Have the task done as soon as possible."""
        async with self.pool.connection() as connection:
            await self.put(connection, Try(task))

    async def defer_behind(self, task: Task) -> None:
        """Have the task done when nothing waits that an event asked for."""
        async with self.pool.connection() as connection:
            await self.put(connection, Try(task, is_behind=True))

    async def put(self, connection: Connection, given: Try, *, wait: float = 0.0) -> None:
        """Have the task done, not before ``wait`` seconds from now, when the transaction is committed.

        Where a job with the same lock waits, it does for both. One that runs
        does not: it may have read the world before the event.
        """
        for _ in range(_TRIES):
            if await _joined(connection, given):
                return
            try:
                async with connection.transaction():
                    await self._defer(connection, given, wait)
            except AlreadyEnqueued:
                continue  # another process was faster by a moment
            return
        raise AlreadyEnqueued(f"{given.task.lock} comes and goes too quickly")

    async def put_back(self, job: Job, wait: float) -> None:
        """Have a job done later that cannot be read here."""
        try:
            await self.app.configure_task(
                JOB,
                lock=job.lock,
                queueing_lock=job.queueing_lock,
                schedule_at=datetime.now(UTC) + timedelta(seconds=wait),
            ).defer_async(**job.task_kwargs)
        except AlreadyEnqueued:
            return  # it waits already

    async def _defer(self, connection: Connection, given: Try, wait: float) -> None:
        lock = given.task.lock
        await self.app.configure_task(
            JOB,
            lock=lock,
            queueing_lock=lock,
            priority=given.priority,
            schedule_at=datetime.now(UTC) + timedelta(seconds=wait) if wait else None,
            connection=connection,
        ).defer_async(**_arguments(given))

    async def waiting(self, lock: str) -> Task | None:
        """The task that waits for the end of the one that runs under its lock."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT args -> 'task' FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo'", (lock,)
            )
            row = await cursor.fetchone()
        try:
            return decoded(row[0]) if row else None
        except Undecodable:
            return None  # a newer worker will read it

    async def busy(self, lock: str) -> bool:
        """Whether a job of that lock waits or runs."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT 1 FROM procrastinate_jobs WHERE lock = %s AND status IN ('todo', 'doing') LIMIT 1", (lock,)
            )
            return await cursor.fetchone() is not None

    async def counted(self) -> tuple[int, int]:
        """How many jobs wait and how many run."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing')"
                " FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
            )
            row = await cursor.fetchone()
            return (int(row[0]), int(row[1])) if row else (0, 0)

    async def oldest(self) -> float:
        """Seconds for which the first of the jobs has waited that are due; 0 where none is."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                """
                SELECT extract(epoch FROM now() - min(greatest(scheduled_at, deferred.at)))
                FROM procrastinate_jobs JOIN LATERAL (
                    SELECT min(at) AS at FROM procrastinate_events WHERE job_id = id AND type = 'deferred'
                ) deferred ON true
                WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
                """
            )
            row = await cursor.fetchone()
            return max(0.0, float(row[0])) if row and row[0] is not None else 0.0

    async def forget(self, installation: int, repository: int | None = None) -> int:
        """Delete the jobs of an installation, or of one of its repositories, that do not run; how many do run."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                """
                WITH its AS (
                    SELECT id, status FROM procrastinate_jobs
                    WHERE task_name = %(job)s
                    AND (args #>> '{task,repository,installation}')::bigint = %(installation)s
                    AND (%(repository)s::bigint IS NULL OR (args #>> '{task,repository,id}')::bigint = %(repository)s)
                ), gone AS (
                    DELETE FROM procrastinate_jobs USING its
                    WHERE procrastinate_jobs.id = its.id AND procrastinate_jobs.status <> 'doing'
                )
                SELECT count(*) FROM its WHERE status = 'doing'
                """,
                {"job": JOB, "installation": installation, "repository": repository},
            )
            row = await cursor.fetchone()
            return int(row[0]) if row else 0


def merged(waiting: Task, arriving: Task) -> Task:
    """One task that does for both; they have the same lock."""
    if isinstance(waiting, ReviewPull) and isinstance(arriving, ReviewPull):
        return replace(
            arriving,
            recheck=arriving.recheck or waiting.recheck,
            event=arriving.event or waiting.event,
            moved=arriving.moved or waiting.moved,
        )
    return arriving


async def _joined(connection: Connection, given: Try) -> bool:
    """Whether a job of the lock waits; then it does the new task as well, with the patience of the fresher one."""
    cursor = await connection.execute(
        "SELECT id, args -> 'task', args -> 'attempt' FROM procrastinate_jobs"
        " WHERE queueing_lock = %s AND status = 'todo' FOR UPDATE",
        (given.task.lock,),
    )
    row = await cursor.fetchone()
    if row is None:
        return False
    number, json, attempt = row
    both = Try(merged(_known(json, given.task), given.task), min(given.attempt, int(attempt)))
    await connection.execute(
        "UPDATE procrastinate_jobs SET args = %s, priority = greatest(priority, %s) WHERE id = %s",
        (Jsonb(_arguments(both)), given.priority, number),
    )
    return True


def _known(json: object, otherwise: Task) -> Task:
    try:
        return decoded(json)
    except Undecodable:
        return otherwise


def _arguments(given: Try) -> JSONDict:
    return {"task": encoded(given.task), "attempt": given.attempt}
