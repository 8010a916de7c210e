"""The only module that knows every adapter.

What only the server needs is imported where it is used: the commands for
trees have neither its time nor, without the extra ``server``, its packages.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import functools
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.model.limits import Limits
from bot.ports import Answerer, BadQuestion, OutsideAnswerer
from bot.render.answerer import LocalAnswerer
from bot.render.cache import AnswerCache, Lookups, default_folder
from bot.render.shelf import MEBIBYTE, Shelf
from bot.settings import Fetching, ServerSettings, SetupSettings

if TYPE_CHECKING:
    from bot.app.analysis import Analysis
    from bot.app.asked import Tools
    from bot.app.world import World
    from bot.github.connection import Connection
    from bot.model.task import Task
    from bot.web.check import Check
    from bot.work.meter import Meter
    from bot.work.queue import Queue
    from bot.work.trial import Performer

_LOOKUPS = Lookups()
"""Of this process, which is the analysis where anybody asks."""
_CHARTS = 128 * MEBIBYTE
"""Archives of charts that are kept for one repository."""


def answerer(*, cached: bool, jobs: int | None, folder: Path | None = None) -> LocalAnswerer:
    """What answers the engine's questions on this machine; with ``cached`` from the disk where it can."""
    return LocalAnswerer(AnswerCache(cache_shelf(folder) if cached else None), jobs=jobs)


def cache_shelf(folder: Path | None) -> Shelf | None:
    """Where answers, and archives of charts by their digest, are kept: in ``folder``, or in the user's own place."""
    place = folder or default_folder()
    return Shelf(place) if place else None


def fetching(
    builder: Answerer, given: Fetching, hosts: tuple[str, ...] | None, shelf: Shelf | None, limits: Limits
) -> OutsideAnswerer:
    """What answers the questions of one review, those for charts among them.

    ``hosts`` are those that the repository's configuration allows, None where it names none.
    """
    from bot.fetch.answerer import FetchingAnswerer
    from bot.fetch.fence import Fence, Network, own_places
    from bot.fetch.fetcher import Fetcher
    from bot.fetch.limits import as_set
    from bot.fetch.transport import Transport

    network = Network()
    transport = Transport(Fence(given.allowed_hosts, hosts, network), network, given.credentials, as_set(limits))
    return FetchingAnswerer(builder, Fetcher(transport, shelf, own_places(given.allowed_hosts)))


def serve(given: ServerSettings, *, web: bool, work: bool) -> None:
    """Run the server, the worker or both in this process, until it is told to stop."""
    import asyncio

    from bot.github.events import tasks
    from bot.report.link import link_key
    from bot.web.serving import Bench, Door, Storage
    from bot.web.serving import serve as run
    from bot.work.log import LogFormat, start_log

    start_log(LogFormat(given.log))
    events = functools.partial(tasks, own_app=given.app_id)
    door = Door(given.host, given.port, given.webhook_secrets, events, link_key(given.private_key)) if web else None
    bench = Bench(functools.partial(_performer, given)) if work else None
    asyncio.run(run(Storage(given.data, given.database_url), door, bench))


def create_app(given: SetupSettings, wish: AppWish, tell: Callable[[str], None]) -> Sequence[str] | None:
    """Serve the page that creates the App until a person has; what is to be known then, None where it was stopped.

    ``tell`` is given the link to the page, for the person's eyes only. Raise BadQuestion where it cannot be served,
    or nothing could be kept.
    """
    import asyncio

    return asyncio.run(_created(given, wish, tell))


@dataclass(frozen=True, slots=True)
class AppWish:
    """The App that is wanted, and where its credentials go: a manifest, or a folder for files."""

    name: str = "fluxbot"
    organization: str = ""
    folder: Path | None = None
    """None for the one below the data."""
    manifest: Path | None = None
    namespace: str = "fluxbot"
    here: bool = False
    """Whether the browser is on this machine; else the page is at the public address."""


async def _created(given: SetupSettings, wish: AppWish, tell: Callable[[str], None]) -> Sequence[str] | None:

    import aiohttp

    from bot.github.address import address
    from bot.github.registering import Wanted, registered
    from bot.github.transport import Transport
    from bot.web.credentials import FolderKeeper, SecretKeeper
    from bot.web.setup import Plan, done_or_stopped, setting_up

    if given.public_url is None:
        raise BadQuestion("FLUXBOT_PUBLIC_URL is not set: the address under which GitHub reaches the server")
    public = given.public_url
    folder = FolderKeeper(wish.folder or given.app)
    keeper = SecretKeeper(wish.manifest, wish.namespace) if wish.manifest else folder
    async with aiohttp.ClientSession() as session:
        transport = Transport(session, address(given.github_url))
        plan = Plan(
            lambda here: Wanted(wish.name, public, f"{here}/setup"),
            given.github_url,
            wish.organization,
            functools.partial(registered, transport),
            keeper,
        )
        async with setting_up(plan, given.host, given.port, None if wish.here else public) as setup:
            tell(setup.link)
            return await done_or_stopped(setup)


def tools(limits: Limits, given: Fetching) -> Tools:
    """What the analysis process works with. Charts are kept in the folder of the repository that names them."""
    from bot.app.asked import Tools
    from bot.github.storage import Reader

    def fetching_for(folder: str, hosts: tuple[str, ...] | None) -> OutsideAnswerer:
        return fetching(own_answerer(folder), given, hosts, Shelf(Path(folder, "charts"), _CHARTS), limits)

    outside = None if given.allowed_hosts == () else fetching_for
    return Tools(own_answerer, Reader(limits).snapshot, outside, _LOOKUPS.taken)


