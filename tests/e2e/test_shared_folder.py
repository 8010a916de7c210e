"""A second start on the folder of one that runs: both use its database, and each may end or die by itself."""

from __future__ import annotations

import asyncio
import shutil

from tests.e2e.storm import judge
from tests.fluxbot_process import BOTH, Fluxbot
from tests.github.flux_repository import BROKEN, FILES
from tests.github_simulator.conversation import Pull
from tests.github_simulator.simulator import Simulator
from tests.github_simulator.world import Repository
from tests.open_postgres import open_folder


async def test_two_on_one_folder_work_together_and_the_last_ends_the_database() -> None:
    folders = [open_folder("one"), open_folder("other")]
    data = {"FLUXBOT_DATA_DIR": str(folders[0] / "data")}
    async with Simulator() as github:
        one, other = (Fluxbot(github, folder, more=data, command=BOTH) for folder in folders)
        try:
            await one.start()
            await other.start()
            fleet = await github.acts.add_repository("acme/fleet", FILES)
            github.webhook_url = f"{one.url}/webhook"
            await github.add_installation("acme")
            together = [await _opened(github, fleet, number) for number in range(3)]
            await _done(github, one)
            github.webhook_url = f"{other.url}/webhook"
            await one.kill()
            alone = [await _opened(github, fleet, number) for number in range(3, 5)]
            await _done(github, other)
            await one.start()
            await other.stop()
            github.webhook_url = f"{one.url}/webhook"
            last = [await _opened(github, fleet, 5)]
            await _done(github, one)
            assert (one.data / "postgres" / "postmaster.pid").exists()

            await one.stop()

            judge(github, [*together, *alone, *last])
            assert not (one.data / "postgres" / "postmaster.pid").exists()
        finally:
            github.webhook_url = None
            await asyncio.gather(one.stop(), other.stop())
            for folder in folders:
                await asyncio.to_thread(shutil.rmtree, folder)


async def _opened(github: Simulator, fleet: Repository, number: int) -> Pull:
    await github.acts.push(fleet, f"topic-{number}", {**BROKEN, "README.md": f"# {number}\n"})
    return await github.acts.open_pull(fleet, f"topic-{number}")


async def _done(github: Simulator, process: Fluxbot) -> None:
    async with asyncio.timeout(90):
        await github.hooks.settle()
        await process.until(process.idle, 0.2)
