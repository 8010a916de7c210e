"""How many cases a suite over strangers' input tries, and what ends one that hangs."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from hypothesis import HealthCheck, settings

from tests.conftest import PROFILE

CASES = {"ci": 2_000, "soak": 50_000}
"""Cases of one suite: in ``make test``, and in ``make soak``."""

WHOLE_SUITE = {"ci": 1_200, "soak": 0}[PROFILE]
"""Seconds for all cases of a suite on a busy machine, 0 for any time; ``no_longer_than`` ends one that hangs."""


class Hanging(Exception):
    """A case took more time of the processor than any may."""


def strangers(share: int = 1) -> settings:
    """The number of cases; ``share`` divides it for a suite whose single case is dear.

    Small examples are worth less than many: what fails is shrunk anyway. A fixture that all cases share is meant.
    """
    checks = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)
    return settings(max_examples=CASES[PROFILE] // share, suppress_health_check=checks)


@contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    """Raise Hanging where a case uses the processor for longer; a machine that is busy with others does not count."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise Hanging(f"more than {seconds} s")

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
