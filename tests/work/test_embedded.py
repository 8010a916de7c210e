"""The embedded PostgreSQL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from bot.ports import BadQuestion, Unreachable
from bot.work.embedded import EmbeddedPostgres

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may start it as another user")

USES = """
import sys
from pathlib import Path
from bot.work.embedded import EmbeddedPostgres
embedded = EmbeddedPostgres(Path(sys.argv[1]))
print("used", flush=True)
sys.stdin.readline()
embedded.stop()
"""


def test_data_survives_the_stop_and_nothing_runs_after_it(open_folder: Path) -> None:
    first = EmbeddedPostgres(open_folder)
    _execute(first.url, "CREATE TABLE kept ()")
    first.stop()

    assert not (open_folder / "postgres" / "postmaster.pid").exists()
    second = EmbeddedPostgres(open_folder)
    _execute(second.url, "SELECT FROM kept")
    second.stop()


def test_a_server_that_was_killed_is_revived(open_folder: Path) -> None:
    embedded = EmbeddedPostgres(open_folder)
    assert not embedded.revive()
    pid = int((open_folder / "postgres" / "postmaster.pid").read_text().split()[0])

    os.kill(pid, signal.SIGKILL)

    _until_revived(embedded)
    _execute(embedded.url, "SELECT 1")
    embedded.stop()


def test_a_number_in_the_pid_file_that_another_process_has_now_is_not_believed(open_folder: Path) -> None:
    first = EmbeddedPostgres(open_folder)
    lines = (open_folder / "postgres" / "postmaster.pid").read_text().splitlines()
    first.stop()
    (open_folder / "postgres" / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    program = (
        "import sys; from pathlib import Path; from bot.work.embedded import EmbeddedPostgres;"
        "import psycopg; e = EmbeddedPostgres(Path(sys.argv[1])); psycopg.connect(e.url).close(); e.stop()"
    )
    subprocess.run([sys.executable, "-c", program, open_folder], check=True, timeout=60)


def test_the_server_stays_while_another_process_uses_it_and_ends_with_the_last(open_folder: Path) -> None:
    embedded = EmbeddedPostgres(open_folder)
    other = subprocess.Popen(
        [sys.executable, "-c", USES, open_folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "used\n"
    url = embedded.url

    embedded.stop()

    _execute(url, "SELECT 1")
    other.communicate("end\n", timeout=60)
    assert other.returncode == 0
    assert not (open_folder / "postgres" / "postmaster.pid").exists()


def test_who_was_killed_uses_it_no_more(open_folder: Path) -> None:
    embedded = EmbeddedPostgres(open_folder)
    other = subprocess.Popen([sys.executable, "-c", USES, open_folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    other.stdout.readline()
    other.kill()
    other.communicate()

    embedded.stop()

    assert not (open_folder / "postgres" / "postmaster.pid").exists()


def test_a_session_that_is_about_to_end_keeps_nothing(open_folder: Path) -> None:
    """What pg_dump had is there for a moment after it; so a backup left the server running."""
    embedded = EmbeddedPostgres(open_folder)
    session = psycopg.connect(embedded.url, autocommit=True)
    session.execute("SELECT 1")

    embedded.stop()

    assert not (open_folder / "postgres" / "postmaster.pid").exists()
    session.close()


@as_root
def test_a_folder_that_others_may_not_pass_is_refused_by_name_and_stays_closed(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(BadQuestion, match=f"may not pass {closed};"):
        EmbeddedPostgres(closed / "data")

    assert closed.stat().st_mode & 0o777 == 0o700
    assert list(closed.iterdir()) == []


@pytest.mark.parametrize(("name", "why"), [("a b", "blanks or quotes"), ("x" * 120, "too long for a socket")])
def test_a_path_that_postgresql_cannot_take_is_refused(open_folder: Path, name: str, why: str) -> None:
    with pytest.raises(BadQuestion, match=why):
        EmbeddedPostgres(open_folder / name)


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def _until_revived(embedded: EmbeddedPostgres) -> None:
    """What is left of the old server needs a moment to notice and to end."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with suppress(Unreachable):
            if embedded.revive():
                return
    raise TimeoutError
