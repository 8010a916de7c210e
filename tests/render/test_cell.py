"""The walls of the cell, tried with real processes."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

import pytest

from bot.model.ask import Limit
from bot.render.cell import Finished, Stopped
from bot.render.landlock import version
from bot.render.limits import Limits
from bot.render.room import furnished
from tests.in_a_cell import run as run_within


def run(program: str, **limits: float) -> Finished | Stopped:
    """What a Python program answers in an empty room."""
    chosen = Limits(
        seconds=limits.get("seconds", 20.0),
        memory=int(limits.get("memory", 2**31)),
        output=int(limits.get("output", 2**26)),
    )
    return run_within(program, chosen)


def test_a_process_that_does_not_end_is_stopped() -> None:
    began = time.monotonic()

    end = run("while True: pass", seconds=0.3)

    assert end == Stopped(Limit.TIME)
    assert time.monotonic() - began < 5


def test_a_process_that_closes_its_outputs_and_stays_is_stopped() -> None:
    assert run("import os, time; os.close(1); os.close(2); time.sleep(60)", seconds=0.3) == Stopped(Limit.TIME)


def test_output_is_read_up_to_its_limit_and_no_further() -> None:
    assert run("while True: print('x' * 1000)", output=100_000) == Stopped(Limit.OUTPUT)


def test_an_endless_complaint_is_cut() -> None:
    end = run("import sys; sys.stderr.write('x' * 10_000_000); sys.exit(1)")

    assert isinstance(end, Finished)
    assert end.code == 1
    assert len(end.complaint) == 64 * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="macOS has no limit of address space")
def test_memory_is_limited() -> None:
    end = run("x = bytearray(500_000_000)", memory=300_000_000)

    assert isinstance(end, Finished)
    assert b"MemoryError" in end.complaint


def test_the_environment_tells_nothing_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret")

    end = run("import os; print(os.environ['PATH'], os.listdir(os.environ['HOME']), 'GITHUB_TOKEN' in os.environ)")

    assert isinstance(end, Finished)
    assert end.output == b"/nonexistent [] False\n"


def test_stdin_is_empty_and_no_descriptor_is_inherited() -> None:
    with Path(__file__).open() as mine:
        os.set_inheritable(mine.fileno(), True)  # noqa: FBT003  # the standard library takes it so
        program = f"""
import os, sys
try:
    os.fstat({mine.fileno()})
    print("inherited")
except OSError:
    print(repr(sys.stdin.read()))
"""
        end = run(program)

    assert isinstance(end, Finished)
    assert end.output == b"''\n"


@pytest.mark.skipif(version() == 0, reason="this kernel has no Landlock")
def test_files_outside_of_the_room_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    program = f"""
for path in ({str(tmp_path / "secret")!r}, "/etc/passwd", "/proc/self/environ"):
    try:
        print(open(path).read())
    except PermissionError:
        print("closed")
"""

    end = run(program)

    assert isinstance(end, Finished)
    assert end.output == b"closed\nclosed\nclosed\n"
    assert (tmp_path / "secret").read_text() == "secret"


@pytest.mark.skipif(version() < 4, reason="this kernel's Landlock knows no TCP")
def test_no_host_can_be_reached_not_even_this_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        program = f"""
import _socket
try:
    _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM).connect(("127.0.0.1", {listening.getsockname()[1]}))
    print("reached")
except OSError:
    print("closed")
"""
        end = run(program)

    assert isinstance(end, Finished)
    assert end.output == b"closed\n", end.complaint


def test_the_room_is_gone_afterwards() -> None:
    with furnished({}) as room:
        assert Path(room.tree).is_dir()

    assert not Path(room.tree).parent.exists()
