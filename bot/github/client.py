"""Requests in the name of one installation: with its token, tried again where that is right, in JSON."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, TypeVar

from bot.github.gate import LONGEST
from bot.github.payload import found
from bot.github.tokens import App, Tokens
from bot.github.transport import Transport, Unauthorised
from bot.model.task import Repository
from bot.ports import NotFound, NotPermitted, Permanent, RateLimited, Unreachable

T = TypeVar("T")

HERE: Final = "/repos/{owner}/{name}"
"""How a path of a repository begins."""

_LAG: Final = (1.0, 2.0, 4.0)
"""Seconds between tries while not all of GitHub knows a token that was just made."""
_LAG_LASTS: Final = 10.0
_GRAPHQL_LIMIT: Final = 60.0
"""Seconds to wait where a query was refused because of a limit; its answer names none."""
_WAITS: Final = 3
"""How often a short limit is waited for before the task goes back into the queue."""
_PAUSES: Final = (0.5, 1.0)
"""Seconds between tries of what changes nothing when it is done twice."""


class Client:
    """Speaks to GitHub. Raises the errors of ``bot.ports``, nothing of gidgethub or aiohttp."""

    def __init__(self, transport: Transport, tokens: Tokens) -> None:
        self._transport = transport
        self._tokens = tokens

    async def app(self) -> App:
        """Our App."""
        return await self._tokens.app()

    async def once_of_app(self, path: str, **rest: str | int) -> object:
        """The JSON at a path that only the App itself may read."""
        told = {key: str(value) for key, value in rest.items()}

        async def call() -> object:
            answer: object = await self._transport.getitem(path, told, jwt=self._tokens.of_app())
            return answer

        return await self._persistent(call)

    async def of_app(self, path: str, most: int) -> AsyncIterator[object]:
        """The entries of a list that only the App itself may read, of at most so many pages."""
        url: str | None = path
        for _ in range(most):
            if url is None:
                return
            entries, url = await self._persistent(functools.partial(self._page, url))
            for each in entries:
                yield each

    async def _page(self, url: str) -> tuple[Sequence[object], str | None]:
        said, following = await self._transport.page(url, self._tokens.of_app())
        if not isinstance(said, list):
            raise Unreachable("GitHub's answer cannot be used: it is no list")
        return said, following

    async def get(self, where: Repository, path: str, **rest: str | int) -> object:
        """The JSON at a path below the repository. ``rest`` fills its braces."""
        told = _told(where, rest)

        async def call(token: str) -> object:
            answer: object = await self._of(where).getitem(HERE + path, told, oauth_token=token)
            return answer

        return await self._done(where, call, again=True)

    async def listed(self, whole: Repository, path: str, name: str) -> list[object]:
        """All entries of the list ``name`` that an installation may read as a whole, page by page."""

        async def call(token: str) -> list[object]:
            pages = self._of(whole).getiter(path, oauth_token=token, iterable_key=name)
            return [each async for each in pages]

        return await self._done(whole, call, again=True)

    async def pages(self, where: Repository, path: str, **rest: str | int) -> list[object]:
        """All entries of a list that comes in pages."""
        told = _told(where, rest)

        async def call(token: str) -> list[object]:
            return [each async for each in self._of(where).getiter(HERE + path, told, oauth_token=token)]

        return await self._done(where, call, again=True)

    async def post(
        self, where: Repository, path: str, body: Mapping[str, object], *, again: bool = False, **rest: str | int
    ) -> object:
        """What GitHub says to a new thing; ``again``: to ask twice makes one thing."""
        told = _told(where, rest)

        async def call(token: str) -> object:
            answer: object = await self._of(where).post(HERE + path, told, data=body, oauth_token=token)
            return answer

        return await self._done(where, call, again=again)

    async def patch(
        self, where: Repository, path: str, body: Mapping[str, object], *, again: bool, **rest: str | int
    ) -> object:
        """What GitHub says to a change; ``again``: to ask twice changes it once."""
        told = _told(where, rest)

        async def call(token: str) -> object:
            answer: object = await self._of(where).patch(HERE + path, told, data=body, oauth_token=token)
            return answer

        return await self._done(where, call, again=again)

    async def query(self, where: Repository, query: str, **variables: str | int | None) -> object:
        """The data of a GraphQL query that only reads; ``owner`` and ``name`` are among its variables."""
        body = {"query": query, "variables": {"owner": where.owner, "name": where.name, **variables}}

        async def call(token: str) -> object:
            answer = await self._of(where).post(self._transport.address.graphql, data=body, oauth_token=token)
            return await self._data(where, answer)

        return await self._done(where, call, again=True)

    async def mutate(self, where: Repository, mutation: str, *, writing: bool = False, **variables: object) -> object:
        """The data of a GraphQL mutation that changes nothing when it is done twice.

        ``writing``: with a token that may change contents. Raise NotPermitted where the installation grants none.
        """
        body = {"query": mutation, "variables": variables}

        async def call(token: str) -> object:
            answer = await self._of(where).post(self._transport.address.graphql, data=body, oauth_token=token)
            return await self._data(where, answer)

        return await self._done(where, call, again=True, writing=writing)

    async def raw(self, where: Repository, path: str, most: int, *, as_json: bool = False) -> bytes:
        """The bytes at a path below the repository, at most ``most``; ``as_json``: JSON too large to be read here."""

        async def call(token: str) -> bytes:
            return await self._of(where).raw(_root(where) + path, token, most, as_json=as_json)

        return await self._done(where, call, again=True)

    @asynccontextmanager
    async def download(self, where: Repository, path: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The pieces of an archive; only its beginning is tried again."""
        async with AsyncExitStack() as stack:

            async def call(token: str) -> AsyncIterator[bytes]:
                return await stack.enter_async_context(self._of(where).download(_root(where) + path, token))

            yield await self._done(where, call, again=True)

    def scarce(self, installation: int) -> float | None:
        """Until when to spend nothing on what nobody asked for, as a Unix time; None where there is plenty."""
        return self._transport.gate.scarce(installation)

    def _of(self, where: Repository) -> Transport:
        return self._transport.of(where.installation)

    async def _persistent(self, call: Callable[[], Awaitable[T]]) -> T:
        """The answer to a call that changes nothing when it is made twice."""
        for pause in _PAUSES:
            try:
                return await call()
            except Unreachable:
                await self._transport.sleep(pause)
        return await call()

    async def _done(
        self, where: Repository, call: Callable[[str], Awaitable[T]], *, again: bool, writing: bool = False
    ) -> T:
        """The answer to a call. A refused token is replaced once; a new one is given time to become known."""
        lag, pauses, waits, renewed = list(_LAG), list(_PAUSES) if again else [], _WAITS, False
        while True:
            token = await self._tokens.of(where, writing=writing)
            is_new = token.minted + _LAG_LASTS > self._transport.clock()
            try:
                return await call(token.text)
            except (Unauthorised, NotFound) as refused:
                if is_new and lag:
                    await self._transport.sleep(lag.pop(0))
                elif isinstance(refused, Unauthorised) and not renewed:
                    self._tokens.drop(where, token)
                    renewed = True
                else:
                    raise
            except RateLimited as limited:  # it had no effect, and the gate waits before it goes again
                if not waits or limited.until - self._transport.clock() > LONGEST:
                    raise
                waits -= 1
            except Unreachable:
                if not pauses:
                    raise
                await self._transport.sleep(pauses.pop(0))

    async def _data(self, where: Repository, answer: object) -> object:
        """The data of a GraphQL answer, which says 200 whatever happens."""
        errors = found(answer, "errors")
        if not errors:
            return found(answer, "data")
        first = errors[0] if isinstance(errors, list) else errors
        said = str(found(first, "message") or "")
        match found(first, "type"):
            case "RATE_LIMITED" | "MAX_NODE_LIMIT_EXCEEDED":
                until = self._transport.clock() + _GRAPHQL_LIMIT
                await self._transport.gate.hold(where.installation, until)
                raise RateLimited(until)
            case "NOT_FOUND":
                raise NotFound(said[:200])
            case "FORBIDDEN":
                raise NotPermitted(said[:200])
            case "UNPROCESSABLE" | "STALE_DATA" | "BRANCH_PROTECTION_RULE_VIOLATION":
                raise Permanent(said[:200])
            case _:
                raise Unreachable(f"GitHub did not answer a query: {said[:200]}")


def _told(where: Repository, rest: Mapping[str, str | int]) -> dict[str, str]:
    return {"owner": where.owner, "name": where.name, **{key: str(value) for key, value in rest.items()}}


def _root(where: Repository) -> str:
    return f"/repos/{where.owner}/{where.name}"
