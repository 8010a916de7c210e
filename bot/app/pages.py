"""The page of a review: kept, and the link that leads to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.model.task import Repository
from bot.report.link import LIFE, PageOf, signed
from bot.store.pages import Pages


@dataclass(frozen=True, slots=True)
class LinkedPages:
    """The port PageShelf: ``public_url`` is where people reach the server, ``key`` signs links."""

    pages: Pages
    public_url: str
    key: bytes = field(repr=False)
    clock: Callable[[], float]

    async def keep(self, repository: Repository, number: int, head: str, page: bytes) -> str:
        """Keep the page of a pull request's head; the link to it."""
        await self.pages.keep(repository, number, head, page)
        expires = int(self.clock()) + LIFE
        return self.public_url.rstrip("/") + signed(PageOf.of(repository, number, head), self.key, expires)
