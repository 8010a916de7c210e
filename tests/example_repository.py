"""The example that README and demo speak of: a base, a head that breaks it, and the repaired change."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

EXAMPLE = Path(__file__).with_name("example")
BASE_BRANCH = "main"


def files(state: str) -> dict[str, str]:
    """The texts of a state (``base``, ``head`` or ``fixed``) by path."""
    folder = EXAMPLE / state
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def change(before: str, after: str) -> dict[str, str | None]:
    """What a commit from one state to another writes, and None for what it removes."""
    old, new = files(before), files(after)
    written: dict[str, str | None] = {path: text for path, text in new.items() if old.get(path) != text}
    return written | dict.fromkeys(old.keys() - new.keys())


def create(repository: Path) -> None:
    """Make an empty git repository."""
    repository.mkdir()
    _git(repository, "init", "--quiet", "--initial-branch", "empty")


def commit(repository: Path, state: str, branch: str, message: str) -> None:
    """Make a state the next commit of a branch that starts here."""
    for entry in repository.iterdir():
        if entry.is_dir() and entry.name != ".git":
            shutil.rmtree(entry)
    shutil.copytree(EXAMPLE / state, repository, dirs_exist_ok=True)
    for command in (("checkout", "--quiet", "-b", branch), ("add", "--all"), ("commit", "--quiet", "-m", message)):
        _git(repository, *command)


def _git(folder: Path, *command: str) -> None:
    """Run git in a world of its own, with none of the user's hooks, keys and names."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    who = {f"GIT_{role}_{what}": "fluxbot" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(("git", *command), cwd=folder, env={**kept, **who, **alone}, check=True)
