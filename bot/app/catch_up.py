"""Looks for what was missed: deliveries that failed, and pull requests that nobody told us of.

GitHub never repeats a delivery by itself, and in an incident there is none to repeat. So two things are looked at
again and again: GitHub's own log of failed deliveries, and the open pull requests of every installation. Both end in
the same tasks as an event does, so whoever was off for an hour ends where the others are.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final, assert_never

from bot.app.judge import UNFINISHED
from bot.app.world import World
from bot.github.keys import judged, pull_subject
from bot.model.missed import Left
from bot.model.task import EndLeft, LookAround, LookThrough, ReviewGroup, ReviewPull, Search, TakeMissed, Task
from bot.ports import Permanent, RateLimited

ROUNDS: Final[Mapping[str, Task]] = {
    "*/5 * * * *": TakeMissed(),
    "7-59/20 * * * *": LookAround(),
    "*/10 * * * *": EndLeft(),
}
"""When it is looked, in the words of cron; and besides whenever a worker starts."""
KEPT: Final = timedelta(days=3)
"""How long github.com remembers deliveries; a GitHub Enterprise Server does for 7 days."""
OVERLAP: Final = timedelta(hours=1)
"""How far a look goes back behind the one before: a delivery may fail minutes after it was made, and clocks differ."""
LEFT_AFTER: Final = 3_600.0
"""Seconds after which a review that nobody works on has no chance any more: looks around came and went."""
MOST_MISSED: Final = 500
"""Deliveries that one look takes in; the rest is the next one's, so that other tasks get their turn."""


async def catch_up(task: Search, world: World) -> None:
    """Do what nobody asked for. To do it again changes nothing. Raises Transient for later."""
    match task:
        case TakeMissed():
            await take_missed(task, world)
        case LookAround():
            await look_around(task, world)
        case LookThrough():
            await look_through(task, world)
        case EndLeft():
            await end_left(world)
        case _:
            assert_never(task)


async def take_missed(task: TakeMissed, world: World) -> None:
    """Take in the payloads of deliveries that failed, the oldest first, as if they had come."""
    began = datetime.now(UTC)
    before = await world.intake.since() or began - KEPT
    failed = await world.missing.failed(before - OVERLAP)
    unknown = await world.intake.unknown([missed.guid for missed in failed])
    ours = [missed for missed in failed if missed.guid in unknown]
    for missed in ours[:MOST_MISSED]:
        await world.intake.take(missed, await world.missing.payload(missed))
    if len(ours) > MOST_MISSED:
        await world.intake.complete(ours[MOST_MISSED].at)
        await world.defer(task)
        return
    await world.intake.complete(began)


async def look_around(task: LookAround, world: World) -> None:
    """Have all repositories looked through that may have open pull requests."""
    if not task.installation:
        for installation in await world.missing.installations():
            await world.defer(LookAround(installation))
        return
    _spare(task.installation, world)
    try:
        held = await world.missing.repositories(task.installation)
    except Permanent:
        return  # it was suspended or deleted meanwhile
    for one in held:
        if one.is_busy:
            await world.defer(LookThrough(one.repository))


async def look_through(task: LookThrough, world: World) -> None:
    """Have the open pull requests reviewed of which no review has ended as they stand, the newest first.

    The review itself looks at what is on GitHub: after a database was restored it finds its own completed run.
    """
    _spare(task.repository.installation, world)
    try:
        pulls = await world.pulls.open_pulls(task.repository)
    except Permanent:
        return  # what may not be read now is looked for again in a while
    ended = set(await world.journal.ended(task.repository, [pull_subject(pull) for pull in pulls]))
    for pull in sorted(pulls, key=lambda pull: -pull.number):
        if pull_subject(pull) not in ended:
            await world.defer_behind(ReviewPull(task.repository, pull.number))


async def end_left(world: World) -> None:
    """Conclude as timed out the runs that stand in progress although no task is left that would end them."""
    for left in await world.journal.left(LEFT_AFTER):
        subject = left.subject
        task = _task_of(left)
        if task is None or not await world.busy(task.lock):
            with suppress(Permanent):  # the commit is gone, and its run with it; or we may not write there any more
                await world.checks.abandon(left.repository, left.number, subject.head, UNFINISHED)
            await world.journal.end(left.repository, left.number, subject)


def _task_of(left: Left) -> Task | None:
    """The task that would end it."""
    if left.number is not None:
        return ReviewPull(left.repository, left.number)
    match judged(left.subject.key):
        case (head, base):
            return ReviewGroup(left.repository, head, base)
        case _:
            return None


def _spare(installation: int, world: World) -> None:
    """Raise RateLimited where what is left of the hour is better kept for events."""
    if (until := world.missing.scarce(installation)) is not None:
        raise RateLimited(until)
