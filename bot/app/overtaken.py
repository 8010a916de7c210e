"""Stops a review that nobody waits for any more, while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

from bot.app.world import World
from bot.model.pull import Pull
from bot.model.task import CancelGroup, ReviewGroup, ReviewPull, Task

EVERY: Final = 0.5
"""Seconds between two looks into the queue: a push stops the review of the commit before within two."""

T = TypeVar("T")


async def unless(overtaken: Callable[[], Awaitable[bool]], work: Awaitable[T]) -> T | None:
    """What the work returns; None where it was overtaken and stopped."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=EVERY))[0]:
            if await overtaken():
                return None
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


class Watch:
    """Whether what waits in the queue makes a review useless. GitHub is asked once for each task that waits."""

    def __init__(self, task: ReviewPull | ReviewGroup, world: World, pull: Pull | None = None) -> None:
        self._task = task
        self._world = world
        self._pull = pull
        self._seen: Task | None = None

    async def __call__(self) -> bool:
        waiting = await self._world.waiting(self._task.lock)
        if waiting is None or waiting == self._seen:
            return False
        self._seen = waiting
        if isinstance(waiting, CancelGroup):
            return True
        if self._pull is None or not isinstance(waiting, ReviewPull):
            return False
        now = await self._world.pulls.pull(waiting.repository, waiting.number)
        return (now.head, now.base, now.is_open) != (self._pull.head, self._pull.base, self._pull.is_open)
