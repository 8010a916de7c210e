"""The address of a review's page: who has it may look at that one page, for a while.

It is for everybody who may see the check run, because only there it stands. What it leads to is found by the
repository's number, so that a name that goes to somebody else leads nowhere.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import quote, urlencode

from bot.model.task import Repository

LIFE: Final = 30 * 24 * 3600
"""Seconds that a link is good for, and that its page is kept."""

_PURPOSE: Final = b"fluxbot: links to review pages, 1"
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_SHA: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class PageOf:
    """Which page: that of a commit as the head of a pull request. ``full_name`` is what its repository was called."""

    repository: int
    full_name: str
    number: int
    head: str

    @classmethod
    def of(cls, repository: Repository, number: int, head: str) -> PageOf:
        return cls(repository.id, f"{repository.owner}/{repository.name}", number, head)


class Standing(StrEnum):
    """What a link is worth. A false one is told nothing, not even whether there is such a page."""

    GOOD = "good"
    EXPIRED = "expired"
    FALSE = "false"


def link_key(private_key: str) -> bytes:
    """The key that signs links, made from the App's own: every process of the App has the same, and nobody else."""
    return hmac.digest(private_key.strip().encode(), _PURPOSE, "sha256")


def signed(page: PageOf, key: bytes, expires: int) -> str:
    """The path and query of a link; ``expires`` is in seconds since 1970."""
    where = f"/reviews/{quote(page.full_name)}/{page.number}/{page.head}"
    return f"{where}?{urlencode({'r': page.repository, 'e': expires, 's': _signature(page, key, expires)})}"


def opened(path: Mapping[str, str], query: Mapping[str, str], key: bytes, now: float) -> tuple[Standing, PageOf | None]:
    """What a link is worth, given its parts ``owner``, ``repo``, ``number`` and ``sha``, and which page it names."""
    repository, expires = query.get("r", ""), query.get("e", "")
    numbers = (path["number"], repository, expires)
    if not all(_NUMBER.fullmatch(one) for one in numbers) or not _SHA.fullmatch(path["sha"]):
        return Standing.FALSE, None
    page = PageOf(int(repository), f"{path['owner']}/{path['repo']}", int(path["number"]), path["sha"])
    expected = _signature(page, key, int(expires))
    if not hmac.compare_digest(expected.encode(), query.get("s", "").encode("utf-8", "surrogatepass")):
        return Standing.FALSE, None
    return (Standing.GOOD if now < int(expires) else Standing.EXPIRED), page


def _signature(page: PageOf, key: bytes, expires: int) -> str:
    # No part but the name, which stands last, can hold the separator.
    said = f"{page.repository}\n{page.number}\n{page.head}\n{expires}\n{page.full_name.lower()}"
    digest = hmac.digest(key, said.encode("utf-8", "surrogatepass"), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
