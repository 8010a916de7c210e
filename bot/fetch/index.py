"""Helm repositories that are an ``index.yaml`` on a web server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import urlsplit, urlunsplit

from bot.fetch.fence import seen_from
from bot.fetch.once import Once
from bot.fetch.refusal import Refusal
from bot.fetch.transport import Transport
from bot.flux.versions import is_range, newest, version_in
from bot.manifest.chart_index import Listed, chart_index
from bot.model.ask import Fetch
from bot.model.quote import code

_SHA256 = re.compile(r"[0-9a-f]{64}")
_Index: TypeAlias = Mapping[str, tuple[Listed, ...]]


@dataclass(frozen=True, slots=True)
class Found:
    """A version of a chart, with the hex SHA-256 of its archive, empty where nobody says it, and a way to get it."""

    version: str
    digest: str
    url: str


class Indexes:
    """The indexes of one review, each fetched once."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._known: Once[_Index] = Once()

    def find(self, ask: Fetch) -> Found:
        """The version of a chart that Flux would choose. Raise Refusal."""
        versions = self._known.get(ask.url, lambda: self._read(ask.url)).get(ask.name)
        if not versions:
            raise Refusal(f"the index of its repository has no chart {code(ask.name)}")
        if not is_range(ask.version):
            raise Refusal(f"{code(ask.version)} is neither a version nor a range of versions")
        readable = [one for one in versions if version_in(one.version)]
        chosen = newest(ask.version, (one.version for one in readable))
        if chosen is None:
            raise Refusal(f"the index of its repository has no version {code(ask.version or '*')}")
        listed = next(one for one in readable if one.version == chosen)
        if not listed.urls:
            raise Refusal(f"the index of its repository has no address for version {code(chosen)}")
        if listed.digest and not _SHA256.fullmatch(listed.digest):
            raise Refusal(f"the index of its repository has a digest for version {code(chosen)} that is no SHA-256")
        return Found(chosen, listed.digest, seen_from(_folder(ask.url), listed.urls[0]))

    def archive(self, found: Found) -> bytes:
        """The archive of a version, whose digest is for the caller to check."""
        limits = self._transport.limits
        answered = self._transport.get(found.url, limits.packed, authorization=self._transport.basic(found.url))
        if answered.status != HTTPStatus.OK:
            raise Refusal(f"the archive of version {code(found.version)} is answered with status {answered.status}")
        return answered.body

    def _read(self, url: str) -> _Index:
        place = seen_from(_folder(url), "index.yaml")
        query = urlsplit(url).query
        whole = f"{place}?{query}" if query else place
        most = self._transport.limits.index
        answered = self._transport.get(whole, most, authorization=self._transport.basic(whole))
        if answered.status != HTTPStatus.OK:
            raise Refusal(f"the index of its repository is answered with status {answered.status}")
        try:
            return chart_index(answered.body)
        except ValueError as problem:
            raise Refusal(f"the index of its repository {problem}") from None


def _folder(url: str) -> str:
    """The URL with one slash at its end and without its query, so that names are looked up below it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Refusal("its address is no URL") from None
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + "/", "", ""))
