"""Backups of the embedded PostgreSQL, and its way from one major version to the next.

All three use PostgreSQL's own programs. A dump holds what the database holds,
names of private repositories among it, so only its owner may read the file.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import make_conninfo

from bot.ports import BadQuestion
from bot.work.embedded import EmbeddedPostgres, data_of, listens, next_of, unblock
from bot.work.programs import major_of, programs, ran, written_by


def back_up(folder: Path, file: Path) -> None:
    """Write all that the database below ``folder`` holds to a file that is not there yet, also while fluxbot runs.

    Raise BadQuestion where there is no database or the file is there, Unreachable where PostgreSQL fails.
    """
    if not data_of(folder).exists():
        raise BadQuestion(f"there is no database in {data_of(folder)}")
    _is_free(file)
    server = EmbeddedPostgres(folder)
    try:
        _dump(server.url, file)
    finally:
        server.stop()


def restore(folder: Path, file: Path) -> None:
    """Make a database below ``folder``, where there is none, of a file that ``back_up`` wrote.

    Raise BadQuestion where there is one or the file is not there, Unreachable where PostgreSQL fails; then nothing
    of it is kept, and it can be tried again.
    """
    if not file.is_file():
        raise BadQuestion(f"there is no file {file}")
    if data_of(folder).exists():
        raise BadQuestion(
            f"there is a database in {data_of(folder)} already; stop fluxbot and move that folder away to restore"
        )
    server = EmbeddedPostgres(folder)
    failed = True
    try:
        how = ("--exit-on-error", "--single-transaction", "--no-owner", "--dbname", server.url)
        ran(programs() / "pg_restore", *how, str(file))
        failed = False
    finally:
        server.stop()
        if failed:
            shutil.rmtree(data_of(folder))  # made a moment ago, and empty: what is restored comes whole or not at all


def upgrade(folder: Path, old: Path) -> Path:
    """Move the database below ``folder`` on to the PostgreSQL that is installed; where the old one is kept.

    ``old`` is the folder with the programs of the version that wrote it, of an
    older release of fluxbot. Raise BadQuestion where there is nothing to do or
    they are not there, Unreachable where PostgreSQL fails; then all is as before.
    """
    here, there = major_of(programs()), written_by(data_of(folder))
    if not there:
        raise BadQuestion(f"there is no database in {data_of(folder)}")
    if there == here:
        raise BadQuestion(f"the database in {data_of(folder)} is of PostgreSQL {here} already")
    if not (old / "pg_ctl").is_file():
        raise BadQuestion(f"there is no pg_ctl in {old}")
    if major_of(old) != there:
        raise BadQuestion(f"the database is of PostgreSQL {there}, and what is in {old} is {major_of(old)}")
    file = folder / f"before-{here}.dump"
    file.unlink(missing_ok=True)  # what a try that was interrupted left
    with _started_by(old, folder) as url:
        _dump(url, file)
    following = next_of(folder)
    shutil.rmtree(following, ignore_errors=True)  # as above
    restore(following, file)
    # Killed between these two lines, nothing starts until somebody has made the second by hand; see EmbeddedPostgres.
    data_of(folder).rename(kept := _beside(folder, there))
    data_of(following).rename(data_of(folder))
    shutil.rmtree(following)
    file.unlink()
    return kept


def _beside(folder: Path, name: str) -> Path:
    """A name that is free, for a database that is set aside."""
    place = data_of(folder).with_name(f"postgres-{name}")
    number = 1
    while place.exists():
        number += 1
        place = data_of(folder).with_name(f"postgres-{name}-{number}")
    return place


def _is_free(file: Path) -> None:
    if file.exists():
        raise BadQuestion(f"there is a file {file} already")


def _dump(url: str, file: Path) -> None:
    """A whole dump or no file of that name."""
    partial = file.with_name(f"{file.name}.partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as problem:
        raise BadQuestion(f"cannot write {partial}: {problem.strerror}") from problem
    try:
        with os.fdopen(descriptor, "wb") as target:
            ran(programs() / "pg_dump", "--format=custom", "--dbname", url, stdout=target.fileno())
            os.fsync(target.fileno())
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _started_by(old: Path, folder: Path) -> Iterator[str]:
    """The URL of the server of a data folder, run by the programs of the version that wrote it."""
    data = data_of(folder)
    if listens(data):
        raise BadQuestion(f"the database in {data} is in use: stop fluxbot first")
    unblock(data)
    user = data.owner() if os.geteuid() == 0 else None
    place = ("-D", str(data), "-w")
    # What it starts keeps the pipes of what starts it, so what it prints goes to its log.
    quiet = ("-o", '-h ""', "-o", f"-k {data}", "-l", str(data / "log"), "start")
    ran(old / "pg_ctl", *place, *quiet, user=user)
    try:
        yield make_conninfo(host=str(data), user="postgres", dbname="postgres")
    finally:
        ran(old / "pg_ctl", *place, "-m", "fast", "stop", user=user)
