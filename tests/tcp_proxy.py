"""A line between two programs on loopback that can be cut and stalled, and that finds whoever is there to answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeAlias

Place: TypeAlias = int | Path
"""A port of loopback, or a socket."""


class Proxy:
    """Passes bytes on. Use ``proxy()`` to make one."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.port = 0
        self.connections = 0
        self._places = tuple(places)
        self._turn = 0
        self._flows = asyncio.Event()
        self._flows.set()
        self._open: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Break all connections, as a router does that starts again."""
        for writer in tuple(self._open):
            writer.transport.abort()

    def stall(self) -> None:
        """Pass nothing on any more; all connections stay open."""
        self._flows.clear()

    def resume(self) -> None:
        """Pass on what was held back, and what comes."""
        self._flows.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side closes it."""
        self.connections += 1
        self._open.add(writer)
        try:
            there = await self._opened()
            if there is None:
                return
            self._open.add(there[1])
            ways = (self._pumped(reader, there[1]), self._pumped(there[0], writer))
            try:
                await asyncio.gather(*ways)
            finally:
                self._closed(there[1])
        finally:
            self._closed(writer)

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """A connection to the next that answers; None where nobody does."""
        for _ in self._places:
            self._turn += 1
            place = self._places[self._turn % len(self._places)]
            with suppress(OSError):
                if isinstance(place, Path):
                    return await asyncio.open_unix_connection(place)
                return await asyncio.open_connection("127.0.0.1", place)
        return None

    async def _pumped(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(65_536):
                await self._flows.wait()
                writer.write(piece)
                await writer.drain()
        self._closed(writer)

    def _closed(self, writer: asyncio.StreamWriter) -> None:
        self._open.discard(writer)
        writer.close()


@asynccontextmanager
async def proxy(*places: Place) -> AsyncIterator[Proxy]:
    """A line to one of the places, in turn."""
    line = Proxy(places)
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        line.resume()
        line.cut()
