"""fluxbot's App against the simulator: real HTTP, real ports; only the queue and the journal lie in memory."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import aiohttp
import pytest_asyncio

from bot.app.asked import Asked, Said, Tools
from bot.app.perform import perform
from bot.app.verdict import answered
from bot.app.world import World
from bot.github.connection import Connection, Keep, connect
from bot.github.events import tasks as events
from bot.github.gate import Pace
from bot.github.storage import Reader
from bot.github.tokens import Credentials
from bot.model import task as tasks
from bot.model.config import Accepted
from bot.model.missed import Left, Missed
from bot.model.publication import Reads, Subject
from bot.model.task import Task
from bot.render.answerer import LocalAnswerer
from bot.render.cache import AnswerCache
from tests.github.flux_repository import FILES
from tests.github_simulator.conversation import Pull
from tests.github_simulator.git_writing import Content
from tests.github_simulator.simulator import Simulator
from tests.github_simulator.world import Installation, Repository
from tests.line_to_github import line_to

ANSWERER = LocalAnswerer(AnswerCache(), jobs=2)
TOOLS = Tools(lambda _folder: ANSWERER, Reader().snapshot)


class Killed(BaseException):
    """The worker is killed: nothing that the program catches."""


@dataclass
class MemoryJournal:
    """The journal of one process."""

    opened: dict[tuple[int, int | None], list[Subject]] = field(default_factory=dict)
    where: dict[tuple[int, int | None], tasks.Repository] = field(default_factory=dict)
    aimed: dict[tuple[int, int], str] = field(default_factory=dict)
    sources: dict[tasks.Repository, tuple[str, ...]] = field(default_factory=dict)
    over: set[tuple[int, Subject]] = field(default_factory=set)
    taken: dict[tuple[int, int], dict[str, Accepted]] = field(default_factory=dict)

    async def begun(self, repository: tasks.Repository, number: int) -> Sequence[Subject]:
        return tuple(self.opened.get((repository.id, number), ()))

    async def left(self, seconds: float) -> Sequence[Left]:
        assert seconds > 0
        return [Left(self.where[key], key[1], subject) for key, open_ in self.opened.items() for subject in open_]

    async def begin(self, repository: tasks.Repository, number: int | None, subject: Subject) -> None:
        self.where[repository.id, number] = repository
        here = self.opened.setdefault((repository.id, number), [])
        if subject not in here:
            here.append(subject)
        if number is not None:
            self.aimed[repository.id, number] = subject.branch

    async def ended(self, repository: tasks.Repository, subjects: Sequence[Subject]) -> Sequence[Subject]:
        return [subject for subject in subjects if (repository.id, subject) in self.over]

    async def aimed_at(self, repository: tasks.Repository, branch: str, most: int) -> Sequence[int]:
        pulls = [number for (where, number), one in self.aimed.items() if where == repository.id and one == branch]
        return sorted(pulls, reverse=True)[:most]

    async def end(self, repository: tasks.Repository, number: int | None, subject: Subject) -> None:
        here = self.opened.get((repository.id, number), [])
        self.opened[repository.id, number] = [each for each in here if each != subject]
        self.over.add((repository.id, subject))

    async def accepted(self, repository: tasks.Repository, number: int) -> Sequence[Accepted]:
        return tuple(self.taken.get((repository.id, number), {}).values())

    async def accept(self, repository: tasks.Repository, number: int, accepted: Accepted) -> None:
        self.taken.setdefault((repository.id, number), {})[accepted.finding] = accepted

    async def reads(self, repository: tasks.Repository, read: Reads) -> None:
        known = () if read.is_all else self.sources.get(repository, ())
        self.sources[repository] = tuple(dict.fromkeys((*known, *read.addresses)))

    async def readers(self, repository: tasks.Repository, address: str, most: int) -> Sequence[str]:
        others = [one for one, read in self.sources.items() if address in read and one.id != repository.id]
        return [str(one) for one in others if one.installation == repository.installation][:most]

    async def forget(self, installation: int, repository: int | None = None) -> None:
        assert installation
        self.opened = {key: open_ for key, open_ in self.opened.items() if repository not in (None, key[0])}


@dataclass
class MemoryIntake:
    """What one process took in; ``came`` are the deliveries that the server stored."""

    defer: Callable[[Task], Awaitable[None]]
    came: set[str] = field(default_factory=set)
    until: datetime | None = None

    async def unknown(self, guids: Sequence[str]) -> frozenset[str]:
        return frozenset(guids) - self.came

    async def take(self, missed: Missed, payload: object) -> Sequence[Task]:
        asked = () if missed.guid in self.came else events(missed.event, payload, own_app=4_242)
        self.came.add(missed.guid)
        for each in asked:
            await self.defer(each)
        return asked

    async def since(self) -> datetime | None:
        return self.until

    async def complete(self, until: datetime) -> None:
        self.until = until


@dataclass
class MemoryPages:
    """The pages that were kept, by pull request and head."""

    kept: dict[tuple[int, str], bytes] = field(default_factory=dict)

    async def keep(self, repository: tasks.Repository, number: int, head: str, page: bytes) -> str:
        self.kept[number, head] = page
        return f"https://bot.example.org/reviews/{repository}/{number}/{head}"


@dataclass
class Bench:
    """A fleet on GitHub and an App that looks after it."""

    github: Simulator
    fleet: Repository
    installation: Installation
    connection: Connection
    folder: Path
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    deferred: list[Task] = field(default_factory=list)
    during: list[object] = field(default_factory=list)
    today: date = date(2026, 11, 22)
    tools: Tools = TOOLS
    asked: Counter[str] = field(default_factory=Counter)
    patience: int = 100
    pages: MemoryPages | None = field(default_factory=MemoryPages)

    def __post_init__(self) -> None:
        self.intake = MemoryIntake(self._defer)

    @property
    def repository(self) -> tasks.Repository:
        return tasks.Repository(self.installation.id, self.fleet.id, "acme", "fleet")

    @property
    def world(self) -> World:
        reading = self.connection.reading
        return World(
            reading,
            reading,
            self.connection.remarks,
            self.connection.checks,
            self.connection.commits,
            self.connection.snapshots,
            self.journal,
            self._analyse,
            self._defer,
            self._waiting,
            lambda: self.today,
            self.connection.defaults,
            self._may_ask,
            self.connection.missing,
            self.intake,
            self._defer,
            self._busy,
            self.pages,
        )

    async def pull(self, files: Mapping[str, Content], branch: str = "topic") -> Pull:
        await self.github.acts.push(self.fleet, branch, files)
        return await self.github.acts.open_pull(self.fleet, branch)

    async def review(self, pull: Pull, *, recheck: bool = False, event: str = "") -> None:
        await perform(tasks.ReviewPull(self.repository, pull.number, recheck=recheck, event=event), self.world)

    async def command(self, pull: Pull, body: str, by: str = "octocat") -> int:
        comment = await self.github.acts.comment(self.fleet, pull.number, body, by=by)
        await perform(tasks.Answer(self.repository, pull.number, comment.id), self.world)
        return comment.id

    async def work_off(self) -> None:
        """Do what was deferred, as the queue would."""
        while self.deferred:
            await perform(self.deferred.pop(0), self.world)

    async def _waiting(self, lock: str) -> Task | None:
        return next((task for task in self.deferred if task.lock == lock), None)

    async def _busy(self, lock: str) -> bool:
        return any(task.lock == lock for task in self.deferred)

    async def _defer(self, task: Task) -> None:
        if task not in self.deferred:
            self.deferred.append(task)

    async def _may_ask(self, _repository: tasks.Repository, person: str) -> bool:
        self.asked[person] += 1
        return self.asked[person] <= (1 if person.endswith(":refused") else self.patience)

    async def _analyse(self, asked: Asked) -> Said:
        while self.during:
            act = self.during.pop(0)
            await act()  # type: ignore[operator]  # something that happens on GitHub meanwhile
        return await asyncio.to_thread(answered, asked, self.tools)


async def no_time(_seconds: float) -> None:
    """Waits for nothing."""


@pytest_asyncio.fixture
async def github() -> AsyncIterator[Simulator]:
    async with Simulator() as simulator:
        yield simulator


@pytest_asyncio.fixture
async def bench(github: Simulator, tmp_path: Path) -> AsyncIterator[Bench]:
    fleet = await github.acts.add_repository("acme/fleet", FILES, private=True)
    installation = await github.add_installation("acme")
    pace = Pace(lambda: github.clock.now().timestamp(), no_time)
    async with aiohttp.ClientSession() as session:
        credentials = Credentials(github.app.id, github.app.private_key)
        connection = connect(line_to(github, session, pace), credentials, Keep(tmp_path))
        yield Bench(github, fleet, installation, connection, tmp_path)