@functools.lru_cache(maxsize=1)
def own_answerer(folder: str) -> LocalAnswerer:
    """What answers for one repository alone, and keeps the answers in its folder, so that they end with it.

    Only those of the repository that was asked for last are also in memory.
    """
    return LocalAnswerer(AnswerCache(Shelf(Path(folder, "answers"), most=256 * MEBIBYTE), _LOOKUPS))


@asynccontextmanager
async def _performer(given: ServerSettings, queue: Queue, meter: Meter) -> AsyncIterator[Performer]:
    """What does the jobs, with a connection to GitHub and an analysis process of its own."""
    import aiohttp

    from bot.app.analysis import Analysis
    from bot.app.catch_up import ROUNDS
    from bot.app.perform import give_up, perform
    from bot.github.address import address
    from bot.github.connection import Keep, connect
    from bot.github.gate import Gate, Pace
    from bot.github.tokens import Credentials
    from bot.github.transport import Transport
    from bot.model.task import Forget
    from bot.ports import Transient
    from bot.store.traffic import SharedTraffic
    from bot.work.trial import Performer, Round

    async def performed(task: Task) -> None:
        await perform(task, world)
        if isinstance(task, Forget):
            await analysis.forget()
            if await queue.forget(task.installation, task.repository):
                raise Transient("jobs of what is to be forgotten still run; all is deleted again when they have ended")

    analysis = Analysis(functools.partial(tools, given.limits, given.fetching), given.limits, meter)
    rounds = tuple(Round(cron, task) for cron, task in ROUNDS.items())
    async with aiohttp.ClientSession() as session:
        credentials = Credentials(given.app_id, given.private_key)
        keep = Keep(given.data / "repositories", given.limits)
        pace = Pace()
        gate = Gate(SharedTraffic(queue.pool, given.rates), pace, meter)
        github = connect(Transport(session, address(given.github_url), pace, gate), credentials, keep)
        world = replace(_world(given, queue, github, analysis), tally=meter)
        try:
            yield Performer(performed, lambda task, error, tries: give_up(task, error, tries, world), rounds)
        finally:
            await analysis.close()


def _world(given: ServerSettings, queue: Queue, github: Connection, analysis: Analysis) -> World:
    """The ports, over GitHub, the queue and its database."""
    from bot.app.intake import QueueIntake
    from bot.app.journal import LedgerJournal
    from bot.app.pages import LinkedPages
    from bot.app.world import World
    from bot.github.events import tasks
    from bot.report.link import link_key
    from bot.store.ledger import Ledger
    from bot.store.pacing import may_ask
    from bot.store.pages import Pages
    from bot.work.inbox import Inbox

    public, pages = given.public_url, Pages(queue.pool)
    return World(
        pulls=github.reading,
        talk=github.reading,
        remarks=github.remarks,
        checks=github.checks,
        commits=github.commits,
        snapshots=github.snapshots,
        journal=LedgerJournal(Ledger(queue.pool)),
        analyse=analysis,
        defer=queue.defer,
        waiting=queue.waiting,
        today=lambda: datetime.now(UTC).date(),
        defaults=github.defaults,
        may_ask=functools.partial(may_ask, queue.pool),
        missing=github.missing,
        intake=QueueIntake(queue.pool, Inbox(queue), functools.partial(tasks, own_app=given.app_id)),
        defer_behind=queue.defer_behind,
        busy=queue.busy,
        pages=LinkedPages(pages, public, link_key(given.private_key), time.time) if public else None,
    )


def cell_doctor() -> Sequence[Check]:
    """Which walls stand around what is built here, and whether the tools work behind them."""
    from bot.render.probe import standing
    from bot.web.check import of_cell

    return of_cell(standing())


def doctor(given: ServerSettings) -> Sequence[Check]:
    """What has to be right for the server to work, and whether it is."""
    import asyncio

    return asyncio.run(_examined(given))


async def _examined(given: ServerSettings) -> Sequence[Check]:
    import asyncio

    from bot.web.check import Check
    from bot.web.doctor import database, examined
    from bot.web.serving import all_steps
    from bot.work.embedded import EmbeddedPostgres

    async def stored() -> Sequence[Check]:
        if given.database_url:
            return await database(given.database_url, all_steps())
        embedded = await asyncio.to_thread(EmbeddedPostgres, given.data)
        try:
            return await database(embedded.url, all_steps())
        finally:
            await asyncio.to_thread(embedded.stop)

    found = Check("settings", ok=True, text=f"App {given.app_id} at {given.github_url}, data in {given.data}")
    github = await examined("github", functools.partial(_registered, given))
    return (found, *await examined("database", stored), *github)


async def _registered(given: ServerSettings) -> Sequence[Check]:

    import aiohttp
    import jwt

    from bot.github.address import address
    from bot.github.tokens import Credentials, Tokens
    from bot.github.transport import Transport
    from bot.web.check import Check
    from bot.web.doctor import registration

    async with aiohttp.ClientSession() as session:
        transport = Transport(session, address(given.github_url))
        try:
            own = Tokens(transport, Credentials(given.app_id, given.private_key)).of_app()
        except (ValueError, jwt.InvalidKeyError):
            return (Check("key", ok=False, text="cannot sign; it is damaged, or not an RSA key"),)
        said = await transport.getitem("/app", jwt=own)
        return (Check("key", ok=True, text="signs"), *registration(said, given.app_id))
