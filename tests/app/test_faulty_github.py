"""GitHub fails a third of all requests, in every way that it knows; every review ends right, within its limits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import aiohttp
import pytest
import pytest_asyncio

from bot.github.connection import Keep, connect
from bot.github.gate import Pace
from bot.github.tokens import Credentials
from bot.model.traffic import scaled
from bot.ports import RateLimited, Transient
from bot.work.patience import Patience
from tests.app.conftest import Bench
from tests.github.flux_repository import BROKEN
from tests.github_simulator.clock import Clock
from tests.github_simulator.conversation import Pull
from tests.github_simulator.faults import Answered, Cut, Effect, HtmlPage
from tests.line_to_github import line_to
from tests.soak import SOAK

PULLS: Final = 25 if SOAK else 6
TRIES: Final = Patience().transient_tries
RATES: Final = scaled(200)
ALLOWED: Final = 900 * 200 // 800, 80 * 200 // 800
"""Points and writes a minute of a GitHub that is as much smaller."""
FAULTS: Final[tuple[Effect, ...]] = (
    Answered(502),
    Answered(403, "You have exceeded a secondary rate limit"),
    Answered(403, "You have exceeded a secondary rate limit", {"Retry-After": "30"}),
    Answered(429, "slow down", {"Retry-After": "2"}),
    HtmlPage(),
    HtmlPage(status=200),
    Cut(),
    Cut(after_effect=True),
)


@pytest_asyncio.fixture
async def limited(bench: Bench) -> AsyncIterator[Bench]:
    """The same, in a time that passes when somebody waits, and within limits that are counted."""
    clock = bench.github.clock

    async def sleep(seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds))

    pace = Pace(lambda: clock.now().timestamp(), sleep)
    async with aiohttp.ClientSession() as session:
        credentials = Credentials(bench.github.app.id, bench.github.app.private_key)
        line = line_to(bench.github, session, pace, RATES)
        yield replace(bench, connection=connect(line, credentials, Keep(bench.folder / "limited")))


async def done(work: Callable[[], Awaitable[None]], clock: Clock) -> int:
    """Do it until it succeeds, as the queue does, in a time that passes at once; how often it failed."""
    for failures in range(TRIES):
        try:
            await work()
        except RateLimited as limit:
            clock.advance(timedelta(seconds=max(0.0, limit.until - clock.now().timestamp())))
        except Transient:
            clock.advance(timedelta(seconds=5))
        else:
            return failures
    raise AssertionError("it was given up")


async def broken(bench: Bench, number: int) -> Pull:
    """A pull request with a commit of its own: equal ones would share their check runs."""
    return await bench.pull({**BROKEN, "README.md": f"# {number}\n"}, f"topic-{number}")


@pytest.mark.parametrize("seed", range(5 if SOAK else 1))
async def test_every_review_ends_right_though_a_third_of_all_requests_fail(limited: Bench, seed: int) -> None:
    github = limited.github
    pulls = [await broken(limited, number) for number in range(PULLS)]
    github.limits.spent.clear()
    github.faults.often(1 / 3, FAULTS, seed)

    failures = [await done(lambda pull=pull: limited.review(pull), github.clock) for pull in pulls]  # type: ignore[misc]
    github.faults.often(0, ())

    assert github.faults.met > 5 * PULLS
    assert max(failures) > 0
    for pull in pulls:
        standing = github.state(pull)
        assert [(run.status, run.conclusion) for run in standing.check_runs] == [("completed", "failure")]
        assert (len(standing.comments), len(standing.reviews), len(standing.threads)) == (1, 1, 1)
    points, writes = github.limits.worst_minute()
    assert points <= ALLOWED[0]
    assert writes <= ALLOWED[1]


async def test_as_many_reviews_as_can_be_done_in_a_minute_keep_within_the_limits(limited: Bench) -> None:
    github = limited.github
    pulls = [await broken(limited, number) for number in range(PULLS * 2)]
    github.limits.spent.clear()
    began = github.clock.now()

    for pull in pulls:
        await done(lambda pull=pull: limited.review(pull), github.clock)  # type: ignore[misc]

    points, writes = github.limits.worst_minute()
    assert ALLOWED[0] // 2 < points <= ALLOWED[0]
    assert ALLOWED[1] // 2 < writes <= ALLOWED[1]
    assert github.clock.now() - began > timedelta(minutes=1)
