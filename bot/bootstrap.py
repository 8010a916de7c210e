"""The only module that knows every adapter."""

from __future__ import annotations

from pathlib import Path

from bot.render.answerer import LocalAnswerer
from bot.render.cache import AnswerCache, default_folder
from bot.render.shelf import Shelf


def answerer(*, cached: bool, jobs: int | None, folder: Path | None = None) -> LocalAnswerer:
    """What answers the engine's questions on this machine; with ``cached`` from the disk where it can."""
    place = folder or default_folder()
    shelf = Shelf(place) if cached and place else None
    return LocalAnswerer(AnswerCache(shelf), jobs=jobs)
