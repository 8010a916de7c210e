"""Where what was missed is looked for, and where it is taken in: the ports of bot/app/catch_up.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.model.missed import Held, Missed
from bot.model.task import Task


class Missing(Protocol):
    """GitHub's own account of what it told us and what it has. Raises Transient."""

    async def failed(self, since: datetime) -> Sequence[Missed]:
        """The deliveries that failed since then, the oldest first."""
        ...

    async def payload(self, missed: Missed) -> object:
        """What was to be delivered, as JSON; None where GitHub keeps it no more."""
        ...

    async def installations(self) -> Sequence[int]:
        """The installations of the App that are not suspended."""
        ...

    async def repositories(self, installation: int) -> Sequence[Held]:
        """The repositories of an installation that can have pull requests."""
        ...

    def scarce(self, installation: int) -> float | None:
        """Until when to spend nothing on what nobody asked for, as a Unix time; None where there is plenty."""
        ...


class Intake(Protocol):
    """Where deliveries are taken in: each once, however often and on whatever way it comes."""

    async def unknown(self, guids: Sequence[str]) -> frozenset[str]:
        """Those of the deliveries that never came."""
        ...

    async def take(self, missed: Missed, payload: object) -> Sequence[Task]:
        """Store a delivery and have done what it asks for; that is nothing where it came before, or is none of ours."""
        ...

    async def since(self) -> datetime | None:
        """Up to when all is taken in that GitHub could not deliver; None where nobody looked yet."""
        ...

    async def complete(self, until: datetime) -> None:
        """All is taken in that failed before ``until``."""
        ...
