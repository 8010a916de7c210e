"""Puts back the jobs that nobody does any more."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import psycopg
from procrastinate.exceptions import ConnectorException, NoResult, UniqueViolation
from procrastinate.jobs import Status

from bot.work.log import logger
from bot.work.meter import Meter
from bot.work.patience import Patience
from bot.work.queue import Queue

_log = logger("bot.work")
_LOCK = 0x666C75787464
"""The advisory lock: ``fluxtd`` in ASCII."""


class Tending:
    """Finds jobs of dead workers, and jobs whose end could not be written down.

    One process at a time looks, so a job that another has just put back, and
    that runs again, is never put back twice.
    """

    def __init__(self, queue: Queue, patience: Patience, meter: Meter) -> None:
        self._queue = queue
        self._patience = patience
        self._meter = meter
        self._running: set[int] = set()
        self._ended: dict[int, float] = {}

    def began(self, job: int) -> None:
        """The job runs in this process."""
        self._running.add(job)
        self._ended.pop(job, None)

    def ended(self, job: int) -> None:
        """The job no longer runs in this process, whatever the database says."""
        self._running.discard(job)
        self._ended[job] = time.monotonic()

    async def run(self) -> None:
        """Look again and again until cancelled; a database that is away is looked for again."""
        while True:
            try:
                await self._look()
            except (ConnectorException, psycopg.Error) as problem:
                _log.warning("tending.no_database", problem=type(problem).__name__)
            await asyncio.sleep(self._patience.stalled / 4)

    async def _look(self) -> None:
        async with self._queue.pool.connection() as connection:
            cursor = await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (_LOCK,))
            row = await cursor.fetchone()
            if row is None or not row[0]:
                return
            stalled = await self._queue.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=self._patience.stalled)
            dead = [job.id for job in stalled if job.id is not None and job.id not in self._running]
            for number in (*dead, *await self._unwritten()):
                await self._revive(number)

    async def _unwritten(self) -> list[int]:
        """Jobs that ended here a while ago and still are said to run."""
        before = time.monotonic() - self._patience.stalled
        old = [number for number, ended in self._ended.items() if ended < before]
        found = []
        for number in old:
            try:
                status = await self._queue.app.job_manager.get_job_status_async(number)
            except NoResult:
                status = Status.SUCCEEDED  # those are deleted
            if status is Status.DOING and number not in self._running:
                found.append(number)
            self._ended.pop(number, None)
        return found

    async def _revive(self, number: int) -> None:
        manager = self._queue.app.job_manager
        try:
            await manager.retry_job_by_id_async(number, datetime.now(UTC))
        except UniqueViolation:
            # One with the same lock waits: it reads the world as it is then, so it does for both.
            await manager.finish_job_by_id_async(number, Status.FAILED, delete_job=True)
        except ConnectorException as problem:
            if not isinstance(problem.__cause__, psycopg.errors.RaiseException):
                raise
            return  # it ended in this moment
        self._meter.revived.inc()
        _log.warning("job.revived", job=number)
