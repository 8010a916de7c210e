"""Backups of the embedded PostgreSQL, and its way to another major version."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from bot.ports import BadQuestion, Unreachable
from bot.work import backup
from bot.work.backup import back_up, restore, upgrade
from bot.work.embedded import EmbeddedPostgres
from bot.work.programs import major_of, programs
from tests.documented import ROOT


@pytest.fixture
def other(open_folder: Path) -> Path:
    """A second one."""
    folder = open_folder / "other"
    folder.mkdir(mode=0o755)
    return folder


def filled(folder: Path) -> EmbeddedPostgres:
    server = EmbeddedPostgres(folder)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (what text)")
        connection.execute("INSERT INTO kept SELECT 'row ' || n FROM generate_series(1, 1000) n")
    return server


def kept(folder: Path) -> int:
    server = EmbeddedPostgres(folder)
    try:
        with psycopg.connect(server.url) as connection:
            row = connection.execute("SELECT count(DISTINCT what) FROM kept").fetchone()
            return int(row[0]) if row else 0
    finally:
        server.stop()


def test_what_was_backed_up_while_it_ran_is_there_again_in_another_place(open_folder: Path, other: Path) -> None:
    file = open_folder / "today.dump"
    running = filled(open_folder)

    with psycopg.connect(running.url) as somebody:  # as fluxbot has one
        back_up(open_folder, file)
        assert somebody.execute("SELECT 1").fetchone() == (1,)
    running.stop()
    restore(other, file)

    assert kept(other) == 1_000
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in open_folder.iterdir() if "partial" in one.name] == []


def test_nothing_is_written_over(open_folder: Path) -> None:
    file = open_folder / "today.dump"
    filled(open_folder).stop()
    back_up(open_folder, file)

    with pytest.raises(BadQuestion, match=r"there is a file .*today\.dump already"):
        back_up(open_folder, file)
    with pytest.raises(BadQuestion, match=r"there is a database in .* already; stop fluxbot and move that folder away"):
        restore(open_folder, file)
    assert kept(open_folder) == 1_000


def test_what_cannot_be_restored_leaves_the_place_free_for_another_try(open_folder: Path) -> None:
    broken = open_folder / "broken.dump"
    broken.write_text("no dump")

    with pytest.raises(BadQuestion, match="there is no database in"):
        back_up(open_folder, open_folder / "today.dump")
    with pytest.raises(BadQuestion, match="there is no file"):
        restore(open_folder, open_folder / "absent.dump")
    with pytest.raises(Unreachable, match="pg_restore failed: "):
        restore(open_folder, broken)

    assert not (open_folder / "postgres").exists()


def test_a_database_of_another_major_version_is_moved_on_and_kept(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is one PostgreSQL to test with, so what is installed is taken for the next major version."""
    filled(open_folder).stop()
    own = major_of(programs())
    following = str(int(own) + 1)
    monkeypatch.setattr(backup, "major_of", lambda folder: following if folder == programs() else own)
    old = open_folder / "old"
    old.symlink_to(programs())

    aside = upgrade(open_folder, old)

    assert aside == open_folder.resolve() / f"postgres-{own}"
    assert (aside / "PG_VERSION").exists()
    assert kept(open_folder) == 1_000
    assert list(open_folder.glob("*.dump*")) == []
    assert not (open_folder / "next").exists()


def test_an_upgrade_that_was_killed_at_its_last_step_starts_nothing_empty(open_folder: Path) -> None:
    filled(open_folder).stop()
    (open_folder / "next").mkdir(mode=0o755)
    (open_folder / "postgres").rename(open_folder / "next" / "postgres")

    with pytest.raises(BadQuestion, match="an upgrade of the database was interrupted at its last step: rename "):
        EmbeddedPostgres(open_folder)
    (open_folder / "next" / "postgres").rename(open_folder / "postgres")

    assert kept(open_folder) == 1_000


def test_an_upgrade_that_fails_leaves_all_as_it_was(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(open_folder).stop()
    own = major_of(programs())
    monkeypatch.setattr(backup, "major_of", lambda folder: "99" if folder == programs() else own)
    old = open_folder / "old"
    old.symlink_to(programs())

    def refused(_folder: Path, _file: Path) -> None:
        raise Unreachable("pg_restore failed: no room")

    monkeypatch.setattr(backup, "restore", refused)
    with pytest.raises(Unreachable, match="no room"):
        upgrade(open_folder, old)

    assert kept(open_folder) == 1_000


def test_an_upgrade_says_what_it_lacks(open_folder: Path) -> None:
    with pytest.raises(BadQuestion, match="there is no database in"):
        upgrade(open_folder, open_folder)
    filled(open_folder).stop()
    own = major_of(programs())
    with pytest.raises(BadQuestion, match=f"is of PostgreSQL {own} already"):
        upgrade(open_folder, open_folder)
    (open_folder / "postgres" / "PG_VERSION").write_text("9\n")

    with pytest.raises(BadQuestion, match=r"there is no pg_ctl in"):
        upgrade(open_folder, open_folder)
    with pytest.raises(BadQuestion, match=f"the database is of PostgreSQL 9, and what is in .* is {own}"):
        upgrade(open_folder, programs())
    with pytest.raises(BadQuestion, match=f"is of PostgreSQL 9, and this fluxbot brings {own}: `fluxbot database upgr"):
        EmbeddedPostgres(open_folder)


def test_the_command_says_where_another_postgresql_is_used(open_folder: Path) -> None:
    own = _command(open_folder, "backup", "today.dump", FLUXBOT_DATABASE_URL="postgresql://db.example.org/fluxbot")
    none = _command(open_folder, "backup", "today.dump")

    assert own == (2, "fluxbot: FLUXBOT_DATABASE_URL is set: use pg_dump and pg_restore of that PostgreSQL")
    assert none == (2, f"fluxbot: there is no database in {open_folder.resolve() / 'postgres'}")


def test_the_command_backs_up_and_restores(open_folder: Path, other: Path) -> None:
    filled(open_folder).stop()
    file = str(open_folder / "today.dump")

    assert _command(open_folder, "backup", file) == (0, "")
    assert _command(other, "restore", file) == (0, "")

    assert kept(other) == 1_000


def _command(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Status and last line on stderr of ``fluxbot database``."""
    given = {"PATH": os.environ["PATH"], "FLUXBOT_DATA_DIR": str(folder), **environment}
    command = [sys.executable, "-m", "bot", "database", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=given, cwd=ROOT)
    return done.returncode, done.stderr.strip().rpartition("\n")[2]
