"""HTTP to GitHub beneath gidgethub: answers that it cannot take never reach it.

gidgethub reads a body before it looks at the status: a proxy's HTML page, a
status without a name or bytes that are no text become ValueErrors there, and
limits are told apart from refusals only where nothing remains. So every
answer that is no success becomes one of our own errors here.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
from gidgethub import sansio
from gidgethub.abc import GitHubAPI

from bot import __version__
from bot.github.address import Address
from bot.github.gate import APP, Gate, OwnTraffic, Pace, cost
from bot.github.payload import found
from bot.ports import NotFound, NotPermitted, Permanent, RateLimited, TooLarge, Unreachable

MEBIBYTE: Final = 1024 * 1024
LARGEST_ANSWER: Final = 64 * MEBIBYTE
SECONDS: Final = 30.0
DOWNLOAD_SECONDS: Final = 300.0

_VERSION = "2022-11-28"
_UNKNOWN_LIMIT = 60.0  # GitHub's advice where a limit names no time
_PIECE = 256 * 1024
_MESSAGE = 300


class Unauthorised(Unreachable):
    """GitHub does not know the token: it expired, was revoked, or is too new for all of GitHub to know it."""


class Transport(GitHubAPI):
    """Sends one request at a time, never twice, on the account of the App or of an installation."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        address: Address,
        pace: Pace | None = None,
        gate: Gate | None = None,
        account: int = APP,
    ) -> None:
        super().__init__(f"fluxbot/{__version__}", base_url=address.rest)
        self.address = address
        self.pace = pace or Pace()
        self.gate = gate or Gate(OwnTraffic(clock=self.pace.clock), self.pace)
        self._session = session
        self._account = account

    def of(self, account: int) -> Transport:
        """The same line on the account of an installation."""
        return Transport(self._session, self.address, self.pace, self.gate, account)

    def clock(self) -> float:
        """Unix time in seconds."""
        return self.pace.clock()

    async def sleep(self, seconds: float) -> None:
        await self.pace.sleep(seconds)

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        async with self._answer(method, url, headers, body) as answer:
            content = await _content(answer)
        if "json" in answer.content_type and content:
            _ = _json(content)
        return answer.status, answer.headers, content

    async def page(self, url: str, jwt: str) -> tuple[object, str | None]:
        """One page of a list that only the App may read, and where the next one is."""
        said, following, _ = await self._make_request("GET", url, {}, b"", sansio.accept_format(), jwt=jwt)
        return said, following

    async def raw(self, path: str, token: str, most: int, *, as_json: bool) -> bytes:
        """The bytes that a path below the REST API gives: of its JSON, or raw. TooLarge for more than ``most``."""
        async with self._answer("GET", self.base_url + path, self._headers(token, raw=not as_json)) as answer:
            return await _content(answer, most)

    @asynccontextmanager
    async def download(self, path: str, token: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The pieces of a large answer, redirects followed."""
        url, headers = self.base_url + path, self._headers(token, raw=True)
        async with self._answer("GET", url, headers, seconds=DOWNLOAD_SECONDS) as answer:
            yield answer.content.iter_chunked(_PIECE)

    def _headers(self, token: str, *, raw: bool) -> Mapping[str, str]:
        accept = sansio.accept_format(media="raw", json=False) if raw else sansio.accept_format()
        return sansio.create_headers(self.requester, accept=accept, oauth_token=token)

    @asynccontextmanager
    async def _answer(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"", *, seconds: float = SECONDS
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """A successful answer whose body is still to be read, within ``seconds`` in all."""
        sent = {**headers, "X-GitHub-Api-Version": _VERSION}
        limit = aiohttp.ClientTimeout(total=seconds, sock_connect=10)
        async with self.gate.turn(self._account, cost(method, url, body)):
            try:
                async with self._session.request(method, url, headers=sent, data=body or None, timeout=limit) as answer:
                    await self._noted(answer)
                    yield answer
            except TimeoutError as error:
                self.gate.failed(self._account)
                raise Unreachable(f"GitHub did not answer {method} within {seconds:.0f} s") from error
            except aiohttp.ClientError as error:
                self.gate.failed(self._account)
                raise Unreachable(f"GitHub cannot be reached: {type(error).__name__}") from error

    async def _noted(self, answer: aiohttp.ClientResponse) -> None:
        """Let the gate know what was answered. Raise what a refusal means."""
        if 200 <= answer.status < 300:  # noqa: PLR2004 - success in HTTP
            await self.gate.answered(self._account, "ok", answer.headers)
            return
        refusal = self._refusal(answer, await _content(answer))
        match refusal:
            case RateLimited():
                await self.gate.answered(self._account, "limited", answer.headers)
                await self.gate.hold(self._account, refusal.until)
            case Unreachable():
                await self.gate.answered(self._account, "failed", answer.headers)
            case _:
                await self.gate.answered(self._account, "refused", answer.headers)
        raise refusal

    def _refusal(self, answer: aiohttp.ClientResponse, content: bytes) -> Exception:
        status, headers, said = answer.status, answer.headers, _message(content)
        until = self._limited(status, headers, said)
        if until is not None:
            return RateLimited(until)
        match status:
            case 401:
                return Unauthorised("GitHub refuses the credentials (401)")
            case 403:
                return NotPermitted(headers.get("X-Accepted-GitHub-Permissions") or said or "something")
            case 404 | 410 | 451:
                return NotFound(f"GitHub has no {answer.url.path}")
            case 422 if said.startswith("No commit found"):
                return NotFound(said)
            case _ if status >= 500 or status < 400:  # noqa: PLR2004 - GitHub's fault, or a redirect without end
                return Unreachable(f"GitHub answered with status {status}")
            case _:
                return Permanent(f"GitHub refuses {answer.method} {answer.url.path} ({status}): {said}")

    def _limited(self, status: int, headers: Mapping[str, str], said: str) -> float | None:
        """Until when a limit holds; None where the refusal is none.

        The order is GitHub's advice: ``retry-after``, then the reset of an
        hour that is used up, then a minute.
        """
        if status not in (403, 429):
            return None
        after, reset = headers.get("Retry-After", ""), headers.get("X-RateLimit-Reset", "")
        if after.isdecimal():
            return self.clock() + int(after)
        if headers.get("X-RateLimit-Remaining") == "0" and reset.isdecimal():
            return float(reset)
        return self.clock() + _UNKNOWN_LIMIT if status == 429 or "rate limit" in said.lower() else None  # noqa: PLR2004


async def _content(answer: aiohttp.ClientResponse, most: int = LARGEST_ANSWER) -> bytes:
    content = bytearray()
    async for piece in answer.content.iter_chunked(_PIECE):
        content += piece
        if len(content) > most:
            raise TooLarge(f"an answer of GitHub has more than {most:,} bytes")
    return bytes(content)


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except ValueError as error:
        raise Unreachable("GitHub's answer is no JSON") from error


def _message(content: bytes) -> str:
    """What a refusal says, on one line; empty where it is no JSON."""
    try:
        said = found(json.loads(content), "message")
    except ValueError:
        return ""
    return " ".join(said.split())[:_MESSAGE] if isinstance(said, str) else ""
