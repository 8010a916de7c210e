"""How many webhooks fluxbot takes in, how quickly it answers, and the memory of the server meanwhile.

``fluxbot serve``, PostgreSQL and, where reviews run, ``fluxbot work`` are
processes of their own; so is whoever sends, at a fixed rate, so that a slow
answer keeps no other delivery back and is counted from when it was due.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import importlib
import json
import shutil
import statistics
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from multiprocessing import get_context
from typing import Final
from urllib.parse import urlencode

import aiohttp
import psycopg
from psycopg.conninfo import conninfo_to_dict

from bot.github.events import tasks
from bot.model.task import Forget
from bot.work.embedded import EmbeddedPostgres
from tests.example_payloads import examples
from tests.fluxbot_process import SERVE, WORK, Fluxbot
from tests.github.flux_repository import BROKEN, FILES
from tests.github_simulator.simulator import Simulator
from tests.github_simulator.world import Repository
from tests.open_postgres import open_folder, reachable_postgres

RATE: Final = 160
"""Deliveries a second that are sent."""
DELIVERIES: Final = 10_000
_PART: Final = 2_000
"""Deliveries between two looks at the memory."""
_CONNECTIONS: Final = 50
_PULLS: Final = 40
_APART: Final = 0.5
"""Seconds between two pushes; more than a worker can review meanwhile."""
_MEBIBYTE: Final = 1024 * 1024


class NotStored(Exception):
    """A delivery was answered with something else than 202."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Seconds until each answer, how many were stored in which time, the server's memory in MiB after each part.

    ``processor``: seconds that the server used of one.
    """

    answers: Sequence[float]
    stored: int
    seconds: float
    memory: Sequence[float]
    processor: float
    reviews: int


def intake() -> Iterator[str]:
    """A line for each figure."""
    with reachable_postgres():
        for reviewing in (False, True):
            taken = asyncio.run(_taken(reviewing=reviewing))
            yield from _told(taken, f"reviews running ({taken.reviews} ended)" if reviewing else "no reviews")


def _told(taken: Intake, when: str) -> Iterator[str]:
    cuts = statistics.quantiles(taken.answers, n=100)
    yield (
        f"{f'webhooks, {when}':40} {taken.stored:,} of {len(taken.answers):,} stored,"
        f" {taken.stored / taken.seconds:.0f}/s ({RATE}/s sent)"
    )
    yield (
        f"{'  answered within':40} p50 {cuts[49] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms,"
        f" longest {max(taken.answers) * 1000:.0f} ms"
    )
    yield f"{f'  memory of the server, every {_PART:,}':40} {', '.join(f'{each:.0f}' for each in taken.memory)} MiB"
    yield f"{'  processor time of the server':40} {taken.processor / taken.stored * 1000:.1f} ms a delivery"


async def _taken(*, reviewing: bool) -> Intake:
    commands = (SERVE, WORK) if reviewing else (SERVE,)
    async with Simulator() as github, _processes(github, commands) as (database, server):
        fleet = await github.acts.add_repository("acme/fleet", FILES)
        github.webhook_url = f"{server.url}/webhook"
        await github.add_installation("acme")
        pushing = asyncio.create_task(_pushed(github, fleet) if reviewing else asyncio.sleep(0))
        send = partial(sent, github.webhook_url, github.app.webhook_secret)
        loop = asyncio.get_running_loop()
        answers: list[float] = []
        memory: list[float] = []
        with ProcessPoolExecutor(1, get_context("spawn")) as sender:
            await loop.run_in_executor(sender, send, "warm", _PART // 10)  # what the first ones load is not counted
            reviewed, used = _ended(github, fleet), _processor(server.pid)
            began = time.monotonic()
            for _ in range(DELIVERIES // _PART):
                answers += await loop.run_in_executor(sender, send, "counted", _PART)
                memory.append(_memory(server.pid))
            seconds = time.monotonic() - began
            used = _processor(server.pid) - used
        reviews = _ended(github, fleet) - reviewed
        pushing.cancel()
        with suppress(asyncio.CancelledError):
            await pushing
        return Intake(answers, await asyncio.to_thread(_stored, database), seconds, memory, used, reviews)


@asynccontextmanager
async def _processes(github: Simulator, commands: Sequence[tuple[str, ...]]) -> AsyncIterator[tuple[str, Fluxbot]]:
    """Processes on one PostgreSQL: its URL, and the first of them. Nothing of them is left afterwards."""
    async with AsyncExitStack() as stack:
        folders = [open_folder("intake") for _ in (SERVE, *commands)]
        for folder in folders:
            stack.callback(shutil.rmtree, folder)
        postgres = await asyncio.to_thread(EmbeddedPostgres, folders[0])
        stack.callback(postgres.stop)
        told = conninfo_to_dict(postgres.url)
        url = f"postgresql://{told['user']}@/{told['dbname']}?{urlencode({'host': told['host'], 'port': told['port']})}"
        more = {"FLUXBOT_DATABASE_URL": url}
        made = [
            Fluxbot(github, folder, more=more, command=command)
            for folder, command in zip(folders[1:], commands, strict=True)
        ]
        for each in made:
            stack.push_async_callback(each.stop)
            await each.start()
        yield postgres.url, made[0]


async def _pushed(github: Simulator, fleet: Repository) -> None:
    """Push to one pull request after the other, so that there is always one to review."""
    for number in range(_PULLS):
        await github.acts.push(fleet, f"topic-{number}", {**BROKEN, "README.md": f"# {number}\n"})
        await github.acts.open_pull(fleet, f"topic-{number}")
    for number in range(1_000_000):
        await github.acts.push(fleet, f"topic-{number % _PULLS}", {"README.md": f"# {number}, again\n"})
        await asyncio.sleep(_APART)


def _memory(pid: int) -> float:
    """What a process holds, in MiB."""
    held: int = importlib.import_module("psutil").Process(pid).memory_info().rss
    return held / _MEBIBYTE


def _processor(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    used = importlib.import_module("psutil").Process(pid).cpu_times()
    return float(used.user + used.system)


def _ended(github: Simulator, fleet: Repository) -> int:
    return sum(run.status == "completed" for run in github.state(fleet).check_runs)


def _stored(url: str) -> int:
    """How many of the deliveries that count are stored."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM fluxbot_delivery WHERE id LIKE 'counted-%'").fetchone()
        return int(row[0]) if row else 0


