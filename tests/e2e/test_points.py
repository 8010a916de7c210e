"""kill -9 of the worker at each named point of a review, over two hundred deliveries. The long version only."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import Counter
from typing import Final

import pytest

from tests.e2e.replicas import Replicas
from tests.e2e.storm import Course, judge, told
from tests.fluxbot_process import Fluxbot
from tests.github.flux_repository import BROKEN, FILES
from tests.github_simulator.faults import Delayed
from tests.github_simulator.simulator import Simulator
from tests.open_postgres import open_folder as new_folder
from tests.soak import SOAK, Told
from tests.tcp_proxy import Proxy

pytestmark = pytest.mark.skipif(not SOAK, reason="make soak does it")

POINTS: Final = {
    "the pull request is read": ("GET", "/repos/{}/fleet/pulls/*"),
    "our check run is looked for": ("GET", "/repos/{}/fleet/commits/*/check-runs*"),
    "the check run is made": ("POST", "/repos/{}/fleet/check-runs"),
    "the merge base is asked for": ("GET", "/repos/{}/fleet/compare/*"),
    "a tree is read": ("GET", "/repos/{}/fleet/git/trees/*"),
    "the comments are read": ("POST", "/graphql"),
    "the diff is read": ("GET", "/repos/{}/fleet/pulls/*/files"),
    "the review is posted": ("POST", "/repos/{}/fleet/pulls/*/reviews"),
    "the comment is posted": ("POST", "/repos/{}/fleet/issues/*/comments"),
    "the check run is completed": ("PATCH", "/repos/{}/fleet/check-runs/*"),
}
EACH: Final = 10
"""Deliveries for each point and side of it, one repository for both."""


async def test_a_worker_that_is_killed_at_each_point_of_a_review_loses_and_doubles_nothing(figure: Told) -> None:
    folder = new_folder("points")
    async with Simulator() as github:
        process = Fluxbot(github, folder)
        running, pulls = Replicas(github, [process], Proxy(()), Proxy(())), []
        try:
            await process.start()
            github.webhook_url = f"{process.url}/webhook"
            began = time.monotonic()
            for turn, (point, (method, path)) in enumerate(POINTS.items()):
                for after in (False, True):
                    owner = f"owner-{turn}-{after}".lower()
                    fleet = await github.acts.add_repository(f"{owner}/fleet", FILES)
                    await github.add_installation(owner)
                    github.fail_next(method, path.format(owner), Delayed(3_600, after))
                    for number in range(EACH):
                        await github.acts.push(fleet, f"topic-{number}", {**BROKEN, "README.md": f"# {number}\n"})
                        pulls.append(await github.acts.open_pull(fleet, f"topic-{number}"))
                    async with asyncio.timeout(120):
                        while github.faults.unmet:  # noqa: ASYNC110 - nobody tells
                            await asyncio.sleep(0.02)
                    await process.kill()
                    running.met[f"kill -9 {'after' if after else 'before'} {point}"] += 1
                    await process.start()
            seconds, began = time.monotonic() - began, time.monotonic()
            await running.settled()
            for first in range(0, len(pulls), EACH):
                judge(github, pulls[first : first + EACH])
            figure(told(github, Course(pulls, seconds), time.monotonic() - began, _counted(running.met)))
        finally:
            github.webhook_url = None
            await process.stop()
            shutil.rmtree(folder)


def _counted(met: Counter[str]) -> Counter[str]:
    return Counter({f"kill -9 of the worker at {len(met)} points": met.total()})
