"""Servers in processes of their own, and what is left when they are killed."""

from __future__ import annotations

import hmac
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import psycopg
import pytest

from bot.work.embedded import EmbeddedPostgres


class Server:
    """One process; its log is read until it listens."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.log = folder / f"log-{time.monotonic_ns()}"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.web.server_process", folder],
                env={**os.environ, **environment},
                stderr=log,
            )
        self.url = f"http://127.0.0.1:{self._port()}"

    def _port(self) -> int:
        end = time.monotonic() + 40
        while time.monotonic() < end and self.process.poll() is None:
            for line in self.log.read_text().splitlines():
                if '"web.listening"' in line:
                    return int(json.loads(line)["port"])
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def deliver(self, name: str, number: int) -> int:
        body = json.dumps({"number": number, "title": "a secret of the payload"}).encode()
        request = urllib.request.Request(  # noqa: S310 - the address is ours
            f"{self.url}/webhook",
            body,
            {
                "Content-Type": "application/json",
                "X-GitHub-Event": "pull_request",
                "X-GitHub-Delivery": name,
                "X-Hub-Signature-256": "sha256=" + hmac.new(b"current", body, "sha256").hexdigest(),
            },
        )
        return _status(request)

    def ready(self) -> int:
        return _status(urllib.request.Request(f"{self.url}/readyz"))  # noqa: S310 - the address is ours

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(35)


def _status(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=12) as answer:  # noqa: S310 - the address is ours
            return int(answer.status)
    except HTTPError as refused:
        return refused.code


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[Server]:
    server = Server(folder, **environment)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()


def noted(folder: Path) -> list[str]:
    file = folder / "jobs"
    return file.read_text().splitlines() if file.exists() else []


def until_noted(folder: Path, line: str) -> None:
    end = time.monotonic() + 40
    while line not in noted(folder):
        assert time.monotonic() < end, noted(folder)
        time.sleep(0.05)


@pytest.fixture
def place(open_folder: Path) -> Iterator[Path]:
    """A data folder whose PostgreSQL is ended when nobody is left to do so."""
    yield open_folder
    EmbeddedPostgres(open_folder).stop()


def test_what_was_acknowledged_is_done_although_server_and_worker_are_killed(place: Path) -> None:
    with running(place, WEB_ONLY="1") as server:
        assert server.deliver("a-1", 1) == 202
        server.end(signal.SIGKILL)
    assert noted(place) == []

    with running(place, SECONDS="600") as server:
        until_noted(place, "begun pull:70:1")
        server.end(signal.SIGKILL)
    with running(place) as server:
        until_noted(place, "done pull:70:1")
        assert server.deliver("a-1", 1) == 202
        assert server.deliver("a-2", 2) == 202
        until_noted(place, "done pull:70:2")

    assert noted(place).count("done pull:70:1") == 1


def test_a_stop_ends_within_thirty_seconds_leaves_no_database_and_says_nothing_it_may_not(place: Path) -> None:
    with running(place, SECONDS="600") as server:
        assert server.deliver("a-1", 1) == 202
        until_noted(place, "begun pull:70:1")
        began = time.monotonic()

        status = server.end(signal.SIGTERM)

        assert status == 0
        assert time.monotonic() - began < 30
        assert not (place / "postgres" / "postmaster.pid").exists()
        log = server.log.read_text()
        assert '"stopped"' in log
        assert "a secret of the payload" not in log
        assert "current" not in log
        assert all(json.loads(line)["event"] for line in log.splitlines())


def test_a_database_that_dies_is_503_until_it_is_back(place: Path) -> None:
    with running(place) as server:
        assert server.ready() == 200
        pid = int((place / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)

        refused = server.deliver("a-1", 1)
        end = time.monotonic() + 40
        while server.deliver("a-2", 2) != 202 or server.ready() != 200:
            assert time.monotonic() < end
            time.sleep(0.2)

        assert refused in {202, 503}  # 202 where the new server was there in time
        until_noted(place, "done pull:70:2")


def test_the_database_can_be_reached_by_its_user_only(place: Path) -> None:
    embedded = EmbeddedPostgres(place)

    with psycopg.connect(embedded.url) as connection:
        row = connection.execute("SHOW listen_addresses").fetchone()
    embedded.stop()

    assert row == ("",)
    assert (place / "postgres").stat().st_mode & 0o077 == 0
