"""Answers by the digest of everything that they depend on, in memory over a folder on disk."""

from __future__ import annotations

import os
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


class AnswerCache:
    """Remembers answers; without a ``shelf``, only as long as it lives.

    The answers are shared: nobody may change one.
    """

    def __init__(self, shelf: Shelf | None = None) -> None:
        self._shelf = shelf
        self._memory: LRUCache[str, tuple[int, Answer]] = LRUCache(_IN_MEMORY, getsizeof=lambda held: held[0])
        self._lock = Lock()

    def get(self, key: str) -> Answer | None:
        """The answer, or None. A broken entry on disk is removed."""
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
