"""Answers by the digest of everything that they depend on, in memory over a folder on disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from cachetools import LRUCache

from bot.model.ask import Answer, Refused
from bot.render.codec import decoded, encoded
from bot.render.shelf import MEBIBYTE, Shelf

_IN_MEMORY = 48 * MEBIBYTE
"""Counted as JSON; Python's objects take some five times of that."""


def default_folder() -> Path | None:
    """Where this user's caches are kept; None where there is no such place."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    if Path(named).is_absolute():
        return Path(named, "fluxbot")
    home = os.environ.get("HOME", "")
    return Path(home, ".cache", "fluxbot") if Path(home).is_absolute() else None


@dataclass(slots=True)
class Lookups:
    """How many answers were known, and how many were not, since somebody asked."""

    hits: int = 0
    misses: int = 0

    def taken(self) -> tuple[int, int]:
        """Both, counted from nothing again afterwards."""
        counted = self.hits, self.misses
        self.hits = self.misses = 0
        return counted


class AnswerCache:
    """Remembers answers; without a ``shelf``, only as long as it lives.

    The answers are shared: nobody may change one. ``lookups`` counts for
    whoever shares it.
    """

    def __init__(self, shelf: Shelf | None = None, lookups: Lookups | None = None) -> None:
        self._shelf = shelf
        self._lookups = lookups or Lookups()
        self._memory: LRUCache[str, tuple[int, Answer]] = LRUCache(_IN_MEMORY, getsizeof=lambda held: held[0])
        self._lock = Lock()

    def get(self, key: str) -> Answer | None:
        """The answer, or None. A broken entry on disk is removed."""
        found = self._found(key)
        if found is None:
            self._lookups.misses += 1
        else:
            self._lookups.hits += 1
        return found

    def _found(self, key: str) -> Answer | None:
        with self._lock:
            held = self._memory.get(key)
        if held:
            return held[1]
        entry = self._shelf.get(key) if self._shelf else None
        if self._shelf is None or entry is None:
            return None
        answer = decoded(entry)
        if answer is None:
            self._shelf.remove(key)
        else:
            self._hold(key, len(entry), answer)
        return answer

    def put(self, key: str, answer: Answer) -> None:
        """Remember an answer that would be the same again: one that ran into a limit may not."""
        if isinstance(answer, Refused) and answer.limit:
            return
        entry = encoded(answer)
        self._hold(key, len(entry), answer)
        if self._shelf:
            self._shelf.put(key, entry)

    def _hold(self, key: str, size: int, answer: Answer) -> None:
        if size <= _IN_MEMORY:
            with self._lock:
                self._memory[key] = (size, answer)
