"""GitHub's own examples of each event that we listen to: delivered to the server, done by the worker."""

from __future__ import annotations

import asyncio
import hmac
import json
from functools import partial

import aiohttp
import pytest

from bot.github.events import tasks
from bot.model.task import BaseMoved, Forget, LookAround, ReviewGroup, ReviewPull, Task, Welcome
from bot.web.server import Desk, listening
from bot.work.meter import Meter
from bot.work.patience import Patience
from bot.work.queue import Queue
from bot.work.trial import Performer
from bot.work.worker import Worker
from tests.example_payloads import examples

SECRET = "a webhook secret"
NO_APP = "the payload is not one of "
"""Examples that were recorded from a repository's own webhook name no installation, which an App's always do."""


async def delivered(queue: Queue, event: str) -> list[tuple[int, str]]:
    """The status and the words of the answer to each example of an event."""
    desk = Desk((SECRET,), partial(tasks, own_app=None), queue, Meter(), lambda: True)
    answers = []
    async with listening(desk, "127.0.0.1", 0) as port, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        for number, payload in enumerate(examples()[event]):
            body = json.dumps(payload).encode()
            headers = {
                "X-GitHub-Delivery": f"{event.replace('_', '-')}-{number}",
                "X-GitHub-Event": event,
                "X-Hub-Signature-256": "sha256=" + hmac.new(SECRET.encode(), body, "sha256").hexdigest(),
                "Content-Type": "application/json",
            }
            async with session.post("/webhook", data=body, headers=headers) as answer:
                answers.append((answer.status, await answer.text()))
    return answers


async def worked_off(queue: Queue) -> tuple[list[Task], list[Task]]:
    """What a worker did, and what it gave up, until nothing waits."""
    done: list[Task] = []
    given_up: list[Task] = []

    async def perform(task: Task) -> None:
        done.append(task)

    async def give_up(task: Task, _problem: Exception, _tries: int) -> None:
        given_up.append(task)

    stop = asyncio.Event()
    worker = Worker(queue, Performer(perform, give_up), Meter(), patience=Patience(poll=0.1, leave=0.3, window=0.0))
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run(stop))
        try:
            async with asyncio.timeout(60):
                while await queue.counted() != (0, 0):  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.02)
        finally:
            stop.set()
    return done, given_up


async def failed_jobs(queue: Queue) -> int:
    async with queue.pool.connection() as connection:
        cursor = await connection.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize(
    ("event", "stored", "refused"),
    [
        ("pull_request", 26, 3),
        ("issue_comment", 9, 0),
        ("check_run", 9, 0),
        ("check_suite", 9, 0),
        ("installation", 7, 0),
        ("merge_group", 2, 0),
        ("installation_repositories", 3, 0),
        ("repository", 11, 2),
    ],
)
async def test_an_example_is_stored_or_refused_with_a_reason(
    queue: Queue, event: str, stored: int, refused: int
) -> None:
    answers = await delivered(queue, event)

    assert sorted(answers) == [(202, "stored\n")] * stored + [(400, f"{NO_APP}{event}\n")] * refused


@pytest.mark.parametrize(
    ("event", "kinds"),
    [
        ("pull_request", {ReviewPull}),
        ("issue_comment", set()),
        ("check_run", set()),
        ("check_suite", {ReviewPull, BaseMoved}),
        ("installation", {Welcome, Forget, LookAround}),  # two examples name no repository
        ("merge_group", {ReviewGroup}),
        ("installation_repositories", {Welcome, Forget}),
        ("repository", {Welcome}),
    ],
)
async def test_the_worker_can_read_every_task_of_the_examples(queue: Queue, event: str, kinds: set[type[Task]]) -> None:
    await delivered(queue, event)
    waiting, _ = await queue.counted()

    done, given_up = await worked_off(queue)

    assert {type(task) for task in done} == kinds
    assert (len(done), given_up) == (waiting, [])
    assert await failed_jobs(queue) == 0
