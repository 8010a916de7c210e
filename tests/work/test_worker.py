"""The queue and its worker, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import psycopg
import pytest

from bot.model.task import Answer, Forget, Repository, ReviewPull, Task, Welcome
from bot.ports import Interrupted, NotPermitted, RateLimited, Unreachable
from bot.store.belongings import repositories
from bot.store.deliveries import Delivery
from bot.store.pool import Pool, connections
from bot.work.inbox import Inbox
from bot.work.meter import Meter
from bot.work.patience import Patience
from bot.work.queue import Queue
from bot.work.trial import Performer
from bot.work.worker import Worker

SHOP = Repository(installation=7, id=70, owner="acme", name="shop")
QUICK = Patience(first=0.05, longest=0.2, heartbeat=0.3, stalled=1.0, poll=0.1, leave=0.3, window=0.0)

Perform = Callable[[Task], Awaitable[None]]


@asynccontextmanager
async def working(queue: Queue, perform: Perform, patience: Patience = QUICK) -> AsyncIterator[list[tuple[Task, str]]]:
    """A worker; the value is what it gave up, and the kind of problem."""
    given_up: list[tuple[Task, str]] = []

    async def give_up(task: Task, problem: Exception, _tries: int) -> None:
        given_up.append((task, type(problem).__name__))

    async with running(Worker(queue, Performer(perform, give_up), Meter(), patience=patience)):
        yield given_up


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[None]:
    """The worker runs."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run(stop))
        try:
            yield
        finally:
            stop.set()


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)


async def empty(queue: Queue) -> None:
    async with asyncio.timeout(20):
        while await queue.counted() != (0, 0):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)


async def test_twenty_pull_requests_at_once_are_all_done(queue: Queue) -> None:
    done: list[Task] = []

    async def perform(task: Task) -> None:
        await asyncio.sleep(0.05)
        done.append(task)

    async with working(queue, perform):
        await asyncio.gather(*(queue.defer(ReviewPull(SHOP, number)) for number in range(1, 21)))
        await empty(queue)

    assert sorted(task.number for task in done if isinstance(task, ReviewPull)) == list(range(1, 21))


async def test_two_jobs_of_one_pull_request_never_run_at_once_and_the_last_state_wins(queue: Queue) -> None:
    running, most, seen = 0, 0, []
    state = 0

    async def perform(_task: Task) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        seen.append(state)
        await asyncio.sleep(0.1)
        running -= 1

    async with working(queue, perform):
        for _ in range(30):
            state += 1
            await queue.defer(ReviewPull(SHOP, 1))
            await asyncio.sleep(0.02)
        await empty(queue)

    assert most == 1
    assert seen[-1] == 30


async def test_fifty_pushes_in_a_burst_cost_three_reviews_at_most(queue: Queue) -> None:
    seen: list[int] = []
    pushed = 0

    async def perform(_task: Task) -> None:
        seen.append(pushed)

    # As in production, where 10 s of pushes meet a window of 15 s; shorter, so that the test is.
    pace = Patience(poll=0.1, heartbeat=0.5, stalled=20.0, starts=2, window=6.0)
    async with working(queue, perform, pace):
        for _ in range(50):
            pushed += 1
            await queue.defer(ReviewPull(SHOP, 1))
            await asyncio.sleep(0.04)
        await empty(queue)

    assert len(seen) <= 3
    assert seen[-1] == 50


async def test_a_recheck_is_not_lost_in_a_job_that_waits_already(queue: Queue) -> None:
    done: list[Task] = []

    async def perform(task: Task) -> None:
        done.append(task)

    await queue.defer(ReviewPull(SHOP, 1))
    await queue.defer(ReviewPull(SHOP, 1, recheck=True))
    await queue.defer(ReviewPull(SHOP, 1))
    async with working(queue, perform):
        await empty(queue)

    assert done == [ReviewPull(SHOP, 1, recheck=True)]


async def test_a_passing_failure_is_tried_again_until_it_works(queue: Queue) -> None:
    tries = 0

    async def perform(_task: Task) -> None:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise Unreachable("no answer")

    async with working(queue, perform) as given_up:
        await queue.defer(Answer(SHOP, 1, 2))
        await empty(queue)

    assert tries == 4
    assert given_up == []


async def test_a_review_that_its_process_dies_of_is_given_up_after_three_tries(queue: Queue) -> None:
    tries = 0

    async def perform(_task: Task) -> None:
        nonlocal tries
        tries += 1
        raise Interrupted("the analysis process ended before it answered")

    async with working(queue, perform) as given_up:
        await queue.defer(ReviewPull(SHOP, 1))
        await empty(queue)

    assert tries == 3
    assert given_up == [(ReviewPull(SHOP, 1), "Interrupted")]


