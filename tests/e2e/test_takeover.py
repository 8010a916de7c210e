"""How long a pull request waits whose review was under way when its worker died. The long version only."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.e2e.replicas import replicas
from tests.e2e.storm import judge
from tests.fluxbot_process import BOTH, WORK
from tests.github.flux_repository import BROKEN, FILES
from tests.github_simulator.faults import Delayed
from tests.github_simulator.simulator import Simulator
from tests.soak import SOAK, Told

pytestmark = pytest.mark.skipif(not SOAK, reason="make soak does it")

TIMES = 5


async def test_the_review_of_a_worker_that_died_ends_within_a_minute(figure: Told) -> None:
    """Only one worker is there when the review begins, and only the other one when it ends."""
    async with Simulator() as github, replicas(github, (BOTH, WORK)) as running:
        one, other = running.processes
        fleet = await github.acts.add_repository("acme/fleet", FILES)
        await github.add_installation("acme")
        seconds = []
        for number in range(TIMES):
            await one.until(one.idle)
            await other.stop()
            github.fail_next("POST", "/repos/acme/fleet/pulls/*/reviews", Delayed(3_600))
            await github.acts.push(fleet, f"topic-{number}", {**BROKEN, "README.md": f"# {number}\n"})
            pull = await github.acts.open_pull(fleet, f"topic-{number}")
            while github.faults.unmet:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)
            await other.start()
            await asyncio.sleep(10)  # it works by now
            await one.kill()
            died = time.monotonic()
            async with asyncio.timeout(60):
                while [run.status for run in github.state(pull).check_runs] != ["completed"]:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.1)
            seconds.append(time.monotonic() - died)
            await one.start()
            judge(github, [pull])
        figure(f"from kill -9 to the end of the review by another worker: {', '.join(f'{s:.0f}' for s in seconds)} s")
