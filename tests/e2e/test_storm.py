"""Replicas that die and lines that break while deliveries come: in the end each pull request has one right review."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence

import pytest

from tests.e2e.replicas import Replicas, kill_postgres, replicas
from tests.e2e.storm import Disturb, disturbed, judge, pushed, told
from tests.fluxbot_process import SERVE, WORK, Fluxbot
from tests.github_simulator.simulator import Simulator
from tests.open_postgres import open_folder as new_folder
from tests.soak import SOAK, Told
from tests.tcp_proxy import Proxy

EVERY = 5.0
"""Seconds between two things that go wrong."""


def storm(running: Replicas, what: str) -> Sequence[Disturb]:
    """What goes wrong, in turn."""
    return {
        "killed": [running.kill_one],
        "cut": [running.break_a_line],
        "rolled": [running.roll_one],
        "all": [running.break_a_line, running.kill_one, running.kill_database, running.roll_one],
    }[what]


@pytest.mark.parametrize(
    ("what", "deliveries"), [("killed", 500), ("cut", 200), ("rolled", 200)] if SOAK else [("all", 12)]
)
async def test_two_replicas_lose_and_double_nothing(what: str, deliveries: int, figure: Told) -> None:
    async with Simulator() as github, replicas(github) as running:
        course = await disturbed(storm(running, what), EVERY, pushed(github, deliveries))
        began = time.monotonic()
        await running.settled()

        judge(github, course.pulls)
        assert max(running.ends, default=0.0) < 30
        figure(told(github, course, time.monotonic() - began, running.met))
        if running.ends:
            figure(f"a process ended {max(running.ends):.1f} s after SIGTERM at the latest")


@pytest.mark.skipif(not SOAK, reason="make soak does it")
async def test_a_server_and_a_worker_that_are_killed_apart_lose_and_double_nothing(figure: Told) -> None:
    async with Simulator() as github, replicas(github, (SERVE, WORK)) as running:
        course = await disturbed([running.kill_one], EVERY, pushed(github, 200))
        began = time.monotonic()
        await running.settled()

        judge(github, course.pulls)
        figure(told(github, course, time.monotonic() - began, running.met))


@pytest.mark.skipif(not SOAK, reason="make soak does it")
async def test_one_process_loses_nothing_when_it_and_its_own_database_are_killed(figure: Told) -> None:
    folder = new_folder("storm")
    async with Simulator() as github:
        process = Fluxbot(github, folder)
        running = Replicas(github, [process], Proxy(()), Proxy(()))

        async def kill_both() -> None:
            running.met["kill -9 of PostgreSQL and of the process"] += 1
            kill_postgres(process.data)
            await process.kill()
            await process.start()

        async def kill_database() -> None:
            running.met["kill -9 of PostgreSQL"] += 1
            kill_postgres(process.data)
            await process.ready()

        try:
            await process.start()
            github.webhook_url = f"{process.url}/webhook"
            course = await disturbed([kill_database, kill_both], EVERY, pushed(github, 200))
            began = time.monotonic()
            await running.settled()
            judge(github, course.pulls)
            figure(told(github, course, time.monotonic() - began, running.met))
        finally:
            github.webhook_url = None
            await process.stop()
            shutil.rmtree(folder)