async def test_who_waits_is_told_at_which_try_it_was_given_up(queue: Queue) -> None:
    told: list[tuple[str, int]] = []

    async def perform(_task: Task) -> None:
        raise Unreachable("no answer")

    async def give_up(_task: Task, problem: Exception, tries: int) -> None:
        told.append((str(problem), tries))

    patience = replace(QUICK, transient_tries=4)
    async with running(Worker(queue, Performer(perform, give_up), Meter(), patience=patience)):
        await queue.defer(ReviewPull(SHOP, 1))
        await until(lambda: told)

    assert told == [("no answer", 5)]


async def test_a_try_that_hangs_is_ended_and_made_again(queue: Queue) -> None:
    tries = 0

    async def perform(_task: Task) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            await asyncio.sleep(600)

    async with working(queue, perform, replace(QUICK, longest_try=0.3)) as given_up:
        await queue.defer(ReviewPull(SHOP, 1))
        await empty(queue)

    assert tries == 2
    assert given_up == []


async def test_a_database_that_fails_in_the_middle_of_a_task_is_no_bug_of_the_task(queue: Queue) -> None:
    tries = 0

    async def perform(_task: Task) -> None:
        nonlocal tries
        tries += 1
        if tries < 6:
            raise psycopg.OperationalError("the connection is closed")

    async with working(queue, perform) as given_up:
        await queue.defer(ReviewPull(SHOP, 1))
        await empty(queue)

    assert tries == 6
    assert given_up == []


async def test_a_rate_limit_is_waited_for(queue: Queue) -> None:
    tried: list[float] = []
    end = time.time() + 1.0

    async def perform(_task: Task) -> None:
        tried.append(time.time())
        if len(tried) == 1:
            raise RateLimited(end)

    async with working(queue, perform):
        await queue.defer(Answer(SHOP, 1, 2))
        await empty(queue)

    assert len(tried) == 2
    assert tried[1] >= end


async def test_a_lasting_failure_is_given_up_at_once(queue: Queue) -> None:
    async def perform(_task: Task) -> None:
        raise NotPermitted("checks: write")

    async with working(queue, perform) as given_up:
        await queue.defer(ReviewPull(SHOP, 1))
        await empty(queue)

    assert given_up == [(ReviewPull(SHOP, 1), "NotPermitted")]


async def test_a_bug_is_tried_three_times_and_given_up_and_the_worker_goes_on(queue: Queue) -> None:
    tries: list[Task] = []

    async def perform(task: Task) -> None:
        tries.append(task)
        if isinstance(task, ReviewPull):
            raise ExceptionGroup("two at once", [Unreachable("no answer"), KeyError("spec")])

    async with working(queue, perform) as given_up:
        await queue.defer(ReviewPull(SHOP, 1))
        await until(lambda: given_up)
        await queue.defer(Welcome(SHOP))
        await empty(queue)

    assert tries == [ReviewPull(SHOP, 1)] * 3 + [Welcome(SHOP)]
    assert given_up == [(ReviewPull(SHOP, 1), "KeyError")]


async def test_a_failure_while_the_next_job_waits_leaves_one_job_and_no_lock(queue: Queue) -> None:
    tries = 0
    begun = asyncio.Event()
    go_on = asyncio.Event()

    async def perform(_task: Task) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            begun.set()
            await go_on.wait()
            raise Unreachable("no answer")

    async with working(queue, perform):
        await queue.defer(ReviewPull(SHOP, 1))
        await begun.wait()
        await queue.defer(ReviewPull(SHOP, 1))
        go_on.set()
        await empty(queue)

    assert tries == 2


async def test_a_stop_leaves_what_takes_too_long_to_the_next_worker(queue: Queue, database: str) -> None:
    begun = asyncio.Event()
    done: list[Task] = []

    async def slow(_task: Task) -> None:
        begun.set()
        await asyncio.sleep(600)

    async def quick(task: Task) -> None:
        done.append(task)

    async with working(queue, slow):
        await queue.defer(ReviewPull(SHOP, 1))
        await begun.wait()
    async with connections(database) as pool:
        second = Queue(pool)
        async with second.opened(), working(second, quick):
            await empty(second)

    assert done == [ReviewPull(SHOP, 1)]


async def test_a_job_whose_worker_died_is_done_again(queue: Queue, pool: Pool) -> None:
    done: list[Task] = []

    async def perform(task: Task) -> None:
        done.append(task)

    await queue.defer(ReviewPull(SHOP, 1))
    await _fetched_by_the_dead(pool)
    async with working(queue, perform):
        await empty(queue)

    assert done == [ReviewPull(SHOP, 1)]


