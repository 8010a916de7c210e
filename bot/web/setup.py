"""The server before there is an App: a page that creates it, and then nothing more."""

from __future__ import annotations

import asyncio
import hmac
import secrets
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from bot.github.registering import Registered, Wanted
from bot.ports import BadQuestion, FluxbotError, Transient
from bot.web.credentials import Keeper
from bot.web.setup_page import done_page, form_page, headers, problem_page

_LIFE: Final = 3600.0
"""Seconds that a code of GitHub's is good for, and so a state."""
_MOST: Final = 100
"""States at once; the oldest goes when there are more."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be created, where, and what becomes of it."""

    wanted: Callable[[str], Wanted]
    """The App, given this server's own address; that of the browser's way back is below it."""
    github_url: str
    organization: str
    exchange: Callable[[str], Awaitable[Registered]]
    """The App behind a code of GitHub's. Raise FluxbotError."""
    keeper: Keeper
    clock: Callable[[], float] = time.monotonic


@dataclass(slots=True)
class Setup:
    """Answers ``GET /setup`` until the App is there."""

    plan: Plan
    address: str
    """Of this server, as the browser knows it."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    app: Registered | None = None
    told: tuple[str, ...] = ()
    _states: dict[str, float] = field(default_factory=dict, repr=False)
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def link(self) -> str:
        """Where a person begins. Who has it creates the App, so it is for the terminal of who started this."""
        return f"{self.address}/setup?token={self.token}"

    def application(self) -> web.Application:
        """The whole server: nothing but this is answered, and nothing is logged."""
        application = web.Application(client_max_size=1024)
        application.add_routes([
            web.get("/setup", self.answer),
            web.get("/healthz", _lives),
            web.get("/readyz", _waits),
            web.post("/webhook", _waits),
        ])  # fmt: skip
        return application

    async def answer(self, request: web.Request) -> web.Response:
        """The page with the button for who has the link; the end of the flow for who comes back with its state."""
        query = request.query
        if "code" in query:
            async with self._one:
                return await self._finished(query.get("state", ""), query["code"])
        if self.app or not hmac.compare_digest(query.get("token", "").encode(), self.token.encode()):
            return self._said(403, problem_page("The link that fluxbot printed when it started leads to this page."))
        organization = query.get("organization", self.plan.organization).strip()
        try:
            page = form_page(
                self.plan.wanted(self.address), self.plan.github_url, organization, self.token, self._state()
            )
        except BadQuestion as problem:
            return self._said(400, problem_page(f"{problem}."))
        return self._said(200, page)

    async def _finished(self, state: str, code: str) -> web.Response:
        """Exchange the code and keep what comes of it; only for who began here, and once."""
        since = self._states.get(state)
        if self.app or since is None or self.plan.clock() - since > _LIFE:
            return self._said(
                403, problem_page("This was not begun here, or it took longer than an hour. Begin again.")
            )
        try:
            app = await self.plan.exchange(code)
            told = self.plan.keeper.keep(app)
        except Transient as problem:
            return self._said(503, problem_page(f"{problem}. The code is still good: load this page again."))
        except FluxbotError as problem:
            del self._states[state]
            return self._said(502, problem_page(f"{problem}."))
        self._states.clear()
        self.app, self.told = app, told
        self.done.set()
        return self._said(200, done_page(app, told))

    def _state(self) -> str:
        """A new state; who brings it back began at this page."""
        while len(self._states) >= _MOST:
            del self._states[next(iter(self._states))]
        state = secrets.token_urlsafe(24)
        self._states[state] = self.plan.clock()
        return state

    def _said(self, status: int, page: str) -> web.Response:
        return web.Response(status=status, text=page, content_type="text/html", headers=headers(self.plan.github_url))


async def done_or_stopped(setup: Setup) -> Sequence[str] | None:
    """Wait until the App is there, and say where; or for SIGTERM or SIGINT, and say None."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    waiting = [asyncio.create_task(each.wait()) for each in (setup.done, stop)]
    _, others = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for each in others:
        each.cancel()
    if setup.app is None:
        return None
    return (f"The App {setup.app.slug}, number {setup.app.id}, is there.", *setup.told,
        f"Install it on the repositories that Flux reads: {setup.app.url}/installations/new",
    )  # fmt: skip


async def _lives(_request: web.Request) -> web.Response:
    return web.Response(text="alive\n")


async def _waits(_request: web.Request) -> web.Response:
    return web.Response(status=503, text="there is no App yet; see the link that fluxbot printed when it started\n")


@asynccontextmanager
async def setting_up(plan: Plan, host: str, port: int, address: str | None) -> AsyncIterator[Setup]:
    """Answer requests. ``address`` is the server's own for browsers, where it is not the one that it listens on.

    Raise BadQuestion where it cannot listen, or nothing could be kept.
    """
    plan.keeper.prepare()
    setup = Setup(plan, address or "")
    runner = web.AppRunner(setup.application(), access_log=None, shutdown_timeout=2)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as problem:
            raise BadQuestion(f"cannot listen on {host}:{port}: {problem.strerror}") from problem
        setup.address = address or f"http://{host}:{runner.addresses[0][1]}"
        yield setup
    finally:
        await runner.cleanup()
