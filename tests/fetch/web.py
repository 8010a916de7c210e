"""Web servers on this machine that say what a test tells them, and remember what they were asked."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TypeAlias


@dataclass(frozen=True)
class Request:
    """A request as it came; ``ended`` is set when the server is to end."""

    path: str
    headers: Mapping[str, str]
    write: Callable[[bytes], object]
    ended: Event


@dataclass(frozen=True)
class Said:
    """An answer. ``length`` is what is claimed of it, None for the truth."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    length: int | None = None


Says: TypeAlias = Said | Callable[[Request], Said | None]


class Web:
    """A server at ``host``; what ``says`` does not have, by path, is answered with 404."""

    def __init__(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.says: dict[str, Says] = {}
        self.asked: list[Request] = []
        self._ended = Event()
        self._server = _server(self, host, self._ended)
        self.host = host
        self.port = self._server.server_address[1]
        self.tls = tls
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def place(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    def answer(self, request: Request) -> Said | None:
        self.asked.append(request)
        said = self.says.get(request.path.partition("?")[0], Said(status=404))
        return said if isinstance(said, Said) else said(request)

    @contextmanager
    def running(self) -> Iterator[Web]:
        thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the middle is what these tests are about."""


def _server(web: Web, host: str, ended: Event) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        timeout = 20

        def do_GET(self) -> None:
            request = Request(self.path, dict(self.headers.items()), self.wfile.write, ended)
            said = web.answer(request)
            if said is None:
                return  # it wrote by itself
            self.send_response(said.status)
            self.send_header("Content-Length", str(len(said.body) if said.length is None else said.length))
            for name, values in said.headers.items():
                for value in (values,) if isinstance(values, str) else values:
                    self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(said.body)

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Nothing on stderr."""

    class At(_Server):
        address_family = 10 if ":" in host else 2  # AF_INET6, AF_INET

    return At((host, 0), Handler)
