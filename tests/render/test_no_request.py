"""References to hosts that are not to be asked: nothing arrives at a listener on this machine."""

from __future__ import annotations

import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.flux.build import Plan, plan
from bot.flux.tree import Tree
from bot.model.ask import Refused, Rendered
from bot.model.cluster import Unresolved
from bot.render.cell import Cell
from bot.render.kustomize import Kustomize
from bot.render.seccomp import filters
from tests.example_tree import flux, snapshot
from tests.hostile_questions import CONFIG, build

_KUBECTL = str(Path(sys.executable).with_name("kubectl"))
_WITHIN = 60.0

# Each field with which a kustomization names something that kustomize would fetch; ``{}`` is the address.
_FETCHING = {
    "resources": "resources: ['{}']",
    "components": "components: ['{}']",
    "bases": "bases: ['{}']",
    "generators": "generators: ['{}']",
    "transformers": "transformers: ['{}']",
    "validators": "validators: ['{}']",
    "configurations": "configurations: ['{}']",
    "crds": "crds: ['{}']",
    "openapi": "openapi: {{path: '{}'}}",
    "patches": "patches: [{{path: '{}'}}]",
    "patchesStrategicMerge": "patchesStrategicMerge: ['{}']",
    "replacements": "replacements: [{{path: '{}'}}]",
    "files": "configMapGenerator: [{{name: g, files: ['key={}']}}]",
    "envs": "secretGenerator: [{{name: g, envs: ['{}']}}]",
    "builtin": "transformers: [\"{{apiVersion: builtin, kind: PatchTransformer, metadata: {{name: t}}, path: '{}'}}\"]",
}
_ADDRESSES = {
    "IPv4": "http://127.0.0.1:{port}/a.yaml",
    "IPv6": "http://[::1]:{port}/a.yaml",
    "git over http": "git::http://127.0.0.1:{port}/a.git//base?ref=main",
    "a repository": "http://127.0.0.1:{port}/acme/a.git?ref=main",
    "ssh": "ssh://git@127.0.0.1:{port}/acme/a",
    "as git writes it": "git@127.0.0.1:{port}/acme/a.git",
    "metadata": "http://169.254.169.254/latest/meta-data/",
    "a name": "https://localhost:{port}/a.yaml",
    "a file": "file:///etc/passwd",
}
_PAIRS = [
    *((field, "IPv4") for field in _FETCHING),
    *((field, name) for field in ("resources", "files") for name in _ADDRESSES if name != "IPv4"),
]


def _listening(family: socket.AddressFamily, host: str) -> socket.socket:
    return socket.create_server((host, 0), family=family)


@pytest.fixture
def listeners() -> Iterator[dict[str, socket.socket]]:
    with closing(_listening(socket.AF_INET, "127.0.0.1")) as four:
        try:
            six = _listening(socket.AF_INET6, "::1")
        except OSError:
            yield {"IPv4": four}
            return
        with closing(six):
            yield {"IPv4": four, "IPv6": six}


def addressed(name: str, listeners: dict[str, socket.socket]) -> str:
    listener = listeners.get(name if name == "IPv6" else "IPv4")
    if listener is None:
        pytest.skip("this machine has no IPv6")
    return _ADDRESSES[name].format(port=listener.getsockname()[1])


def arrived(listeners: dict[str, socket.socket], seconds: float = 0.0) -> bool:
    return bool(select.select(list(listeners.values()), [], [], seconds)[0])


@pytest.mark.skipif(not filters(), reason="no wall keeps every socket away here; references are cut out before")
@pytest.mark.parametrize(("field", "name"), _PAIRS)
def test_a_reference_that_got_as_far_as_kustomize_reaches_nobody(
    field: str, name: str, listeners: dict[str, socket.socket]
) -> None:
    entry = _FETCHING[field].format(addressed(name, listeners))

    answer = build(f"{entry}\n{'' if field == 'resources' else 'resources: [a.yaml]'}\n", {"a.yaml": CONFIG})

    assert isinstance(answer, Refused), answer
    assert not arrived(listeners)
    assert "root:" not in answer.message


@pytest.mark.parametrize("field", ["resources", "files", "openapi", "transformers"])
@pytest.mark.parametrize("name", ["IPv4", "IPv6"])
def test_outside_of_the_cell_the_same_reference_does_reach_the_listener(
    field: str, name: str, listeners: dict[str, socket.socket], tmp_path: Path
) -> None:
    entry = _FETCHING[field].format(addressed(name, listeners))
    (tmp_path / "a.yaml").write_text(CONFIG)
    (tmp_path / "kustomization.yaml").write_text(f"{entry}\n{'' if field == 'resources' else 'resources: [a.yaml]'}\n")

    command = (_KUBECTL, "kustomize", str(tmp_path))
    with subprocess.Popen(command, env={"HOME": str(tmp_path)}, stderr=subprocess.DEVNULL) as fetching:
        reached = arrived(listeners, _WITHIN)
        fetching.kill()

    assert reached


@pytest.mark.parametrize(("field", "name"), _PAIRS)
def test_a_reference_does_not_get_as_far_as_kustomize(
    field: str, name: str, listeners: dict[str, socket.socket]
) -> None:
    address = addressed(name, listeners)
    files = {"apps/kustomization.yaml": f"resources: [a.yaml]\n{_FETCHING[field].format(address)}\n"}
    if field == "resources":
        files = {"apps/kustomization.yaml": f"resources: [a.yaml, '{address}']\n"}

    planned = plan(flux("{path: apps}"), Tree(snapshot({**files, "apps/a.yaml": CONFIG})))

    if isinstance(planned, Unresolved):
        assert address in planned.why
        return
    assert isinstance(planned, Plan)
    assert [address in remote.url for remote in planned.remote] == [True]
    assert not any(address.encode() in (blob.data or b"") for blob in planned.build.files.values())
    assert isinstance(Kustomize(Cell()).build(planned.build), Rendered)
    assert not arrived(listeners)
