"""The worker: takes jobs out of the queue, as long as it is not told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import psycopg
from procrastinate import JobContext
from procrastinate.exceptions import ConnectorException

from bot.model.task import Task
from bot.store.belongings import prune
from bot.work.codec import kind
from bot.work.log import logger
from bot.work.meter import Meter
from bot.work.patience import Patience
from bot.work.queue import Queue
from bot.work.tending import Tending
from bot.work.trial import LastResort, Performer, Trials

_log = logger("bot.work")
_AGAIN = 1.0
"""Seconds before the worker starts again after it lost the database."""

_WEEK = 24 * 7


class Worker:
    """Runs the jobs of a queue, ``width`` side by side, in one event loop: what computes does so in other processes."""

    def __init__(
        self, queue: Queue, performer: Performer, meter: Meter, *, patience: Patience | None = None, width: int = 8
    ) -> None:
        self._queue = queue
        self._patience = patience or Patience()
        self._width = width
        self._trials = Trials(queue, performer, meter, self._patience)
        self._tending = Tending(queue, self._patience, meter)
        self._working = False
        queue.serve(self._job, LastResort())
        # Without any periodic task procrastinate's watch over its own heartbeat ends at once.
        pruning = queue.app.task(name="fluxbot-prune", queueing_lock="fluxbot-prune")(self._prune)
        queue.app.periodic(cron="17 3 * * *")(pruning)
        self._rounds = performer.rounds
        for each in self._rounds:
            name = f"fluxbot-{kind(each.task)}"
            going = queue.app.task(name=name, queueing_lock=name)(_going(queue, each.task))
            queue.app.periodic(cron=each.cron)(going)

    @property
    def alive(self) -> bool:
        """Whether it takes jobs now."""
        return self._working

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set; then finish what runs, or leave it to the next worker."""
        async with asyncio.TaskGroup() as group:
            tending = group.create_task(self._tending.run())
            while not stop.is_set():
                await self._until_lost(stop)
            await _ended(tending, _AGAIN)

    async def _until_lost(self, stop: asyncio.Event) -> None:
        """Work until the stop, or until the database is lost and a moment has passed."""
        working = asyncio.create_task(self._work())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            await _ended(working, self._patience.leave + _AGAIN)
            self._working = False
        problem = None if working.cancelled() else working.exception()
        if isinstance(problem, (ConnectorException, psycopg.Error)):
            _log.warning("worker.lost_database", problem=type(problem).__name__)
        elif problem is not None:
            raise problem
        if not stop.is_set():
            await asyncio.sleep(_AGAIN)

    async def _work(self) -> None:
        for each in self._rounds:  # whoever was away, or without a database, may have missed something
            await self._queue.defer(each.task)
        self._working = True
        await self._queue.app.run_worker_async(
            concurrency=self._width,
            install_signal_handlers=False,
            delete_jobs="successful",
            fetch_job_polling_interval=self._patience.poll,
            shutdown_graceful_timeout=self._patience.leave,
            update_heartbeat_interval=self._patience.heartbeat,
            stalled_worker_timeout=self._patience.stalled,
        )

    async def _job(self, context: JobContext, json: object, attempt: object) -> None:
        number = context.job.id or 0
        self._tending.began(number)
        try:
            await self._trials.run(context, json, attempt)
        finally:
            self._tending.ended(number)

    async def _prune(self, timestamp: int) -> None:
        """Delete what is too old; ``timestamp`` is when procrastinate meant it to run."""
        _log.info("pruned", planned=timestamp)
        await prune(self._queue.pool)
        await self._queue.app.job_manager.delete_old_jobs(
            _WEEK, include_failed=True, include_cancelled=True, include_aborted=True
        )


def _going(queue: Queue, task: Task) -> Callable[[int], Awaitable[None]]:
    async def go(timestamp: int) -> None:
        """Have the task done; ``timestamp`` is when procrastinate meant it to be."""
        _log.info("round.begun", kind=kind(task), planned=timestamp)
        await queue.defer(task)

    return go


async def _ended(task: asyncio.Task[None], patience: float) -> None:
    """Wait for the end of a task that is told to end, and told again every ``patience`` seconds.

    Once is not enough: a cancellation that meets a query may come out of the
    database's driver as an error of the query, which the task lives through.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=patience)
