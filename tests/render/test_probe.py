"""What ``fluxbot doctor`` finds out about the walls."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.render.landlock import version
from bot.render.limits import Limits
from bot.render.probe import judged, standing
from bot.render.seccomp import filters

_HOME = Path(__file__).parents[2]
_ATTEMPTS = _HOME / "bot" / "render" / "attempts.py"


def test_every_wall_that_is_needed_stands_here_and_says_how_high() -> None:
    found = {one.name: one for one in standing(Limits(seconds=7.0, cpu=5, output=3 * 1024 * 1024))}

    assert [one.name for one in found.values() if one.needed and not one.stands] == []
    assert found["wall time"].text == "7 s, then it is stopped"
    assert found["processor time"].text == "5 s on all cores together, then it is stopped"
    assert found["output"].text == "3 MiB, then it is stopped"


@pytest.mark.skipif(version() == 0, reason="this kernel has no Landlock")
def test_where_landlock_stands_neither_files_nor_network_are_open() -> None:
    found = {one.name: one for one in standing()}

    assert found["files"].text == f"only its own can be read, and none made (Landlock {version()})"
    assert found["writing"].stands
    assert found["network"].text.startswith("cannot be reached: ")


def test_a_kubectl_that_does_not_come_to_its_end_is_a_failure() -> None:
    found = standing(Limits(seconds=0.0))[0]

    assert (found.name, found.stands, found.needed) == ("kustomize", False, True)
    assert found.text == "does not build: kustomize took longer than 0 s"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a program finds fewer ways")
def test_without_walls_the_attempts_succeed_and_each_is_told(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        command = (sys.executable, "-I", str(_ATTEMPTS), str(secret), str(listening.getsockname()[1]))
        tried = subprocess.run(command, env={"HOME": str(tmp_path)}, capture_output=True, check=True).stdout

    found = {one.name: one for one in judged(tried)}

    assert {"files", "writing", "network"} <= {one.name for one in found.values() if not one.stands}
    assert [one.name for one in found.values() if one.needed and not one.stands] == ["writing"]
    assert "may read what fluxbot's user may read" in found["files"].text
    assert found["processes"].text.startswith("can be started")


_WITHOUT_RIGHT = ("setpriv", "--bounding-set", "-sys_admin")
_WITHOUT_ANY = ("sh", "-c", 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"', "sh", *_WITHOUT_RIGHT)


@pytest.mark.skipif(not filters() or os.geteuid() != 0, reason="only root can give up the right to namespaces")
@pytest.mark.parametrize("surroundings", [_WITHOUT_RIGHT, ("unshare", "--user", "--map-root-user", *_WITHOUT_ANY)])
def test_files_and_network_are_closed_also_in_a_container_that_may_make_no_namespaces(
    surroundings: tuple[str, ...],
) -> None:
    if (
        not shutil.which("setpriv")
        or subprocess.run((*surroundings, "true"), capture_output=True, check=False).returncode
    ):
        pytest.skip("the commands setpriv and unshare are missing, or not allowed here")
    asking = "from bot.render.probe import standing; print(*(one.name for one in standing() if one.stands), sep=',')"

    told = subprocess.run(
        (*surroundings, sys.executable, "-c", asking), capture_output=True, text=True, check=True, cwd=_HOME
    )

    assert {"kustomize", "writing", "network", "processes", "powers"} <= set(told.stdout.strip().split(","))


def test_a_program_that_did_not_get_to_its_end_is_no_proof_of_a_wall() -> None:
    [found] = judged(b"")

    assert (found.stands, found.needed) == (False, True)
