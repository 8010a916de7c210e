"""GitHub's rate limits: the hourly one with its headers, and the secondary ones."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.github_simulator.access import Actor, Anonymous, AsApp, AsInstallation, AsUser
from tests.github_simulator.clock import Clock
from tests.github_simulator.json_value import JsonObject
from tests.github_simulator.refusal import Refused

WINDOW = timedelta(hours=1)
READ, WRITE = 1, 5  # points of the secondary limit
CONCURRENT = 100  # requests at a time, REST and GraphQL together
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    " If you reach out to GitHub Support for help, please include the request ID"
)


@dataclass(slots=True)
class _Budget:
    limit: int
    used: int
    reset: datetime


@dataclass(frozen=True, slots=True)
class Spent:
    """One request, whatever became of it: when, for whom, its points, and whether it writes."""

    at: datetime
    name: str
    points: int
    writes: bool


@dataclass(slots=True)
class _Refusal:
    times: int
    status: int
    retry_after: int | None


class Limits:
    """Counts per actor and hour; secondary limits come on demand or by ``content_per_minute``."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._budgets: dict[str, _Budget] = {}
        self._exhausted_until = clock.now()
        self._refusal: _Refusal | None = None
        self._created: deque[datetime] = deque()
        self.content_per_minute: int | None = None  # None: no limit, as on GitHub Enterprise Server
        self.spent: list[Spent] = []
        self.in_flight = 0

    def exhaust(self, seconds: int) -> None:
        """Nothing remains for any installation until ``seconds`` from now; the App itself has its own budget."""
        self._exhausted_until = self._clock.now() + timedelta(seconds=seconds)
        self._budgets.clear()

    def spend(self, installation: int, number: int) -> None:
        """Let an installation have made so many requests more within its hour."""
        self._budgets[f"installation ID {installation}"].used += number

    def refuse(self, *, times: int = 1, status: int = 403, retry_after: int | None = 1) -> None:
        """Answer the next requests as a secondary limit does, with or without ``retry-after``."""
        self._refusal = _Refusal(times, status, retry_after)

    def arrived(self, actor: Actor, *, writes: bool) -> None:
        """Note a request: GitHub counts those that it fails to answer, too."""
        self.spent.append(Spent(self._clock.now(), _name(actor), WRITE if writes else READ, writes))

    def worst_minute(self) -> tuple[int, int]:
        """The most points, and the most writes, of any one actor within any sixty seconds."""
        points = writes = 0
        for name in {each.name for each in self.spent}:
            its = [each for each in self.spent if each.name == name]
            first = 0
            for last, each in enumerate(its):
                while its[first].at <= each.at - timedelta(minutes=1):
                    first += 1
                minute = its[first : last + 1]
                points = max(points, sum(one.points for one in minute))
                writes = max(writes, sum(one.writes for one in minute))
        return points, writes

    def admit(self, actor: Actor, method: str) -> None:
        """Count nothing yet, but refuse what is over a limit."""
        if self._refusal is not None:
            refusal = self._refusal
            refusal.times -= 1
            self._refusal = refusal if refusal.times > 0 else None
            after = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
            raise Refused(refusal.status, SECONDARY, headers=after)
        if self.in_flight > CONCURRENT:
            raise Refused(403, SECONDARY, headers={"Retry-After": "1"})
        budget = self._budget(actor)
        if budget.used >= budget.limit:
            raise Refused(403, f"API rate limit exceeded for {_name(actor)}.")
        if method == "POST":
            self._admit_content()

    def count(self, actor: Actor) -> None:
        """One request was answered with content; a 304 is not counted."""
        self._budget(actor).used += 1

    def headers(self, actor: Actor) -> dict[str, str]:
        """What every answer says about the hourly limit."""
        budget = self._budget(actor)
        return {
            "X-RateLimit-Limit": str(budget.limit),
            "X-RateLimit-Remaining": str(max(0, budget.limit - budget.used)),
            "X-RateLimit-Used": str(budget.used),
            "X-RateLimit-Reset": str(int(budget.reset.timestamp())),
            "X-RateLimit-Resource": "core",
        }

    def overview(self, actor: Actor) -> JsonObject:
        """The body of ``/rate_limit``, which is free."""
        budget = self._budget(actor)
        rate: JsonObject = {
            "limit": budget.limit,
            "used": budget.used,
            "remaining": max(0, budget.limit - budget.used),
            "reset": int(budget.reset.timestamp()),
        }
        return {"resources": {"core": rate, "search": rate, "graphql": rate}, "rate": rate}

    def _admit_content(self) -> None:
        if self.content_per_minute is None:
            return
        now = self._clock.now()
        while self._created and self._created[0] < now - timedelta(minutes=1):
            self._created.popleft()
        if len(self._created) >= self.content_per_minute:
            wait = self._created[0] + timedelta(minutes=1) - now
            raise Refused(403, SECONDARY, headers={"Retry-After": str(int(wait.total_seconds()) + 1)})
        self._created.append(now)

    def _budget(self, actor: Actor) -> _Budget:
        name, now = _name(actor), self._clock.now()
        budget = self._budgets.get(name)
        if budget is None or budget.reset <= now:
            limit = 60 if isinstance(actor, Anonymous) else 5_000
            budget = _Budget(limit, 0, now + WINDOW)
            if now < self._exhausted_until and isinstance(actor, AsInstallation):
                budget = _Budget(limit, limit, self._exhausted_until)
            self._budgets[name] = budget
        return budget


def _name(actor: Actor) -> str:
    match actor:
        case AsApp():
            return "the app"
        case AsInstallation(installation):
            return f"installation ID {installation.id}"
        case AsUser(account):
            return f"user ID {account.id}"
        case Anonymous():
            return "127.0.0.1"
