"""The release before and this one side by side on one database, and then this one alone. The long version only."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.replicas import replicas
from tests.e2e.storm import Course, judge, pushed, told
from tests.fluxbot_process import BOTH
from tests.github_simulator.simulator import Simulator
from tests.open_postgres import open_folder as new_folder
from tests.soak import SOAK, Told

pytestmark = pytest.mark.skipif(not SOAK, reason="make soak does it")

ROOT: Final = Path(__file__).parents[2]
WRITES: Final = ("bot/store/tables.py", "bot/work/codec.py", "bot/model/task.py")
"""Where it stands what is written into the database."""


def git(*arguments: str) -> str:
    """What git says of our own repository."""
    return subprocess.run(("git", *arguments), cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def before() -> Iterator[tuple[str, Path]]:
    """The program as it was in the revision FROM, or before what it writes was changed last; and which one that is."""
    wanted = os.environ.get("FROM") or git("log", "-1", "--format=%H~1", "--", *WRITES)
    try:
        revision = git("rev-parse", "--short", f"{wanted}^{{commit}}")
    except subprocess.CalledProcessError:
        pytest.skip("this copy of the repository has no history")
    folder = new_folder("before")
    tree = folder / "tree"
    git("worktree", "add", "--quiet", "--detach", str(tree), revision)
    try:
        if (ROOT / "bot/report/built").is_dir():  # the page's bundle, which no revision holds
            shutil.copytree(ROOT / "bot/report/built", tree / "bot/report/built", dirs_exist_ok=True)
        yield revision, tree
    finally:
        git("worktree", "remove", "--force", str(tree))
        shutil.rmtree(folder)


async def test_an_upgrade_while_deliveries_come_loses_and_doubles_nothing(
    before: tuple[str, Path], figure: Told
) -> None:
    revision, tree = before
    async with Simulator() as github, replicas(github, (BOTH, BOTH), begin=False) as running:
        new, old = running.processes
        old.program = (sys.executable, "-m", "bot")
        old.more["PYTHONPATH"] = os.pathsep.join(filter(None, (str(tree), os.environ.get("PYTHONPATH"))))
        await old.start()
        began = time.monotonic()
        coming = asyncio.create_task(pushed(github, 200))
        await asyncio.sleep(30)
        await new.start()
        running.met[f"a replica of {revision} beside this one"] += 1
        await asyncio.sleep(30)
        await old.stop()
        old.program, old.more["PYTHONPATH"] = new.program, os.environ.get("PYTHONPATH", "")
        await old.start()
        course = Course(await coming, time.monotonic() - began)
        began = time.monotonic()
        await running.settled()

        judge(github, course.pulls)
        figure(told(github, course, time.monotonic() - began, running.met))
