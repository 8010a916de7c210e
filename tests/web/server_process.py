"""A server in a process of its own, with jobs that note what they do: ``python -m tests.web.server_process FOLDER``.

Jobs take SECONDS from the environment. What they note stands in FOLDER/jobs, a line each.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.model.task import Repository, ReviewPull, Task
from bot.web.serving import Bench, Door, Storage, serve
from bot.work.log import LogFormat, start_log
from bot.work.meter import Meter
from bot.work.patience import Patience
from bot.work.queue import Queue
from bot.work.trial import Performer


def events(event: str, payload: object) -> tuple[Task, ...]:
    if event != "pull_request" or not isinstance(payload, dict):
        return ()
    number = payload.get("number")
    if not isinstance(number, int):
        raise ValueError("number is missing")  # noqa: TRY004 - what the real one raises
    return (ReviewPull(Repository(7, 70, "acme", "shop"), number),)


@asynccontextmanager
async def performer(_queue: Queue, _meter: Meter) -> AsyncIterator[Performer]:
    async def perform(task: Task) -> None:
        _note("begun", task)
        await asyncio.sleep(float(os.environ.get("SECONDS", "0")))
        _note("done", task)

    async def give_up(task: Task, _problem: Exception, _tries: int) -> None:
        _note("given-up", task)

    yield Performer(perform, give_up)


def _note(what: str, task: Task) -> None:
    with Path(sys.argv[1], "jobs").open("a") as file:
        file.write(f"{what} {task.lock}\n")


if __name__ == "__main__":
    start_log(LogFormat.JSON)
    patience = Patience(heartbeat=0.5, stalled=2.0, poll=0.2, leave=1.0)
    bench = None if "WEB_ONLY" in os.environ else Bench(performer, patience)
    door = Door("127.0.0.1", 0, ("current", "previous"), events)
    asyncio.run(serve(Storage(Path(sys.argv[1])), door, bench))
