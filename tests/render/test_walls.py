"""What a process in the cell cannot do, tried from inside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.model.ask import Limit
from bot.render.apart import Way, way
from bot.render.cell import Stopped
from bot.render.landlock import version
from bot.render.limits import Limits
from tests.in_a_cell import run, said, until_marked

_HOME = Path(__file__).parents[2]
# What Python opens late lies where only root may look, so it is opened before.
_AS_NOBODY = """
import os, sys, sysconfig
from concurrent.futures import thread
from bot.model.ask import Build
from bot.model.snapshot import Blob
from bot.render.cell import Cell
from bot.render.kustomize import Kustomize

def build(text):
    return Kustomize(Cell()).build(Build("", {"kustomization.yaml": Blob("1" * 40, len(text), text)}))

scripts = sysconfig.get_path("scripts")
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
if not os.access(os.path.join(scripts, "kubectl"), os.X_OK):
    sys.exit(print("closed"))
print(build(b"configMapGenerator: [{name: a}]"))
print(build(b"configMapGenerator: [{name: a, files: [/etc/passwd]}]"))
"""

_CROWDED = """
from pathlib import Path
from bot.render.apart import Way, way
from tests.in_a_cell import run

assert way() is not Way.NONE
Path("/proc/sys/user/max_net_namespaces").write_text("0")
run("pass")
"""

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can take this away")
landlock = pytest.mark.skipif(version() == 0, reason="this kernel has no Landlock")
family = pytest.mark.skipif(way() is not Way.THREAD, reason="only root's processes get a family of their own")
filtered = pytest.mark.skipif(os.uname().machine != "x86_64", reason="elsewhere vfork is told by the same call")


def attempts(*each: str) -> list[str]:
    """How each attempt ends in the cell: ``done``, or the name of the error."""
    program = "import ctypes, os, _socket\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    for one in each:
        program += f"try:\n    {one}\n    print('done')\nexcept OSError as e:\n    print(os.strerror(e.errno))\n"
    return said(program).splitlines()


@landlock
def test_no_file_can_be_made_anywhere() -> None:
    made = attempts(
        "open(os.environ['HOME'] + '/x', 'w')",
        "open('x', 'w')",
        "os.mkdir('x')",
        "os.symlink('a', 'x')",
        "os.mkfifo('x')",
        "os.link('.', 'x')",
        "open('/dev/shm/x', 'w')",
        "open('/tmp/x', 'w')",
    )

    assert set(made) == {"Permission denied"}, made


@linux
def test_not_even_a_file_without_a_name_can_be_written() -> None:
    assert attempts("os.write(os.memfd_create('x'), b'x')") == ["File too large"]


@linux
def test_no_socket_of_any_family_can_be_made() -> None:
    made = attempts(
        *(f"_socket.socket({pair})" for pair in ("2, 1", "2, 2", "10, 1", "10, 2", "1, 1", "16, 3", "17, 3")),
    )

    assert set(made) == {"Operation not permitted"}, made


@linux
@filtered
def test_no_process_can_be_started() -> None:
    made = attempts(
        "os.fork()",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "libc.syscall(56, 17, 0, 0, 0, 0) < 0 and (_ for _ in ()).throw(OSError(ctypes.get_errno(), ''))",
        "libc.syscall(435, 0, 0) < 0 and (_ for _ in ()).throw(OSError(ctypes.get_errno(), ''))",
    )

    assert made == ["Operation not permitted"] * 3 + ["Function not implemented"]


@linux
def test_threads_can_be_started() -> None:
    assert (
        said(
            "import _thread; lock = _thread.allocate_lock(); lock.acquire(); "
            "_thread.start_new_thread(lock.release, ()); lock.acquire(); print('ran')"
        )
        == "ran\n"
    )


@landlock
@pytest.mark.parametrize("other", ["/bin/sh", "/usr/bin/env", "/usr/bin/unshare"])
def test_no_other_program_can_be_run(other: str) -> None:
    if not Path(other).exists():
        pytest.skip(f"there is no {other} here")

    assert attempts(f"os.execv({other!r}, ['it'])") == ["Permission denied"]


@linux
def test_root_has_no_power_in_the_cell() -> None:
    made = attempts("os.chroot('.')", "os.chown('.', 1, 1)", "_socket.sethostname('x')", "os.setuid(1)")

    assert set(made) == {"Operation not permitted"}, made


@linux
@pytest.mark.skipif(way() is Way.NONE, reason="this machine gives no namespaces")
@pytest.mark.parametrize("name", ["net", "ipc", "uts"])
def test_the_network_and_messages_are_not_those_of_the_machine(name: str) -> None:
    theirs = said(f"import os; print(os.readlink('/proc/self/ns/{name}'))").strip()

    assert theirs != str(Path(f"/proc/self/ns/{name}").readlink())


@linux
@pytest.mark.parametrize("leaves", [False, pytest.param(True, marks=family)])
def test_what_a_stopped_process_started_is_killed_too_even_where_it_left_the_group(leaves: bool) -> None:
    mark = uuid.uuid4().hex
    program = f"""