def sent(url: str, secret: str, name: str, number: int) -> list[float]:
    """Send so many deliveries, of each event that GitHub has an example of in turn; seconds until each answer.

    Raise NotStored where one is not answered with 202.
    """
    return asyncio.run(_sent(url, secret, name, number))


def _bodies() -> Iterator[tuple[str, bytes]]:
    """Event and payload of each example that counts.

    Some were recorded from a repository's own webhook, which an App never gets; and after some all is forgotten of a
    repository, its deliveries too.
    """
    for event, some in examples().items():
        for payload in some:
            with suppress(ValueError):
                if not any(isinstance(task, Forget) for task in tasks(event, payload, own_app=None)):
                    yield event, json.dumps(payload).encode()


async def _sent(url: str, secret: str, name: str, number: int) -> list[float]:
    bodies = list(_bodies())
    signatures = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for _, body in bodies]
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def one(session: aiohttp.ClientSession, turn: int) -> float:
        due = began + turn / RATE
        await asyncio.sleep(due - loop.time())
        event, body = bodies[turn % len(bodies)]
        head = {
            "Content-Type": "application/json",
            "X-GitHub-Delivery": f"{name}-{uuid.uuid4()}",
            "X-GitHub-Event": event,
            "X-Hub-Signature-256": f"sha256={signatures[turn % len(bodies)]}",
        }
        async with session.post(url, data=body, headers=head) as answer:
            if answer.status != HTTPStatus.ACCEPTED:
                raise NotStored(f"{event}: {answer.status} {await answer.text()}")
        return loop.time() - due

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=_CONNECTIONS)) as session:
        return list(await asyncio.gather(*(one(session, turn) for turn in range(number))))


if __name__ == "__main__":
    for line in intake():
        print(line, flush=True)
