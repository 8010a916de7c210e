"""What is looked for unasked: when, by whom, and behind what."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.app.intake import QueueIntake
from bot.model.missed import Missed
from bot.model.task import LookAround, LookThrough, Repository, ReviewPull, TakeMissed, Task
from bot.ports import Unreachable
from bot.work.inbox import Inbox
from bot.work.meter import Meter
from bot.work.queue import Queue
from bot.work.trial import Performer, Round
from bot.work.worker import Worker
from tests.work.test_worker import QUICK, empty, running, until, working

SHOP = Repository(installation=7, id=70, owner="acme", name="shop")
AT = datetime(2026, 11, 26, tzinfo=UTC)


async def in_order(queue: Queue) -> list[Task]:
    """The tasks that wait, in the order in which one worker does them."""
    done: list[Task] = []

    async def perform(task: Task) -> None:
        done.append(task)

    async def give_up(_task: Task, _problem: Exception, _tries: int) -> None:
        raise AssertionError

    worker = Worker(queue, Performer(perform, give_up), Meter(), patience=QUICK, width=1)
    async with running(worker):
        await empty(queue)
    return done


async def test_what_an_event_asks_for_is_done_before_what_was_looked_for(queue: Queue) -> None:
    await queue.defer(LookThrough(SHOP))
    await queue.defer_behind(ReviewPull(SHOP, 1))
    await queue.defer_behind(ReviewPull(SHOP, 2))
    await queue.defer(ReviewPull(SHOP, 3))
    await queue.defer(ReviewPull(SHOP, 2))

    done = await in_order(queue)

    assert done == [ReviewPull(SHOP, 2), ReviewPull(SHOP, 3), LookThrough(SHOP), ReviewPull(SHOP, 1)]


async def test_a_look_that_failed_is_still_behind_when_it_is_tried_again(queue: Queue) -> None:
    done: list[Task] = []

    async def perform(task: Task) -> None:
        done.append(task)
        if len(done) == 1:
            await queue.defer(ReviewPull(SHOP, 1))
            raise Unreachable("no answer")

    async with working(queue, perform):
        await queue.defer(TakeMissed())
        await empty(queue)

    assert done == [TakeMissed(), ReviewPull(SHOP, 1), TakeMissed()]


async def test_a_worker_looks_when_it_starts_and_one_look_does_for_two_workers(queue: Queue) -> None:
    done: list[Task] = []

    async def perform(task: Task) -> None:
        done.append(task)

    async def give_up(_task: Task, _problem: Exception, _tries: int) -> None:
        raise AssertionError

    rounds = (Round("0 0 1 1 *", LookAround()), Round("0 0 1 1 *", TakeMissed()))
    await queue.defer(LookAround())
    async with running(Worker(queue, Performer(perform, give_up, rounds), Meter(), patience=QUICK)):
        await until(lambda: len(done) == 2)
        await empty(queue)

    assert sorted(map(str, done)) == ["LookAround(installation=0)", "TakeMissed()"]


async def test_a_delivery_is_taken_in_once_whether_it_came_or_was_asked_for(queue: Queue) -> None:
    def events(_event: str, _payload: object) -> tuple[Task, ...]:
        return (ReviewPull(SHOP, 1),)

    intake = QueueIntake(queue.pool, Inbox(queue), events)
    missed = Missed(1, "a-b", "pull_request", AT)

    first = await intake.take(missed, {"action": "opened", "installation": {"id": 7}})
    second = await intake.take(missed, {"action": "opened", "installation": {"id": 7}})

    assert (first, second) == ((ReviewPull(SHOP, 1),), ())
    assert await intake.unknown(["a-b", "c-d"]) == {"c-d"}
    assert await queue.counted() == (1, 0)


async def test_a_payload_that_cannot_be_read_asks_for_nothing_and_is_not_asked_for_again(queue: Queue) -> None:
    def events(_event: str, _payload: object) -> tuple[Task, ...]:
        raise ValueError("number is missing")

    intake = QueueIntake(queue.pool, Inbox(queue), events)

    assert await intake.take(Missed(1, "a-b", "pull_request", AT), None) == ()
    assert await intake.unknown(["a-b"]) == frozenset()


async def test_what_is_known_to_be_complete_never_goes_back(queue: Queue) -> None:
    intake = QueueIntake(queue.pool, Inbox(queue), lambda _event, _payload: ())
    assert await intake.since() is None

    await intake.complete(AT)
    await intake.complete(AT.replace(year=2025))

    assert await intake.since() == AT
