"""GitHub on loopback: ``async with Simulator() as github: …``."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.github_simulator.access import Access
from tests.github_simulator.acts import Acts
from tests.github_simulator.announcer import Announcer
from tests.github_simulator.clock import Clock
from tests.github_simulator.conversation import Pull
from tests.github_simulator.exchange import Exchange
from tests.github_simulator.faults import Effect, Faults
from tests.github_simulator.graphql_api import GraphQLApi
from tests.github_simulator.hooks import Hooks
from tests.github_simulator.keys import key_pair
from tests.github_simulator.limits import Limits
from tests.github_simulator.people import Account
from tests.github_simulator.shapes.links import Links
from tests.github_simulator.shapes.repositories import short_repository
from tests.github_simulator.standing import Standing, standing
from tests.github_simulator.world import FIRST_ID, App, Installation, Repository, World

PERMISSIONS = {
    "metadata": "read",
    "contents": "read",
    "pull_requests": "write",
    "checks": "write",
    "issues": "read",
    "merge_queues": "read",
}
EVENTS = ("pull_request", "issue_comment", "check_run", "check_suite", "merge_group", "repository")


class SimulatorMisused(AssertionError):
    """Requests or answers were wrong and nobody asked about it."""


class Simulator:
    """A GitHub with one App. State is in ``world``; people act through ``acts``.

    On leaving, SimulatorMisused is raised for requests that GitHub's
    description refuses, or names it does not know, and for answers and
    deliveries of the simulator itself that are wrong – unless
    ``take_problems`` was asked before.
    """

    def __init__(
        self, *, permissions: Mapping[str, str] | None = None, events: tuple[str, ...] = EVENTS, port: int = 0
    ) -> None:
        self.clock = Clock()
        private, public = key_pair()
        owner = Account(FIRST_ID - 3, "fluxbot-maker", "User")
        bot = Account(FIRST_ID - 2, "fluxbot[bot]", "Bot")
        granted = dict(PERMISSIONS if permissions is None else permissions)
        self.app = App(
            4_242, "fluxbot", "fluxbot", owner, bot, granted, events, private, public, "a webhook secret",
            self.clock.now(),
        )  # fmt: skip
        self.world = World(self.clock, self.app)
        self.hooks = Hooks(self.world)
        self.access = Access(self.world)
        self.limits = Limits(self.clock)
        self.faults = Faults()
        self.counts: Counter[str] = Counter()
        self._problems: list[str] = []
        self._graphql = GraphQLApi()
        self._port = port
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="github-simulator-")
        links = Links("")
        self.announcer = Announcer(self.world, links, self.hooks)
        exchange = Exchange(
            self.world, self.access, self.announcer, self.limits, self.faults, self._graphql, self.counts,
            self._problems,
        )  # fmt: skip
        self._runner = web.AppRunner(exchange.application(), access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self.announcer.links = Links(self.url)
        self.acts = Acts(self.world, self.announcer, Path(self._folder.name))
        await self.hooks.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.hooks.stop()
        assert self._runner is not None
        assert self._folder is not None
        await self._runner.cleanup()
        self._folder.cleanup()
        if error is None and (problems := self.take_problems()):
            raise SimulatorMisused("\n".join(problems))

    @property
    def webhook_url(self) -> str | None:
        """Where deliveries go; None: nowhere, and they fail."""
        return self.hooks.url

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        self.hooks.url = url

    def take_problems(self) -> list[str]:
        """What was wrong so far with requests, answers and deliveries; forgotten thereby."""
        background = [f"BACKGROUND {type(each).__name__}: {each}" for each in self.hooks.failures]
        found = [*self._problems, *self.announcer.problems, *self._graphql.problems, *background]
        for each in (self._problems, self.announcer.problems, self._graphql.problems, self.hooks.failures):
            each.clear()
        return found

    async def add_installation(
        self,
        account: str,
        *,
        repositories: list[Repository] | None = None,
        permissions: Mapping[str, str] | None = None,
    ) -> Installation:
        """Install the App on ``account``: on all its repositories or on some. The App is told."""
        selected = None if repositories is None else {each.id for each in repositories}
        made = Installation(
            self.world.next_id(), self.world.account(account, "Organization"),
            dict(self.app.permissions if permissions is None else permissions), self.app.events, selected,
            self.clock.now(),
        )  # fmt: skip
        self.world.installations[made.id] = made
        await self.announcer.installation("created", made)
        return made

    async def uninstall(self, which: Installation) -> None:
        """Remove the App from an account."""
        await self.announcer.installation("deleted", which)
        del self.world.installations[which.id]

    async def suspend(self, which: Installation) -> None:
        """Suspend an installation: its tokens no longer work."""
        which.suspended_at = self.clock.now()
        await self.announcer.installation("suspend", which)

    async def unsuspend(self, which: Installation) -> None:
        """Let it work again."""
        which.suspended_at = None
        await self.announcer.installation("unsuspend", which)

    async def select(self, which: Installation, *, add: list[Repository], remove: list[Repository]) -> None:
        """Change which repositories a selective installation covers."""
        which.selected = ((which.selected or set()) | {each.id for each in add}) - {each.id for each in remove}
        for action, changed in (("added", add), ("removed", remove)):
            if changed:
                shapes = [short_repository(each) for each in changed]
                await self.announcer.installation(action, which, "installation_repositories", {
                    "repository_selection": "selected",
                    "repositories_added": list(shapes) if action == "added" else [],
                    "repositories_removed": list(shapes) if action == "removed" else [],
                    "requester": None,
                })  # fmt: skip

    def user_token(self, login: str) -> str:
        """A personal token for ``login``."""
        return self.access.user_token(self.world.account(login))

    def manifest_code(self) -> str:
        """A code for the end of the manifest flow, good once."""
        code = f"code-{self.world.next_id()}"
        self.world.manifest_codes.add(code)
        return code

    def fail_next(self, method: str, pattern: str, effect: Effect, *, times: int = 1, skip: int = 0) -> None:
        """Fail requests by method and path below the API; see ``faults.Faults.add``."""
        self.faults.add(method, pattern, effect, times=times, skip=skip)

    def state(self, where: Repository | Pull) -> Standing:
        """What stands in a repository, or on one pull request and its head."""
        if isinstance(where, Pull):
            return standing(where.repository, where.number)
        return standing(where)
