"""The examples of the docs, run: ``make docs`` writes what they print; a test compares it.

A block of the language ``console`` holds commands after ``$`` and what they print. It is run in the fleet that stands
in the HTML comment before it, a folder with ``base/`` and ``head/``; without one in that of the block before, at first
in the example of the README. The base is the branch ``main``, and the head is checked out.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.cli import main

ROOT: Final = Path(__file__).parents[1]
DOCS: Final = ROOT / "docs"
_EXAMPLE: Final = "tests/example"
_BLOCK: Final = re.compile(r"(?:<!-- in (?P<fleet>\S+) -->\n)?```console\n(?P<text>.*?)```\n", re.DOTALL)
_SECONDS: Final = re.compile(r"\d+\.\d s$", re.MULTILINE)


def pages() -> list[Path]:
    """The pages with such blocks."""
    return [page for page in (ROOT / "README.md", *sorted(DOCS.glob("*.md"))) if "```console\n" in page.read_text()]


def as_run(page: Path) -> str:
    """The text of a page with what its examples print now."""
    text = page.read_text()
    with tempfile.TemporaryDirectory(prefix="fluxbot-docs-") as folder:
        runner = _Runner(Path(folder))
        return _BLOCK.sub(runner.block, text)


@dataclass(slots=True)
class _Runner:
    """The fleet in which the blocks of one page are run."""

    folder: Path
    fleet: Path | None = None

    def block(self, found: re.Match[str]) -> str:
        """A block with what its commands print."""
        if found["fleet"] or self.fleet is None:
            self.fleet = _fleet(self.folder, found["fleet"] or _EXAMPLE)
        before = found[0][: found.start("text") - found.start()]
        commands = [line[2:] for line in found["text"].splitlines() if line.startswith("$ ")]
        return before + "".join(_ran(command, self.fleet) for command in commands) + "```\n"


def _ran(command: str, fleet: Path) -> str:
    """A command, and what it prints on both channels."""
    name, *arguments = shlex.split(command, comments=True)
    if name != "fluxbot":
        raise ValueError(f"an example runs {name}, which is not fluxbot")
    printed = io.StringIO()
    with contextlib.chdir(fleet), wide(100), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        main(arguments)
    return f"$ {command}\n{_SECONDS.sub('0.1 s', printed.getvalue())}"


@contextlib.contextmanager
def example() -> Iterator[Path]:
    """The example of the README in git, the broken branch checked out."""
    with tempfile.TemporaryDirectory(prefix="fluxbot-docs-") as folder:
        yield _fleet(Path(folder), _EXAMPLE)


@contextlib.contextmanager
def wide(columns: int) -> Iterator[None]:
    """The command line sees a terminal of that width."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(columns)
    try:
        yield
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before


def _fleet(folder: Path, source: str) -> Path:
    """A folder with ``base/`` and ``head/`` as a repository with the two as commits."""
    fleet = folder / re.sub(r"\W+", "-", source)
    fleet.mkdir()
    _git(fleet, "init", "--quiet", "--initial-branch", "main")
    for state in ("base", "head"):
        for entry in fleet.iterdir():
            if entry.name != ".git":
                shutil.rmtree(entry)
        shutil.copytree(ROOT / source / state, fleet, dirs_exist_ok=True)
        _git(fleet, "add", "--all")
        _git(fleet, "commit", "--quiet", "--message", state)
        if state == "base":
            _git(fleet, "switch", "--quiet", "--create", "topic")
    return fleet


def _git(folder: Path, *command: str) -> None:
    who = {f"GIT_{role}_{what}": "fluxbot" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *command], cwd=folder, env={**os.environ, **who, **alone}, check=True)
