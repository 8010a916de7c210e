"""A connection of ours to a simulator with one organisation and one repository."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest_asyncio

from bot.github.address import Address, address
from bot.github.connection import Connection, Keep, connect
from bot.github.gate import Pace
from bot.github.tokens import Credentials
from bot.model import task as tasks
from tests.github_simulator.simulator import Simulator
from tests.github_simulator.world import Installation, Repository
from tests.line_to_github import line_to


@dataclass
class Desk:
    """Our side of the line. ``waited`` are the seconds that we would have slept."""

    github: Simulator
    fleet: Repository
    installation: Installation
    connection: Connection
    folder: Path
    waited: list[float] = field(default_factory=list)

    @property
    def address(self) -> Address:
        return address(self.github.url)

    @property
    def repository(self) -> tasks.Repository:
        return tasks.Repository(self.installation.id, self.fleet.id, self.fleet.owner.login, self.fleet.name)


@pytest_asyncio.fixture
async def github() -> AsyncIterator[Simulator]:
    async with Simulator() as simulator:
        yield simulator


@pytest_asyncio.fixture
async def desk(github: Simulator, tmp_path: Path) -> AsyncIterator[Desk]:
    fleet = await github.acts.add_repository("acme/fleet", {"a.yaml": "one\n"}, private=True)
    installation = await github.add_installation("acme")
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    pace = Pace(lambda: github.clock.now().timestamp(), sleep)
    async with aiohttp.ClientSession() as session:
        credentials = Credentials(github.app.id, github.app.private_key)
        connection = connect(line_to(github, session, pace), credentials, Keep(tmp_path))
        yield Desk(github, fleet, installation, connection, tmp_path, waited)
