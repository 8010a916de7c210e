"""A private directory that holds exactly the files of a question."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.model.ask import Limit, Refused
from bot.model.snapshot import Blob

_NAME_BYTES = 255
_PATH_BYTES = 3000
_DIRECTORY = 0o700
_MEMORY = "/dev/shm"  # noqa: S108  # mkdtemp makes a directory there that is ours alone
_SMALL = 1024 * 1024
_SPARE = 32 * _SMALL
_SPARE_FILES = 10_000


@dataclass(frozen=True, slots=True)
class Room:
    """What one process gets, all of it below ``root``.

    The files are in ``tree``, ``home`` is empty, and ``request`` is a place for what it reads from stdin.
    """

    root: str
    tree: str
    home: str
    request: str


def objection(files: Mapping[str, Blob]) -> Refused | None:
    """Why these files cannot be put into one directory; None where they can."""
    parents: set[str] = set()
    for path, blob in files.items():
        if not is_inside(path):
            return Refused(f"{path!r} is no path inside the tree")
        if blob.data is None:
            return Refused(f"{path} is larger than fluxbot reads ({blob.size:,} bytes)", Limit.MEMORY)
        above = path.rpartition("/")[0]
        while above and above not in parents:
            parents.add(above)
            above = above.rpartition("/")[0]
    both = sorted(parents & files.keys())
    return Refused(f"{both[0]} is a file and a directory") if both else None


def is_inside(path: str) -> bool:
    """Whether a path is relative, plain, and short enough for every file system."""
    # Lone surrogates are what is left of a name that is no UTF-8.
    if "\0" in path or any("\ud800" <= character <= "\udfff" for character in path):
        return False
    steps = path.split("/")
    if any(step in ("", ".", "..") for step in steps):
        return False
    return len(path.encode()) <= _PATH_BYTES and all(len(step.encode()) <= _NAME_BYTES for step in steps)


@contextmanager
def furnished(files: Mapping[str, Blob]) -> Iterator[Room]:
    """A room with these files, to which there is no objection; it is gone afterwards."""
    place = _place(sum(blob.size for blob in files.values()))
    with tempfile.TemporaryDirectory(prefix="fluxbot-", dir=place, ignore_cleanup_errors=True) as name:
        # The real path, because kustomize resolves links before it prints a path.
        root = os.path.realpath(name)
        room = Room(root, tree=f"{root}/tree", home=f"{root}/home", request=f"{root}/request")
        for directory in (room.tree, room.home):
            Path(directory).mkdir(_DIRECTORY)
        _write(room.tree, files)
        yield room


def memory() -> int | None:
    """How many bytes are free where rooms in memory are; None where none can be.

    Containers often have no more than 64 MiB of it, and other processes use it too.
    """
    try:
        facts = os.statvfs(_MEMORY)
    except OSError:
        return None
    free = facts.f_bavail * facts.f_frsize
    fits = free >= _SPARE and facts.f_favail >= _SPARE_FILES and os.access(_MEMORY, os.W_OK | os.X_OK)
    return free if fits else None


def _place(size: int) -> str | None:
    """Memory for the usual few kilobytes, which is ten times faster than a disk; else where temporary files belong."""
    return _MEMORY if size <= _SMALL and memory() is not None else None


def _write(tree: str, files: Mapping[str, Blob]) -> None:
    made = {""}
    for path, blob in files.items():
        above = path.rpartition("/")[0]
        if above not in made:
            Path(tree, above).mkdir(_DIRECTORY, parents=True, exist_ok=True)
            made.add(above)
        Path(tree, path).write_bytes(blob.data or b"")
