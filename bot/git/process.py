"""Runs git so that a repository cannot make it do more than read."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.ports import BadQuestion

# What a repository's own configuration could start or reach is switched off: its watcher, its hooks, and the
# remotes that a partial clone fetches missing objects from. safe.directory: fluxbot only reads, whoever owns it.
_OPTIONS = (
    "--no-pager",
    "--no-optional-locks",
    "--literal-pathspecs",
    *("-c", "safe.directory=*"),
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.quotePath=false"),
)
# HOME stays: the user's own ignore file decides what is part of a working tree.
_KEPT = ("PATH", "HOME", "XDG_CONFIG_HOME")
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What git answered; ``error`` is the first line of its complaint without ``fatal:``."""

    code: int
    output: bytes
    error: str

    @property
    def lines(self) -> list[str]:
        """The output's lines, as paths are read from the file system."""
        return os.fsdecode(self.output).splitlines()


def git(directory: Path, *arguments: str, stdin: bytes = b"") -> Said:
    """What git says when it is run in ``directory``. Raise BadQuestion where there is no git."""
    try:
        done = subprocess.run(
            _command(directory, arguments), input=stdin, capture_output=True, env=_environment(), check=False
        )
    except FileNotFoundError as error:
        raise BadQuestion("git is not installed") from error
    return Said(done.returncode, done.stdout, _complaint(done.stderr))


def _command(directory: Path, arguments: Sequence[str]) -> tuple[str, ...]:
    return ("git", "-C", str(directory), *_OPTIONS, *arguments)


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | _ENVIRONMENT


def _complaint(written: bytes) -> str:
    lines = os.fsdecode(written).strip().splitlines() or [""]
    return lines[0].removeprefix("fatal: ")


def git_output(directory: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """What git answers. Raise BadQuestion with git's own first line where it fails."""
    return _checked(directory, git(directory, *arguments, stdin=stdin))


def git_stream(directory: Path, most: int, *arguments: str) -> bytes | None:
    """What git answers; None where that has more than ``most`` bytes. Raise BadQuestion as ``git_output`` does."""
    with tempfile.TemporaryFile() as complaint:
        try:
            process = subprocess.Popen(
                _command(directory, arguments),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaint,
                env=_environment(),
            )
        except FileNotFoundError as error:
            raise BadQuestion("git is not installed") from error
        with process:
            output = process.stdout.read(most + 1) if process.stdout else b""
            if len(output) > most:
                process.kill()
                return None
        complaint.seek(0)
        return _checked(directory, Said(process.returncode, output, _complaint(complaint.read())))


def _checked(directory: Path, said: Said) -> bytes:
    if said.code:
        raise BadQuestion(f"git cannot read {directory}: {said.error or f'exit {said.code}'}")
    return said.output
