"""What is left of the requests, bytes and seconds of one review; shared by its threads."""

from __future__ import annotations

import time
from threading import Lock

from bot.fetch.limits import MEBIBYTE, FetchLimits
from bot.fetch.refusal import Refusal


class Budget:
    """Counts down. Each method raises Refusal where nothing is left."""

    def __init__(self, limits: FetchLimits) -> None:
        self._limits = limits
        self._requests = limits.requests
        self._traffic = limits.traffic
        self._held = limits.held
        self._end: float | None = None
        self._lock = Lock()

    def begin(self) -> float:
        """Count a request; until when it may last, as ``time.monotonic`` has it."""
        now = time.monotonic()
        with self._lock:
            self._end = self._end or now + self._limits.review
            self._requests -= 1
            if self._requests < 0:
                raise Refusal(f"the review made {self._limits.requests:,} requests already")
            if now >= self._end:
                raise Refusal(f"the requests of the review took {self._limits.review:g} s already")
            return min(self._end, now + self._limits.request)

    def spend(self, count: int) -> None:
        """Count bytes that came."""
        with self._lock:
            self._traffic -= count
            if self._traffic < 0:
                raise Refusal(f"the review fetched {self._limits.traffic // MEBIBYTE:,} MiB already")

    def hold(self, count: int) -> None:
        """Count bytes that stay in memory."""
        with self._lock:
            self._held -= count
            if self._held < 0:
                raise Refusal(f"the charts of the review have more than {self._limits.held:,} bytes")
