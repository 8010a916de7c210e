"""The real server in a thread of its own, and deliveries as bytes on one connection."""

from __future__ import annotations

import asyncio
import hmac
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from queue import SimpleQueue
from typing import Final

import psycopg

from bot.github.events import tasks
from bot.model.task import Task
from bot.store.pool import connections
from bot.web.server import Desk, listening
from bot.work.codec import decoded
from bot.work.meter import Meter
from bot.work.queue import Queue

SECRET: Final = "current"
_WITHIN: Final = 30.0


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()


@dataclass
class Wire:
    """A client that keeps its connection as long as the server does."""

    port: int
    database: str
    _connection: HTTPConnection | None = field(default=None, repr=False)

    def post(self, body: bytes, headers: Mapping[str, str]) -> int:
        """The status that a delivery is answered with."""
        for _ in range(2):
            connection = self._connection or HTTPConnection("127.0.0.1", self.port, timeout=_WITHIN)
            self._connection = connection
            try:
                connection.request("POST", "/webhook", body, dict(headers))
                answer = connection.getresponse()
                answer.read()
            except (HTTPException, ConnectionError):
                # The server may have closed it after the last answer; then nothing of this one was heard.
                connection.close()
                self._connection = None
                continue
            return answer.status
        raise ConnectionError("no answer")

    def close(self) -> None:
        if self._connection:
            self._connection.close()

    def raw(self, sent: bytes, patience: float = _WITHIN) -> bytes:
        """What the server answers to these bytes until it closes, or is silent for so many seconds.

        We do not close our side first: the server takes that for somebody who left, and answers no more.
        """
        answer = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=_WITHIN) as line:
            try:
                line.sendall(sent)
                line.settimeout(patience)
                while piece := line.recv(65_536):
                    answer += piece
            except (ConnectionError, TimeoutError):
                return answer
        return answer

    def stored(self) -> int:
        """How many deliveries are remembered."""
        with psycopg.connect(self.database) as connection:
            row = connection.execute("SELECT count(*) FROM fluxbot_delivery").fetchone()
        return int(row[0]) if row else 0

    def tasks(self) -> list[Task]:
        """The tasks in the queue, as a worker reads them. Raise where it could not."""
        with psycopg.connect(self.database) as connection:
            rows = connection.execute("SELECT args -> 'task' FROM procrastinate_jobs").fetchall()
        return [decoded(row[0]) for row in rows]


@contextmanager
def wire(database: str) -> Iterator[Wire]:
    """The server of the App, with its real events and a real database, until the end of the block."""
    opened: SimpleQueue[tuple[int, Callable[[], object]]] = SimpleQueue()

    async def serve() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        async with connections(database) as pool:
            queue = Queue(pool)
            desk = Desk((SECRET,), partial(tasks, own_app=1), queue, Meter(), lambda: True)
            async with queue.opened(), listening(desk, "127.0.0.1", 0) as port:
                opened.put((port, partial(loop.call_soon_threadsafe, stop.set)))
                await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    port, stop = opened.get(timeout=_WITHIN)
    try:
        with closing(Wire(port, database)) as line:
            yield line
    finally:
        stop()
        thread.join()
