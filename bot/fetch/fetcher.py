"""Charts brought from other places, through the fence and by digest from the disk where they are known."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Final

from bot.fetch.archive import named, unpacked
from bot.fetch.index import Found, Indexes
from bot.fetch.once import Once
from bot.fetch.refusal import Refusal
from bot.fetch.registry import Registries
from bot.fetch.transport import Transport
from bot.model.ask import Fetch, Fetched, Refused
from bot.model.field import text
from bot.model.pushed import Pushed
from bot.model.quote import code
from bot.model.snapshot import Blob
from bot.render.shelf import Shelf

_SOURCE: Final = "org.opencontainers.image.source"
_REVISION: Final = "org.opencontainers.image.revision"


class Fetcher:
    """Fetches the charts of one review. On the ``shelf`` lie archives by their SHA-256, and nothing else."""

    def __init__(self, transport: Transport, shelf: Shelf | None, plain: tuple[str, ...] = ()) -> None:
        self._transport = transport
        self._indexes = Indexes(transport)
        self._registries = Registries(transport, plain)
        self._shelf = shelf
        self._charts: Once[Mapping[str, Blob]] = Once()

    def fetch(self, ask: Fetch) -> Fetched | Refused:
        """The chart, or why it is not to be had. Never raises for what others say or do."""
        try:
            if ask.url.lower().startswith("oci://"):
                found = self._registries.find(ask)
                return self._fetched(found, lambda: self._registries.archive(ask, found))
            found = self._indexes.find(ask)
            return self._fetched(found, lambda: self._indexes.archive(found))
        except Refusal as refusal:
            return Refused(str(refusal))

    def pushed(self, ask: Fetch) -> Pushed | Refused:
        """What an OCI artifact of Flux tells of its repository, or why it is not to be had. Never raises either."""
        try:
            found, annotations = self._registries.find_pushed(ask)
            archive = self._proven(found, lambda: self._registries.archive(ask, found))
            files = named(archive, self._transport.limits)
        except Refusal as refusal:
            return Refused(str(refusal))
        return Pushed(text(annotations, _SOURCE), text(annotations, _REVISION), files)

    def _fetched(self, found: Found, download: Callable[[], bytes]) -> Fetched:
        files = self._charts.get((found.url, found.digest), lambda: self._files(found, download))
        return Fetched(files, found.version)

    def _files(self, found: Found, download: Callable[[], bytes]) -> Mapping[str, Blob]:
        files = unpacked(self._proven(found, download), self._transport.limits)
        self._transport.budget.hold(sum(blob.size for blob in files.values()))
        return files

    def _proven(self, found: Found, download: Callable[[], bytes]) -> bytes:
        archive = self._archive(found.digest, download)
        if found.digest and hashlib.sha256(archive).hexdigest() != found.digest:
            raise Refusal(f"the archive of version {code(found.version)} is not what its digest says")
        return archive

    def _archive(self, digest: str, download: Callable[[], bytes]) -> bytes:
        """The archive, from the shelf where it lies there whole."""
        held = self._shelf.get(digest) if self._shelf and digest else None
        if held is not None and hashlib.sha256(held).hexdigest() == digest:
            return held
        archive = download()
        if self._shelf and hashlib.sha256(archive).hexdigest() == digest:
            self._shelf.put(digest, archive)
        return archive
