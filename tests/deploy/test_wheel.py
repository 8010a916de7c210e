"""What is in the wheel that the image and the action install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
PAGE = {f"bot/report/built/{name}" for name in ("page.js", "page.css", "LICENSES.txt")}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """What the image is made from, the built page included."""
    folder = tmp_path / "source"
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "bot", folder / "bot", ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    return folder


def packed(source: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A wheel in ``source/out``, made where no npm is found."""
    empty = source.parent / "empty"
    empty.mkdir()
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        ".",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        "out",
        "--no-index",
    ]
    return subprocess.run(
        command,
        cwd=source,
        env={**os.environ, "PATH": str(empty), **environment},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def names(source: Path) -> set[str]:
    [wheel] = (source / "out").glob("fluxbot-*.whl")
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_page_with_its_licences_and_nothing_that_only_builds(source: Path) -> None:
    done = packed(source)

    assert done.returncode == 0, done.stderr
    assert names(source) >= {*PAGE, "bot/knowledge/charts.json", "bot/py.typed"}
    assert not [name for name in names(source) if "node_modules" in name or name.startswith("bot/page/")]


def test_without_npm_a_wheel_is_refused_unless_it_is_wanted_without_the_page(source: Path) -> None:
    shutil.rmtree(source / "bot/report/built")

    refused = packed(source)
    (source.parent / "empty").rmdir()
    wanted = packed(source, FLUXBOT_WITHOUT_PAGE="1")

    assert refused.returncode != 0
    assert (
        "npm is not there to build the review page with; FLUXBOT_WITHOUT_PAGE=1 leaves the page out" in refused.stderr
    )
    assert wanted.returncode == 0
    assert not PAGE & names(source)
