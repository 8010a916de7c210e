"""A folder of entries by key that never grows above a size or an age; several processes may use it at once."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from threading import Lock

MEBIBYTE = 1024 * 1024
_ROOM_AFTER_SWEEP = 0.9
_STALE_SECONDS = 3600.0
_OLDEST_SECONDS = 30 * 24 * 3600.0
"""An entry that was not used for so long goes."""
_UNFINISHED = ".new"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file of the folder with the time of its last use."""

    path: str
    size: int
    used: float


class Shelf:
    """Keeps entries in ``folder``. What cannot be read or written is absent: that costs time and nothing else."""

    def __init__(self, folder: Path, most: int = 512 * MEBIBYTE) -> None:
        self._folder = folder
        self._most = most
        self._size: int | None = None
        self._lock = Lock()

    def get(self, key: str) -> bytes | None:
        """The entry, which is now the last used one; None where there is none."""
        try:
            # A review reads thousands of small ones: without a buffer each takes half the time.
            with FileIO(f"{self._folder}/{key[:2]}/{key}") as file:
                entry = file.readall()
                os.utime(file.fileno())
        except OSError:
            return None
        return entry

    def put(self, key: str, entry: bytes) -> None:
        """Store an entry as a whole or not at all."""
        path = self._path(key)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(path, entry)
        except OSError:
            return  # a full or read-only disk
        self._grown(len(entry))

    def remove(self, key: str) -> None:
        """Forget an entry."""
        with suppress(OSError):
            self._path(key).unlink()

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key

    def _write(self, path: Path, entry: bytes) -> None:
        handle, unfinished = tempfile.mkstemp(suffix=_UNFINISHED, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(entry)
            Path(unfinished).replace(path)
        except OSError:
            with suppress(OSError):
                Path(unfinished).unlink()
            raise

    def _grown(self, size: int) -> None:
        """Count an entry; sweep where the folder became too large. Other processes' entries count from the sweep on."""
        with self._lock:
            if self._size is None:
                self._size = self._swept(self._most)
            else:
                self._size += size
            if self._size > self._most:
                self._size = self._swept(int(self._most * _ROOM_AFTER_SWEEP))

    def _swept(self, most: int) -> int:
        """Remove what is too old, then what was not used for the longest time; what is left, in bytes."""
        entries = sorted(self._entries(), key=lambda entry: entry.used)
        size = sum(entry.size for entry in entries)
        now = time.time()
        for entry in entries:
            oldest = _STALE_SECONDS if entry.path.endswith(_UNFINISHED) else _OLDEST_SECONDS
            if size > most or entry.used < now - oldest:
                with suppress(OSError):
                    Path(entry.path).unlink()
                size -= entry.size
        return size

    def _entries(self) -> Iterator[_Entry]:
        with suppress(OSError):
            for drawer in list(os.scandir(self._folder)):
                yield from _inside(drawer.path)


def _inside(drawer: str) -> Iterator[_Entry]:
    with suppress(OSError):
        for file in list(os.scandir(drawer)):
            # Another process may remove it between the two looks.
            with suppress(FileNotFoundError):
                facts = file.stat(follow_symlinks=False)
                yield _Entry(file.path, facts.st_size, facts.st_mtime)