import subprocess, sys, time
sleeping = (sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)  # {mark}")
subprocess.Popen(sleeping, start_new_session={leaves})
time.sleep(60)
"""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run, program, Limits(seconds=8.0))
        sessions = {os.getsid(pid) for pid in until_marked(mark, 2)}
        end = running.result()

    assert len(sessions) == 1 + leaves
    assert end == Stopped(Limit.TIME)
    until_marked(mark, 0)


def test_a_process_that_takes_more_processor_time_than_it_may_is_stopped() -> None:
    assert run("while True: pass", Limits(seconds=200.0, cpu=1)) == Stopped(Limit.CPU)


def test_processor_time_counts_for_all_threads_together() -> None:
    program = """
import hashlib, _thread
def burn():
    data = bytes(10_000_000)
    while True:
        hashlib.sha256(data)
_thread.start_new_thread(burn, ())
burn()
"""

    assert run(program, Limits(seconds=200.0, cpu=2)) == Stopped(Limit.CPU)


@linux
def test_a_process_that_lost_fluxbot_ends_with_its_processor_time() -> None:
    mark = uuid.uuid4().hex
    program = f"while True: pass  # {mark}"
    orphaning = (
        f"from tests.in_a_cell import run; from bot.render.limits import Limits; run({program!r}, Limits(cpu=1))"
    )
    with subprocess.Popen((sys.executable, "-c", orphaning), cwd=_HOME) as fluxbot:
        until_marked(mark, 2)  # fluxbot's own command line holds the mark, too
        fluxbot.kill()

    until_marked(mark, 0)


def test_an_endless_complaint_is_stopped() -> None:
    assert run("while True: print('x' * 1000, file=__import__('sys').stderr)", Limits(output=10_000_000)) == Stopped(
        Limit.OUTPUT
    )


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can set the number of namespaces")
@pytest.mark.parametrize("rights", [(), ("setpriv", "--bounding-set", "-sys_admin")])
def test_a_machine_without_another_namespace_is_no_fault_of_the_repository(rights: tuple[str, ...]) -> None:
    own = ("unshare", "--user", "--map-root-user", *rights)
    if not shutil.which(own[0]) or subprocess.run((*own, "true"), capture_output=True, check=False).returncode:
        pytest.skip("the commands setpriv and unshare are missing, or not allowed here")

    done = subprocess.run(
        (*own, sys.executable, "-c", _CROWDED), capture_output=True, text=True, check=False, cwd=_HOME
    )

    assert done.stderr.splitlines()[-1].startswith("bot.ports.Unreachable: a build cannot be started apart"), done


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can become somebody else")
def test_the_walls_stand_for_somebody_who_is_not_root() -> None:
    done = subprocess.run((sys.executable, "-c", _AS_NOBODY), capture_output=True, text=True, check=False, cwd=_HOME)
    if done.stdout == "closed\n":
        pytest.skip("nobody else may read where fluxbot is installed here")
    built, refused = done.stdout.splitlines() or ("", "")

    assert built.startswith("Rendered(documents=(Document("), done.stderr
    assert refused.startswith("Refused(")
    assert version() == 0 or "permission denied" in refused
