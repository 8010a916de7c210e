"""Replicas that die and lines that break while deliveries come: in the end each pull request has one right review."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.fluxbot_process import Fluxbot
from tests.github.flux_repository import BROKEN, FILES
from tests.github_simulator.conversation import Pull
from tests.github_simulator.shapes.links import Links
from tests.github_simulator.simulator import Simulator
from tests.open_postgres import open_folder as new_folder
from tests.soak import SOAK
from tests.tcp_proxy import Proxy, proxy

PUSHES: Final = 4
"""Deliveries of one pull request, its opening among them."""
SETTLES_WITHIN: Final = 900.0 if SOAK else 120.0
CHANCE: Final = random.Random(9)  # noqa: S311 - it picks victims

Disturb = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Replicas:
    """Processes on one database, and the lines to them and from them."""

    github: Simulator
    processes: Sequence[Fluxbot]
    to_github: Proxy
    to_database: Proxy

    async def kill_one(self) -> None:
        """Kill one and start it again at once; the others go on."""
        victim = CHANCE.choice(self.processes)
        await victim.kill()
        victim.begin()

    async def break_a_line(self) -> None:
        """Cut one, or let nothing through for a while and cut it then."""
        line = CHANCE.choice((self.to_github, self.to_database))
        if CHANCE.random() < 0.5:
            line.stall()
            await asyncio.sleep(3)
            line.resume()
        line.cut()

    async def settled(self) -> None:
        """Wait until all is done, also what could not be delivered; a worker asks for that when it starts."""
        await self.github.hooks.settle()
        await self.processes[0].stop()
        for each in self.processes:
            if not each.lives:
                each.begin()
        async with asyncio.timeout(SETTLES_WITHIN):
            for each in self.processes:
                await each.ready()
            await self.github.hooks.settle()
            await self.processes[0].until(self.processes[0].idle, 0.3)


@asynccontextmanager
async def replicas(github: Simulator, database: str, count: int = 2) -> AsyncIterator[Replicas]:
    """They get the simulator's deliveries in turn."""
    told = conninfo_to_dict(database)
    socket = Path(str(told["host"])) / f".s.PGSQL.{told['port']}"
    folders = [new_folder("replica") for _ in range(count)]
    async with AsyncExitStack() as stack:
        to_database = await stack.enter_async_context(proxy(socket))
        to_github = await stack.enter_async_context(proxy(int(github.url.rpartition(":")[2])))
        more = {
            "FLUXBOT_DATABASE_URL": f"postgresql://postgres@127.0.0.1:{to_database.port}/{told['dbname']}",
            "FLUXBOT_GITHUB_URL": f"http://127.0.0.1:{to_github.port}",
        }
        github.announcer.links = Links(more["FLUXBOT_GITHUB_URL"])
        processes = [Fluxbot(github, folder, more=more) for folder in folders]
        front = await stack.enter_async_context(proxy(*(each.port for each in processes)))
        try:
            await asyncio.gather(*(each.start() for each in processes))
            github.webhook_url = f"http://127.0.0.1:{front.port}/webhook"
            yield Replicas(github, processes, to_github, to_database)
        finally:
            github.webhook_url = None
            await asyncio.gather(*(each.stop() for each in processes))
            for folder in folders:
                shutil.rmtree(folder)


async def pushed(github: Simulator, deliveries: int) -> list[Pull]:
    """Pull requests to one repository, with pushes to all of them by and by."""
    fleet = await github.acts.add_repository("acme/fleet", FILES)
    await github.add_installation("acme")
    pulls = []
    for number in range(deliveries // PUSHES):
        await github.acts.push(fleet, f"topic-{number}", {**BROKEN, "README.md": f"# {number}\n"})
        pulls.append(await github.acts.open_pull(fleet, f"topic-{number}"))
        await asyncio.sleep(0.2)
    for turn in range(1, PUSHES):
        for number in range(len(pulls)):
            await github.acts.push(fleet, f"topic-{number}", {"README.md": f"# {number}, {turn}\n"})
            await asyncio.sleep(0.2)
    return pulls


async def disturbed(storm: Sequence[Disturb], every: float, during: Awaitable[list[Pull]]) -> list[Pull]:
    """What comes of ``during``, while something goes wrong every so many seconds."""
    work = asyncio.ensure_future(during)
    for turn in range(1_000_000):
        done, _ = await asyncio.wait({work}, timeout=every)
        if done and turn >= len(storm):
            return work.result()
        await storm[turn % len(storm)]()
    raise AssertionError("it never ends")


def judge(github: Simulator, pulls: Sequence[Pull]) -> None:
    """Nothing is lost and nothing doubled."""
    wrong = {}
    for pull in pulls:
        standing = github.state(pull)
        runs = [(run.status, run.conclusion, run.title) for run in standing.check_runs]
        said = [status for status, _, _ in runs], len(standing.comments), len(standing.threads)
        if said != (["completed"], 1, 1) or runs[0][1] != "failure" or "not judge" in str(runs[0][2]):
            wrong[pull.number] = runs, len(standing.comments), len(standing.threads)
    assert wrong == {}


@pytest.mark.parametrize("what", ["killed", "cut", "both"] if SOAK else ["both"])
async def test_two_replicas_lose_and_double_nothing_while_they_are_killed_and_cut_off(database: str, what: str) -> None:
    async with Simulator() as github, replicas(github, database) as running:
        storm = {
            "killed": [running.kill_one],
            "cut": [running.break_a_line],
            "both": [running.break_a_line, running.kill_one, running.break_a_line],
        }[what]

        pulls = await disturbed(storm, 5.0, pushed(github, 500 if SOAK else 12))
        await running.settled()

        judge(github, pulls)


async def test_one_process_loses_nothing_when_it_and_its_own_database_are_killed() -> None:
    folder = new_folder("storm")
    async with Simulator() as github:
        process = Fluxbot(github, folder)

        async def kill_both() -> None:
            kill_postgres(process)
            await process.kill()
            await process.start()

        async def kill_database() -> None:
            kill_postgres(process)
            await process.ready()

        try:
            await process.start()
            github.webhook_url = f"{process.url}/webhook"
            pulls = await disturbed([kill_database, kill_both], 5.0, pushed(github, 200 if SOAK else 8))
            await Replicas(github, [process], Proxy(()), Proxy(())).settled()
            judge(github, pulls)
        finally:
            github.webhook_url = None
            await process.stop()
            shutil.rmtree(folder)


def kill_postgres(process: Fluxbot) -> None:
    """Kill its own PostgreSQL as a power cut would."""
    pid = (process.data / "postgres" / "postmaster.pid").read_text().split()[0]
    os.kill(int(pid), signal.SIGKILL)
