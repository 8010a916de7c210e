"""The main job in one minute: ``python -m tests.demo`` reviews a change to the example repository beside this file.

The repository becomes a real one of git in a temporary folder; the review is
that of the command a user types. Exits with 1 where fluxbot does not say what
it should: an error for the change, nothing for the repaired one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

EXAMPLE = Path(__file__).with_name("example")
BASE_BRANCH = "main"


def commit(repository: Path, state: str, branch: str, message: str) -> None:
    """Make a state of the example (``base``, ``head`` or ``fixed``) the next commit of a branch that starts here."""
    for entry in repository.iterdir():
        if entry.is_dir() and entry.name != ".git":
            shutil.rmtree(entry)
    shutil.copytree(EXAMPLE / state, repository, dirs_exist_ok=True)
    for command in (("checkout", "--quiet", "-b", branch), ("add", "--all"), ("commit", "--quiet", "-m", message)):
        _run(("git", *command), repository, _only_this_git())


def create(repository: Path) -> None:
    """Make an empty git repository."""
    repository.mkdir()
    _run(("git", "init", "--quiet", "--initial-branch", "empty"), repository, _only_this_git())


def main() -> int:
    """Show both reviews; the exit status."""
    with tempfile.TemporaryDirectory(prefix="fluxbot-demo-") as folder:
        repository = Path(folder, "fleet")
        create(repository)
        commit(repository, "base", BASE_BRANCH, "cert-manager and an app")
        commit(repository, "head", "issuer", "issuer: Add it beside cert-manager")
        _heading("A change adds infra/issuer.yaml, a ClusterIssuer, to the Kustomization that installs cert-manager")
        broken = _review(repository, Path(folder, "cache"))
        _run(("git", "checkout", "--quiet", BASE_BRANCH), repository, _only_this_git())
        commit(repository, "fixed", "issuers", "issuers: Add one that waits for cert-manager")
        _heading("The same change, with the issuer in a Kustomization of its own that depends on infra")
        repaired = _review(repository, Path(folder, "cache"))
    if (broken, repaired) == (1, 0):
        return 0
    print(f"expected exit status 1 and then 0, got {broken} and {repaired}", file=sys.stderr)
    return 1


def _heading(words: str) -> None:
    print(f"\n== {words}\n\n$ fluxbot review --base {BASE_BRANCH}", flush=True)


def _review(repository: Path, cache: Path) -> int:
    fluxbot = str(Path(sys.executable).with_name("fluxbot"))
    environment = {**os.environ, "FLUXBOT_DATA_DIR": str(cache)}
    return subprocess.run(
        (fluxbot, "review", "--base", BASE_BRANCH), cwd=repository, env=environment, check=False
    ).returncode


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    subprocess.run(command, cwd=folder, env=environment, check=True)


def _only_this_git() -> dict[str, str]:
    """The environment in which git knows this repository only, and none of the user's hooks, keys and names."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    who = {f"GIT_{role}_{what}": "fluxbot" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {**kept, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


if __name__ == "__main__":
    sys.exit(main())
