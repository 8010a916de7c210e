"""GitHub fails a third of all requests of the real process, at the real pace. The long version only."""

from __future__ import annotations

import asyncio
import time
from typing import Final

import pytest

from tests.e2e.storm import judge
from tests.fluxbot_process import Fluxbot
from tests.github.flux_repository import BROKEN, FILES
from tests.github_simulator.faults import Answered, Cut, Delayed, Effect, HtmlPage
from tests.github_simulator.simulator import Simulator
from tests.open_postgres import open_folder as new_folder
from tests.soak import SOAK, Told

pytestmark = pytest.mark.skipif(not SOAK, reason="make soak does it")

OWNERS: Final = 20
PULLS: Final = 2
SECONDARY: Final = "You have exceeded a secondary rate limit"
FAULTS: Final[tuple[Effect, ...]] = (
    Answered(502),
    Answered(403, SECONDARY),
    Answered(403, SECONDARY, {"Retry-After": "5"}),
    Answered(429, "slow down", {"Retry-After": "2"}),
    HtmlPage(),
    HtmlPage(200),
    Cut(),
    Cut(after_effect=True),
    Delayed(35),
    Delayed(35, after_effect=True),
)
POINTS: Final = 900
WRITES: Final = 80
"""What GitHub allows an installation in a minute."""


async def test_every_review_ends_right_and_within_the_limits_though_a_third_of_all_requests_fail(
    figure: Told,
) -> None:
    folder = new_folder("faults")
    async with Simulator() as github:
        process = Fluxbot(github, folder, more={"FLUXBOT_POINTS_PER_MINUTE": "800"})
        try:
            await process.start()
            github.webhook_url = f"{process.url}/webhook"
            github.faults.often(1 / 3, FAULTS)
            began = time.monotonic()
            pulls = []
            for owner in range(OWNERS):
                fleet = await github.acts.add_repository(f"owner-{owner}/fleet", FILES)
                await github.add_installation(f"owner-{owner}")
                for number in range(PULLS):
                    await github.acts.push(fleet, f"topic-{number}", {**BROKEN, "README.md": f"# {number}\n"})
                    pulls.append(await github.acts.open_pull(fleet, f"topic-{number}"))
            async with asyncio.timeout(1_500):  # the last review may wait five minutes for its next try
                await process.until(process.idle, 0.5)
            seconds = time.monotonic() - began
        finally:
            github.webhook_url = None
            await process.stop()

        for pull in pulls:
            judge(github, [pull])
        points, writes = github.limits.worst_minute()
        assert (points <= POINTS, writes <= WRITES) == (True, True)
        figure(
            f"{len(pulls)} reviews of {OWNERS} installations right after {seconds:.0f} s,"
            f" {github.faults.met} of {len(github.limits.spent)} requests failed;"
            f" at most {points} points and {writes} writes of an installation in a minute"
        )
