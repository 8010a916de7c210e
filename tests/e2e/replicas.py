"""Several processes of fluxbot on one database, with lines between them that can be cut."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from psycopg.conninfo import conninfo_to_dict

from bot.ports import Unreachable
from bot.work.embedded import EmbeddedPostgres
from tests.fluxbot_process import BOTH, Fluxbot
from tests.github_simulator.shapes.links import Links
from tests.github_simulator.simulator import Simulator
from tests.open_postgres import open_folder as new_folder
from tests.soak import SOAK
from tests.tcp_proxy import Proxy, proxy

SETTLES_WITHIN: Final = 900.0 if SOAK else 120.0
STALLS: Final = (3.0, 12.0, 30.0) if SOAK else (3.0,)
"""Seconds for which a line passes nothing on."""


@dataclass(frozen=True, slots=True)
class Database:
    """A PostgreSQL that only the test starts and ends; its data lies below ``folder``."""

    server: EmbeddedPostgres
    folder: Path


@dataclass(frozen=True, slots=True)
class Replicas:
    """Processes on one database, and the lines to them and from them; ``met`` counts what was done to them."""

    github: Simulator
    processes: Sequence[Fluxbot]
    to_github: Proxy
    to_database: Proxy
    database: Database | None = None
    """That of all processes, where none of them starts it."""
    met: Counter[str] = field(default_factory=Counter)
    chance: random.Random = field(default_factory=lambda: random.Random(9))  # noqa: S311 - it picks victims
    ends: list[float] = field(default_factory=list)
    """How long each took to end that was asked to, in seconds."""

    async def kill_one(self) -> None:
        """Kill one and start it again at once; the others go on."""
        victim = self.chance.choice(self.processes)
        self.met[f"kill -9 of {victim.name}"] += 1
        await victim.kill()
        victim.begin()

    async def roll_one(self) -> None:
        """Ask one to end, in turn, and start it again when it has; nobody is asked before the one before is ready."""
        victim = self.processes[self.met["SIGTERM"] % len(self.processes)]
        self.met["SIGTERM"] += 1
        began = time.monotonic()
        await victim.stop()
        self.ends.append(time.monotonic() - began)
        await victim.start()

    async def break_a_line(self) -> None:
        """Cut one, or let nothing through for a while and cut it then."""
        line, of = self.chance.choice(((self.to_github, "GitHub"), (self.to_database, "PostgreSQL")))
        if self.chance.random() < 0.5:
            seconds = self.chance.choice(STALLS)
            self.met[f"line to {of} stalled for {seconds:.0f} s"] += 1
            line.stall()
            await asyncio.sleep(seconds)
            line.resume()
        self.met[f"line to {of} cut"] += 1
        line.cut()

    async def kill_database(self) -> None:
        """Kill PostgreSQL, and start it again when nothing of it is left."""
        assert self.database is not None
        self.met["kill -9 of PostgreSQL"] += 1
        kill_postgres(self.database.folder)
        while True:
            await asyncio.sleep(1)
            with suppress(Unreachable):
                await asyncio.to_thread(self.database.server.revive)
                return

    async def settled(self) -> None:
        """Wait until all is done, also what could not be delivered; a worker asks for that when it starts."""
        await self.github.hooks.settle()
        missed = any(each.status != "OK" for each in self.github.hooks.log())
        worker = next(each for each in self.processes if each.works)
        if missed:
            await worker.stop()
        looks = self._looks()

        async def has_looked() -> bool:
            return not missed or self._looks() > looks

        for each in self.processes:
            if not each.lives:
                each.begin()
        async with asyncio.timeout(SETTLES_WITHIN):
            for each in self.processes:
                await each.ready()
            await self.github.hooks.settle()
            await worker.until(has_looked, 0.3)  # before that, too, nothing waits and nothing runs
            await self.processes[0].until(self.processes[0].idle, 0.3)

    def _looks(self) -> int:
        """How often anybody has looked for deliveries that were missed: what one asks for another may do."""
        return sum(each.looks for each in self.processes)


@asynccontextmanager
async def _database() -> AsyncIterator[Database]:
    """A PostgreSQL that only the test ends."""
    folder = new_folder("database")
    postgres = await asyncio.to_thread(EmbeddedPostgres, folder)
    try:
        yield Database(postgres, folder)
    finally:
        await asyncio.to_thread(postgres.stop)
        shutil.rmtree(folder)


def kill_postgres(folder: Path) -> None:
    """Kill the PostgreSQL whose data lies below a folder, as a power cut would."""
    pid = (folder / "postgres" / "postmaster.pid").read_text().split()[0]
    os.kill(int(pid), signal.SIGKILL)


@asynccontextmanager
async def replicas(
    github: Simulator, commands: Sequence[tuple[str, ...]] = (BOTH, BOTH), *, begin: bool = True
) -> AsyncIterator[Replicas]:
    """A process for each of the commands; those that serve get the simulator's deliveries in turn.

    ``begin``: start them; or else somebody else does.
    """
    folders = [new_folder("replica") for _ in commands]
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(_database())
        told = conninfo_to_dict(database.server.url)
        socket = Path(str(told["host"])) / f".s.PGSQL.{told['port']}"
        to_database = await stack.enter_async_context(proxy(socket))
        to_github = await stack.enter_async_context(proxy(int(github.url.rpartition(":")[2])))
        more = {
            "FLUXBOT_DATABASE_URL": f"postgresql://postgres@127.0.0.1:{to_database.port}/{told['dbname']}",
            "FLUXBOT_GITHUB_URL": f"http://127.0.0.1:{to_github.port}",
        }
        github.announcer.links = Links(more["FLUXBOT_GITHUB_URL"])
        processes = [
            Fluxbot(github, folder, more=more, command=command)
            for folder, command in zip(folders, commands, strict=True)
        ]
        front = await stack.enter_async_context(proxy(*(each.port for each in processes if each.serves)))
        try:
            if begin:
                await asyncio.gather(*(each.start() for each in processes))
            github.webhook_url = f"http://127.0.0.1:{front.port}/webhook"
            yield Replicas(github, processes, to_github, to_database, database)
        finally:
            github.webhook_url = None
            await asyncio.gather(*(each.stop() for each in processes))
            for folder in folders:
                shutil.rmtree(folder)
