"""Runs git so that a repository cannot make it do more than read."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryFile
from threading import Event, Timer
from typing import IO

from bot.ports import BadQuestion, TooLarge

LONGEST = 120.0
"""Seconds that git may take: a repository can make it wait for a pipe, and for ever."""

_LONGEST_COMPLAINT = 64 * 1024
_LARGEST_LIST = 256 * 1024 * 1024
_PIECE = 1024 * 1024

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


def git(directory: Path, *arguments: str, stdin: bytes = b"", most: int | None = None) -> Said:
    """What git says when it is run in ``directory``.

    Raise BadQuestion where there is no git or it does not come to an end, TooLarge where it lists more than ``most``
    names, each with a NUL at its end.
    """
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | _ENVIRONMENT
    command = ("git", "-C", str(directory), *_OPTIONS, *arguments)
    with TemporaryFile() as given, TemporaryFile() as complaints:
        given.write(stdin)
        given.seek(0)
        try:
            process = subprocess.Popen(command, stdin=given, stdout=PIPE, stderr=complaints, env=environment)
        except FileNotFoundError as error:
            raise BadQuestion("git is not installed") from error
        output = _output(process, directory, most)
        complaints.seek(0)
        complaint = os.fsdecode(complaints.read(_LONGEST_COMPLAINT)).strip().splitlines() or [""]
    return Said(process.returncode, output, complaint[0].removeprefix("fatal: "))


def _output(process: subprocess.Popen[bytes], directory: Path, most: int | None) -> bytes:
    """All that a process writes until it ends. It is ended where it takes too long or lists too much."""
    late = Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = Timer(LONGEST, end)
    timer.daemon = True  # an interrupt at the terminal ends git as well as us, and nobody is left to wait for
    timer.start()
    with process:
        pieces, is_whole = _pieces(process.stdout, most) if process.stdout else ([], True)
        if not is_whole:
            process.kill()
    timer.cancel()
    if not is_whole:
        raise TooLarge(f"{directory} holds more than {most:,} files")
    if late.is_set():
        raise BadQuestion(f"git did not finish reading {directory} within {LONGEST:.0f} s")
    return b"".join(pieces)


def _pieces(stream: IO[bytes], most: int | None) -> tuple[list[bytes], bool]:
    """What comes out of a stream, and whether that is all of it; it is not followed beyond ``most`` names."""
    pieces: list[bytes] = []
    names = size = 0
    while piece := stream.read(_PIECE):
        pieces.append(piece)
        names += piece.count(b"\0")
        size += len(piece)
        if most is not None and (names > most or size > _LARGEST_LIST):
            return pieces, False
    return pieces, True


def git_output(directory: Path, *arguments: str, stdin: bytes = b"", most: int | None = None) -> bytes:
    """What git answers. Raise BadQuestion with git's own first line where it fails, and as ``git`` does."""
    said = git(directory, *arguments, stdin=stdin, most=most)
    if said.code:
        raise BadQuestion(f"git cannot read {directory}: {said.error or f'exit {said.code}'}")
    return said.output
