"""What GitHub delivered, so that nothing is done twice."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.store.pool import Connection, Pool

_ACTION: Final = re.compile(r"[a-z_]{1,60}")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is kept of a webhook: its id and what it was about, never its payload."""

    id: str
    event: str
    action: str = ""
    installation: int | None = None
    repository: int | None = None


def described(name: str, event: str, payload: object) -> Delivery:
    """What is kept of a webhook with this payload."""
    said = payload if isinstance(payload, Mapping) else {}
    action = said.get("action")
    return Delivery(
        id=name,
        event=event,
        action=action if isinstance(action, str) and _ACTION.fullmatch(action) else "",
        installation=_id_of(said.get("installation")),
        repository=_id_of(said.get("repository")),
    )


def _id_of(thing: object) -> int | None:
    """The id, where it is one that fits into the database."""
    number = thing.get("id") if isinstance(thing, Mapping) else None
    is_id = isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**63
    return number if is_id else None


async def remember(connection: Connection, delivery: Delivery) -> bool:
    """Whether the delivery is new; from now on, and when the transaction is committed, it is not.

    Of two that arrive at once the second waits until the first is committed.
    """
    cursor = await connection.execute(
        """
        INSERT INTO fluxbot_delivery (id, event, action, installation, repository)
        VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
        """,
        (delivery.id, delivery.event, delivery.action, delivery.installation, delivery.repository),
    )
    return cursor.rowcount == 1


async def unknown(pool: Pool, names: Sequence[str]) -> frozenset[str]:
    """Those of the deliveries that were never stored."""
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT id FROM fluxbot_delivery WHERE id = ANY(%s)", (list(names),))
        return frozenset(names) - {str(name) for (name,) in await cursor.fetchall()}


async def complete_until(pool: Pool) -> datetime | None:
    """Up to when all is stored that GitHub could not deliver; None where nobody looked yet."""
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT until FROM fluxbot_complete")
        row = await cursor.fetchone()
        return row[0] if row else None


async def note_complete(pool: Pool, until: datetime) -> None:
    """Remember it; what is known to be later stays."""
    async with pool.connection() as connection:
        await connection.execute(
            """
            INSERT INTO fluxbot_complete AS known (one, until) VALUES (true, %s)
            ON CONFLICT (one) DO UPDATE SET until = greatest(known.until, excluded.until)
            """,
            (until,),
        )
