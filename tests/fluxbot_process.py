"""The real ``fluxbot serve --with-worker``, a process of its own, for one GitHub simulator."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp

from bot.work.embedded import EmbeddedPostgres
from tests.github_simulator.simulator import Simulator
from tests.open_postgres import open_folder

_FLUXBOT: Final = str(Path(sys.executable).with_name("fluxbot"))
_POLL: Final = 0.05
_STARTS_WITHIN: Final = 40.0
_ENDS_WITHIN: Final = 35.0
_GAUGE: Final = re.compile(r"^fluxbot_jobs_(?:waiting|running) ([0-9.]+|NaN)$", re.MULTILINE)


_LINK: Final = re.compile(r"^No App yet\. Create it: (\S+)$", re.MULTILINE)


SERVE: Final[tuple[str, ...]] = ("serve",)
WORK: Final[tuple[str, ...]] = ("work",)
BOTH: Final[tuple[str, ...]] = ("serve", "--with-worker")


class NotRunning(Exception):
    """fluxbot did not come up, or ended by itself; the last line of its log says why."""


class Fluxbot:
    """One process after the other, with the same port, data and settings. Use ``fluxbot()`` to make one."""

    def __init__(
        self,
        github: Simulator,
        folder: Path,
        *,
        has_app: bool = True,
        more: Mapping[str, str] | None = None,
        command: tuple[str, ...] = BOTH,
    ) -> None:
        """``more``: settings besides the usual ones, or instead of them."""
        self._command = command
        self.program: tuple[str, ...] = (_FLUXBOT,)
        port = self.port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "log"
        self.data = folder / "data"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        others = {name: value for name, value in os.environ.items() if not name.startswith("FLUXBOT_")}
        self.more: dict[str, str] = {}
        """Settings that were told later; they count when it starts the next time."""
        self._environment = {
            **others,
            **(_app(github, folder) if has_app else {}),
            "FLUXBOT_GITHUB_URL": github.url,
            "FLUXBOT_DATA_DIR": str(folder / "data"),
            "FLUXBOT_ALLOWED_HOSTS": "none",
            "FLUXBOT_POINTS_PER_MINUTE": "1000000",  # a simulator has no such limits unless it is told to
            "FLUXBOT_HOST": "127.0.0.1",
            "FLUXBOT_PORT": str(port),
            "FLUXBOT_PUBLIC_URL": self.url,
            **(more or {}),
        }

    @property
    def name(self) -> str:
        """What it does."""
        return {SERVE: "the server", WORK: "the worker"}.get(self._command, "a replica")

    @property
    def serves(self) -> bool:
        """Whether it takes deliveries."""
        return self._command[0] == SERVE[0]

    @property
    def works(self) -> bool:
        """Whether it does jobs."""
        return self._command != SERVE

    @property
    def looks(self) -> int:
        """How often it has looked for deliveries that were missed, by its log."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return sum("job.done" in line and "take-missed" in line for line in lines)

    @property
    def lives(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The number of the process. Raise NotRunning where there is none."""
        if self._process is None:
            raise NotRunning("fluxbot was not started")
        return self._process.pid

    async def start(self) -> None:
        """Start it and wait until it can store and work."""
        self.begin()
        await self.ready()

    async def ready(self) -> None:
        """Wait until it can store and work."""
        async with asyncio.timeout(_STARTS_WITHIN):
            await self.until(self.is_ready if self.serves else self._has_begun)

    async def start_without_app(self) -> str:
        """Start it, wait for the link to the page that creates its App, and return that."""
        self.begin()

        async def has_link() -> bool:
            return _LINK.search(self.log.read_text()) is not None

        async with asyncio.timeout(_STARTS_WITHIN):
            await self.until(has_link)
        found = _LINK.search(self.log.read_text())
        assert found is not None
        return found[1]

    def begin(self) -> None:
        """Start it."""
        with self.log.open("ab") as log:
            # A session of its own: an interrupt at the terminal is for us, and we end it in order.
            self._process = subprocess.Popen(
                (*self.program, *self._command),
                cwd=self._folder,
                env={**self._environment, **self.more},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def until(self, is_so: Callable[[], Awaitable[bool]], every: float = _POLL) -> None:
        """Wait until something is so; look ``every`` so many seconds. Raise NotRunning when the process ends before."""
        while not await is_so():
            if self._process is None or self._process.poll() is not None:
                lines = self.log.read_text().splitlines()
                raise NotRunning(f"fluxbot ended: {lines[-1] if lines else 'it said nothing'}")
            await asyncio.sleep(every)

    async def idle(self) -> bool:
        """Whether nothing waits and nothing runs."""
        return [float(each) for each in _GAUGE.findall(await self._said("/metrics"))] == [0, 0]

    async def metrics(self) -> str:
        """The counters as Prometheus gets them."""
        return await self._said("/metrics")

    async def kill(self) -> None:
        """End it as a power cut would; its database goes on."""
        await self._ended(signal.SIGKILL)

    async def stop(self) -> None:
        """End it in order, and its database with it, also one that a killed process left behind."""
        await self._ended(signal.SIGTERM)
        if (self._folder / "data" / "postgres" / "postmaster.pid").exists():
            await asyncio.to_thread(lambda: EmbeddedPostgres(self._folder / "data").stop())

    async def _ended(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            await asyncio.to_thread(process.wait, _ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    async def _has_begun(self) -> bool:
        """Whether one that does not serve runs: nobody can ask it more."""
        return self.lives

    async def is_ready(self) -> bool:
        """Whether it can store and work."""
        return await self._said("/readyz") == "ready\n"

    async def _said(self, path: str) -> str:
        async with aiohttp.ClientSession() as session:
            try:
                async with session.get(self.url + path) as answer:
                    return await answer.text()
            except aiohttp.ClientError:
                return ""


@asynccontextmanager
async def fluxbot(github: Simulator) -> AsyncIterator[Fluxbot]:
    """A fluxbot that runs and gets the simulator's deliveries. Nothing of it is left afterwards."""
    folder = open_folder("process")
    process = Fluxbot(github, folder)
    try:
        await process.start()
        github.webhook_url = f"{process.url}/webhook"
        yield process
    finally:
        github.webhook_url = None
        await process.stop()
        await asyncio.to_thread(shutil.rmtree, folder)


@asynccontextmanager
async def fluxbot_without_app(github: Simulator) -> AsyncIterator[tuple[Fluxbot, str]]:
    """A fluxbot that has no App yet, and the link to the page that creates it. Nothing of it is left afterwards."""
    folder = open_folder("setup")
    process = Fluxbot(github, folder, has_app=False)
    try:
        yield process, await process.start_without_app()
    finally:
        await process.stop()
        await asyncio.to_thread(shutil.rmtree, folder)


def _app(github: Simulator, folder: Path) -> dict[str, str]:
    """The settings that say which App it is."""
    key = folder / "key.pem"
    key.touch(0o600)
    key.write_text(github.app.private_key)
    return {
        "FLUXBOT_APP_ID": str(github.app.id),
        "FLUXBOT_PRIVATE_KEY_FILE": str(key),
        "FLUXBOT_WEBHOOK_SECRET": github.app.webhook_secret,
    }


def _free_port() -> int:
    """A port that nobody has at this moment: the same one is wanted again after a restart."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
