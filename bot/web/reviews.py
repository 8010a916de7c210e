"""The page of a review, for who has its link."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import psycopg
from aiohttp import web

from bot.report import page
from bot.report.link import Standing, opened
from bot.web import plain_page

_FOUND_WITHIN: Final = 5.0

_FALSE: Final = "This address leads to no review. Open the page from the check run, on the pull request."
_EXPIRED: Final = (
    "The link to this review was good for 30 days. Press Recheck on the pull request's check run for a new one."
)
_GONE: Final = "This review is no longer kept. Press Recheck on the pull request's check run for a new one."
_BUSY: Final = "The review cannot be read just now. Load this page again in a moment."


@dataclass(frozen=True, slots=True)
class Reviews:
    """Answers ``GET /reviews/{owner}/{repo}/{number}/{sha}``.

    ``find`` is given the repository's number, that of the pull request and a commit.
    """

    find: Callable[[int, int, str], Awaitable[bytes | None]]
    key: bytes = field(repr=False)
    clock: Callable[[], float] = time.time

    async def answer(self, request: web.Request) -> web.Response:
        """The page; 403 for a link that was not signed here or is too old, 404 for what is no longer kept."""
        standing, wanted = opened(request.match_info, request.query, self.key, self.clock())
        if wanted is None:
            return _said(403, "No such link", _FALSE)
        if standing is Standing.EXPIRED:
            return _said(403, "This link is too old", _EXPIRED)
        try:
            async with asyncio.timeout(_FOUND_WITHIN):
                found = await self.find(wanted.repository, wanted.number, wanted.head)
        except (psycopg.Error, TimeoutError):
            return _said(503, "Not now", _BUSY)
        if found is None:
            return _said(404, "No longer kept", _GONE)
        text = await asyncio.to_thread(page.unpacked, found)
        return web.Response(text=text, content_type="text/html", headers=page.headers())


def _said(status: int, title: str, words: str) -> web.Response:
    text = plain_page.words_page(title, words)
    return web.Response(status=status, text=text, content_type="text/html", headers=plain_page.headers())
