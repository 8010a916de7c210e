"""What the environment says, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """``cache`` is the folder for what builds gave, None for the user's own place."""

    cache: Path | None = None


def settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process. ``FLUXBOT_DATA_DIR`` holds the cache where it is set."""
    folder = environment.get("FLUXBOT_DATA_DIR", "")
    return Settings(Path(folder, "cache") if folder else None)
