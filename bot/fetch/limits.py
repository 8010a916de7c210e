"""How much one review may fetch, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.model.limits import LIMITS, Limits

MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Sizes in bytes, times in seconds. Helm takes no file above 5 MiB in a chart either."""

    redirects: int = 5
    connect: float = 10.0
    silence: float = 15.0
    """Between two pieces of an answer."""
    request: float = 60.0
    """From the first byte of a request to the last of its answer."""
    review: float = 120.0
    """All requests of a review together, from the first on."""
    requests: int = 1000
    traffic: int = 256 * MEBIBYTE
    index: int = 64 * MEBIBYTE
    page: int = 4 * MEBIBYTE
    """An answer of a registry that is no chart: a token, a manifest, a list of tags."""
    pages: int = 20
    """Pages of a list of tags."""
    packed: int = LIMITS.chart_bytes
    unpacked: int = LIMITS.chart_unpacked_bytes
    held: int = 512 * MEBIBYTE
    """All charts of a review together, unpacked; they are in memory until it ends."""
    ratio: int = 200
    """Unpacked to packed, where it unpacks to more than a mebibyte; real charts have 5 to 20."""
    file: int = 5 * MEBIBYTE
    files: int = LIMITS.chart_files


def as_set(limits: Limits) -> FetchLimits:
    """The limits on fetching, with those on a chart as the operator set them."""
    return FetchLimits(packed=limits.chart_bytes, unpacked=limits.chart_unpacked_bytes, files=limits.chart_files)