async def test_a_job_whose_worker_died_is_done_by_the_one_that_waits(queue: Queue, pool: Pool) -> None:
    done: list[Task] = []

    async def perform(task: Task) -> None:
        done.append(task)

    await queue.defer(ReviewPull(SHOP, 1))
    await _fetched_by_the_dead(pool)
    await queue.defer(ReviewPull(SHOP, 1, recheck=True))
    async with working(queue, perform):
        await empty(queue)

    assert done == [ReviewPull(SHOP, 1, recheck=True)]


async def test_a_job_that_kills_its_workers_is_given_up(queue: Queue, pool: Pool) -> None:
    done: list[Task] = []

    async def perform(task: Task) -> None:
        done.append(task)

    await queue.defer(ReviewPull(SHOP, 1))
    await _fetched_by_the_dead(pool, attempts=4)
    async with working(queue, perform) as given_up:
        await empty(queue)

    assert done == []
    assert given_up == [(ReviewPull(SHOP, 1), "Crashed")]


async def test_a_worker_that_loses_the_database_works_again_afterwards(queue: Queue, pool: Pool) -> None:
    done: list[Task] = []

    async def perform(task: Task) -> None:
        done.append(task)

    async with working(queue, perform):
        await queue.defer(Welcome(SHOP))
        await until(lambda: len(done) == 1)
        async with pool.connection() as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await queue.defer(Welcome(SHOP))
        await until(lambda: len(done) == 2)


async def test_what_cannot_be_read_does_not_stop_the_worker(queue: Queue, pool: Pool) -> None:
    done: list[Task] = []

    async def perform(task: Task) -> None:
        done.append(task)

    await queue.defer(ReviewPull(SHOP, 1))
    async with pool.connection() as connection:
        await connection.execute("""UPDATE procrastinate_jobs SET args = '{"task": {"v": 1, "kind": "nonsense"}}'""")
    async with working(queue, perform):
        await queue.defer(ReviewPull(SHOP, 2))
        await empty(queue)

    assert done == [ReviewPull(SHOP, 2)]


async def test_a_delivery_that_came_before_asks_for_nothing(queue: Queue) -> None:
    inbox = Inbox(queue)

    first = await inbox.take(Delivery("a-b", "pull_request"), (ReviewPull(SHOP, 1), Forget(9)))
    second = await inbox.take(Delivery("a-b", "pull_request"), (ReviewPull(SHOP, 2),))

    assert (first, second) == (True, False)
    assert await queue.counted() == (2, 0)
    assert await repositories(queue.pool) == (SHOP,)


async def test_a_delivery_whose_task_cannot_be_stored_is_not_stored_either(queue: Queue, pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute("ALTER TABLE procrastinate_jobs ADD CONSTRAINT none CHECK (false) NOT VALID")
    with pytest.raises(Exception, match=r".*"):
        await Inbox(queue).take(Delivery("a-b", "pull_request"), (ReviewPull(SHOP, 1),))
    async with pool.connection() as connection:
        await connection.execute("ALTER TABLE procrastinate_jobs DROP CONSTRAINT none")

    assert await Inbox(queue).take(Delivery("a-b", "pull_request"), (ReviewPull(SHOP, 1),))


async def test_jobs_of_an_installation_that_is_gone_are_deleted(queue: Queue) -> None:
    await queue.defer(ReviewPull(SHOP, 1))
    await queue.defer(ReviewPull(Repository(8, 80, "umbrella", "shop"), 1))

    await queue.forget(7)

    assert await queue.counted() == (1, 0)


async def test_jobs_that_run_are_counted_when_their_installation_is_forgotten(queue: Queue, pool: Pool) -> None:
    await queue.defer(ReviewPull(SHOP, 1))
    await _fetched_by_the_dead(pool)
    await queue.defer(ReviewPull(SHOP, 2))

    assert await queue.forget(8) == 0
    assert await queue.forget(7, 71) == 0
    assert await queue.forget(7, 70) == 1
    assert await queue.counted() == (0, 1)


async def _fetched_by_the_dead(pool: Pool, attempts: int = 0) -> None:
    """What stands in the database after a worker was killed in the middle of its jobs."""
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        )
        row = await cursor.fetchone()
        await connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = %s", (row and row[0], attempts)
        )


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13])
async def test_a_stop_while_it_begins_is_not_lost(queue: Queue, turns: int) -> None:
    async def perform(_task: Task) -> None:
        raise AssertionError("there is nothing to do")

    async with asyncio.timeout(20):
        async with working(queue, perform):
            for _ in range(turns):
                await asyncio.sleep(0)
