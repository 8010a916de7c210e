"""The one place that decides when a request to GitHub may go.

It keeps what one installation may spend, its reads and writes and what GitHub refused lately, apart from what the
others may: who has two thousand repositories does not make anybody else wait. What all processes spend together is
counted by a Traffic that they share.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from bot.model.traffic import RATES, Cost, Rates
from bot.ports import RateLimited

APP: Final = 0
"""The account of the App itself; those of installations are their ids."""

LONGEST: Final = 20.0
"""Seconds that a request waits for its turn; who would wait longer goes back into the queue."""

_AT_ONCE: Final = 50
"""Requests of one process that are under way; GitHub allows 100."""
_EACH_AT_ONCE: Final = 8
_SCARCE: Final = 0.25
"""What nobody asked for is not looked for with less than this part of the hour's requests left."""


class Traffic(Protocol):
    """Counts what each account spends. Its methods may be called by many processes at once."""

    async def reserve(self, account: int, cost: Cost, most: float) -> float:
        """Seconds until a request of that cost may go; where that is more than ``most``, nothing is reserved."""
        ...

    async def hold(self, account: int, seconds: float) -> None:
        """Nothing of the account may go for so long."""
        ...


class Tally(Protocol):
    """Is told what happened."""

    def request(self, account: int, outcome: str) -> None:
        """What became of a request: ``ok``, ``limited``, ``refused``, ``failed``, or not sent and ``held``."""
        ...

    def budget(self, account: int, remaining: int) -> None:
        """So many requests are left of an account's hour."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """The time that the connection goes by: Unix time in seconds, and how it waits."""

    clock: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class _Budget:
    remaining: int
    limit: int
    reset: float


class Gate:
    """Lets requests through, one after the other where they write, and none while GitHub does not want any."""

    def __init__(self, traffic: Traffic, pace: Pace, tally: Tally | None = None) -> None:
        self._traffic = traffic
        self._pace = pace
        self._tally = tally
        self._all = asyncio.Semaphore(_AT_ONCE)
        self._each: defaultdict[int, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_EACH_AT_ONCE))
        self._writing: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._budgets: dict[int, _Budget] = {}

    @asynccontextmanager
    async def turn(self, account: int, cost: Cost) -> AsyncIterator[None]:
        """The request may go now, and is under way until this is left. Raise RateLimited where it would wait long."""
        async with AsyncExitStack() as stack:
            if cost.creates:  # before a seat is taken, so that those who wait to write leave seats to those who read
                await stack.enter_async_context(self._writing[account])
            await stack.enter_async_context(self._each[account])
            wait = await self._traffic.reserve(account, cost, LONGEST)
            if wait > LONGEST:
                self._told(account, "held")
                raise RateLimited(self._pace.clock() + wait)
            if wait > 0:
                await self._pace.sleep(wait)
            await stack.enter_async_context(self._all)  # last: who waits for its turn keeps nobody else from theirs
            yield

    async def hold(self, account: int, until: float) -> None:
        """GitHub refuses the account until that Unix time."""
        await self._traffic.hold(account, max(0.0, until - self._pace.clock()))

    async def answered(self, account: int, outcome: str, headers: Mapping[str, str]) -> None:
        """Take note of an answer, and of what it says is left of the hour."""
        self._told(account, outcome)
        limit, remaining, reset = (headers.get(f"X-RateLimit-{name}", "") for name in ("Limit", "Remaining", "Reset"))
        if not (limit.isdecimal() and remaining.isdecimal() and reset.isdecimal()):
            return  # a GitHub Enterprise Server without limits
        self._budgets[account] = _Budget(int(remaining), int(limit), float(reset))
        if self._tally:
            self._tally.budget(account, int(remaining))
        if remaining == "0":
            await self.hold(account, float(reset))

    def failed(self, account: int) -> None:
        """Take note of a request that had no answer."""
        self._told(account, "failed")

    def scarce(self, account: int) -> float | None:
        """Until when to spend nothing on what nobody asked for; None where there is plenty, as far as is known here."""
        known = self._budgets.get(account)
        if known is None or known.reset <= self._pace.clock() or known.remaining >= known.limit * _SCARCE:
            return None
        return known.reset

    def _told(self, account: int, outcome: str) -> None:
        if self._tally:
            self._tally.request(account, outcome)


class OwnTraffic:
    """Counts for one process alone."""

    def __init__(self, rates: Rates = RATES, clock: Callable[[], float] = time.time) -> None:
        self._rates = rates
        self._clock = clock
        self._due: defaultdict[int, tuple[float, float, float]] = defaultdict(lambda: (0.0, 0.0, 0.0))

    async def reserve(self, account: int, cost: Cost, most: float) -> float:
        """Seconds until a request of that cost may go; where that is more than ``most``, nothing is reserved."""
        now, rates = self._clock(), self._rates
        points, writes, held = self._due[account]
        points, writes = max(points, now), max(writes, now)
        at = max(held, points - rates.points_at_once * 60 / rates.points)
        if cost.creates:
            at = max(at, writes - (rates.writes_at_once - 1) * 60 / rates.writes)
        if at - now <= most:
            more = 60 / rates.writes if cost.creates else 0.0
            self._due[account] = (points + cost * 60 / rates.points, writes + more, held)
        return max(0.0, at - now)

    async def hold(self, account: int, seconds: float) -> None:
        """Nothing of the account may go for so long."""
        points, writes, held = self._due[account]
        self._due[account] = (points, writes, max(held, self._clock() + seconds))


def cost(method: str, path: str, body: bytes) -> Cost:
    """What a request costs. A query of GraphQL is a read, although it is posted."""
    if method in ("GET", "HEAD"):
        return Cost.READ
    if path.endswith("/access_tokens"):
        return Cost.TOKEN
    if path.endswith("/graphql"):
        asked = json.loads(body).get("query", "")
        return Cost.WRITE if asked.lstrip().startswith("mutation") else Cost.READ
    return Cost.WRITE
