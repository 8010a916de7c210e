"""Durations as Go writes them: ``1h``, ``10m0s``, ``1.5h``."""

from __future__ import annotations

import re
from functools import lru_cache

_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


@lru_cache(maxsize=4096)
def seconds(written: str) -> float | None:
    """The length of a duration; None for the empty string and for what Go's ``time.ParseDuration`` does not take."""
    parts = _PART.findall(written)
    if not parts or "".join(number + unit for number, unit in parts) != written:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def spoken(length: float) -> str:
    """A length in seconds as Flux users write it: ``90s`` is ``1m30s``."""
    whole = round(length)
    parts = ((whole // 3600, "h"), (whole % 3600 // 60, "m"), (whole % 60, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"
