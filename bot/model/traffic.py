"""How often GitHub may be asked, as values.

GitHub counts in points: a read is one, a write five, and no more than 900 a minute are allowed; of what creates
content, such as a comment, 80 a minute (docs, "rate limits for the REST API", secondary limits). Its advice is a second
between two writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class Cost(IntEnum):
    """What a request costs, in points."""

    READ = 1
    WRITE = 5
    TOKEN = 6
    """A new token: a write that creates no content. One more than that, so that the two differ."""

    @property
    def creates(self) -> bool:
        """Whether it counts as a write among writes."""
        return self is Cost.WRITE


@dataclass(frozen=True, slots=True)
class Rates:
    """What one account may spend in a minute, and how much of that at once after it was quiet.

    ``points`` and ``points_at_once`` together are what is spent in the worst minute; so are the two of writes.
    """

    points: float = 800.0
    points_at_once: float = 90.0
    writes: float = 60.0
    writes_at_once: float = 15.0

    def __post_init__(self) -> None:
        if min(self.points, self.points_at_once, self.writes, self.writes_at_once) <= 0:
            raise ValueError("a rate is more than nothing")


RATES: Final = Rates()


def scaled(points: float) -> Rates:
    """Rates for a GitHub that allows ``points`` a minute, in the proportions of the default."""
    by = points / RATES.points
    return Rates(points, RATES.points_at_once * by, RATES.writes * by, RATES.writes_at_once * by)
