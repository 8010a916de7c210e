"""One request on its way through the simulator, and the answer to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlencode

from tests.github_simulator.access import Access, Actor, Anonymous, AsApp, AsInstallation, AsUser, Need, check
from tests.github_simulator.announcer import Announcer
from tests.github_simulator.json_value import JsonObject, JsonValue
from tests.github_simulator.limits import Limits
from tests.github_simulator.people import Account
from tests.github_simulator.pushes import Pushes
from tests.github_simulator.refusal import Refused, not_found
from tests.github_simulator.shapes.links import Links
from tests.github_simulator.world import App, Repository, World


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and headers; ``raw`` instead of ``body`` for what is no JSON."""

    status: int
    body: JsonValue = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None


@dataclass(slots=True)
class Call:
    """What a handler is given."""

    world: World
    access: Access
    announcer: Announcer
    limits: Limits
    actor: Actor
    url: str
    headers: Mapping[str, str]
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: JsonObject
    inside: Repository | None = None
    pushes: Pushes = field(init=False)

    def __post_init__(self) -> None:
        self.pushes = Pushes(self.world, self.announcer)

    @property
    def links(self) -> Links:
        """Where things are."""
        return self.announcer.links

    @property
    def app(self) -> App:
        """The one App."""
        return self.world.app

    @property
    def repository(self) -> Repository:
        """The repository that the path names."""
        if self.inside is None:
            raise not_found()
        return self.inside

    @property
    def account(self) -> Account:
        """In whose name the caller writes: the bot's or the person's."""
        match self.actor:
            case AsUser(account):
                return account
            case AsInstallation() | AsApp():
                return self.app.bot
            case Anonymous():
                raise Refused(401, "Requires authentication")

    @property
    def by_app(self) -> bool:
        """Whether the App writes."""
        return isinstance(self.actor, AsInstallation)

    def require(self, name: str, level: str) -> None:
        """Refuse a caller who lacks one more permission than the route asks for."""
        check(self.actor, self.repository, (Need(name, level),))

    async def branch_moved(self, where: Repository, branch: str, before: str | None, after: str) -> None:
        """Do what follows a push, beside this request."""
        self.announcer.hooks.later(self.pushes.moved(where, branch, before, after, self.account))

    def number(self, name: str) -> int:
        """A whole number of the path; the description has been checked."""
        return int(self.params[name])

    def wants(self, media: str) -> bool:
        """Whether the Accept header asks for a media type such as ``raw``."""
        return f".{media}" in self.headers.get("Accept", "")

    def page(self, items: Sequence[JsonValue], *, inside: str | None = None, limit: int = 100) -> Answer:
        """One page of ``items`` with its Link header; ``inside`` names the list of a counted answer."""
        size = min(max(int(self.query.get("per_page", "30")), 1), limit)
        number = max(int(self.query.get("page", "1")), 1)
        last = max(1, -(-len(items) // size))
        shown = list(items[(number - 1) * size : number * size])
        targets = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
        wanted = {"prev", "first"} if number > 1 else set()
        wanted |= {"next", "last"} if number < last else set()
        links = [f'<{self._at_page(page)}>; rel="{name}"' for name, page in targets.items() if name in wanted]
        headers = {"Link": ", ".join(links)} if links else {}
        body: JsonValue = shown if inside is None else {"total_count": len(items), inside: shown}
        return Answer(200, body, headers)

    def _at_page(self, page: int) -> str:
        return f"{self.url}?{urlencode({**self.query, 'page': str(page)})}"


Handler: TypeAlias = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """How an operation is served; any one of ``needs`` permits it (none: not about a repository)."""

    method: str
    template: str
    handle: Handler
    needs: tuple[Need, ...] = ()
