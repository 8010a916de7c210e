"""A line from our side to a GitHub simulator, which has no limits unless a test gives it some."""

from __future__ import annotations

from typing import Final

import aiohttp

from bot.github.address import address
from bot.github.gate import Gate, OwnTraffic, Pace
from bot.github.transport import Transport
from bot.model.traffic import Rates, scaled
from tests.github_simulator.simulator import Simulator

FREE: Final = scaled(1e9)
"""So much that nobody ever waits."""


def line_to(github: Simulator, session: aiohttp.ClientSession, pace: Pace, rates: Rates = FREE) -> Transport:
    """The line, which goes by the simulator's time where ``pace`` does."""
    return Transport(session, address(github.url), pace, Gate(OwnTraffic(rates, pace.clock), pace))
