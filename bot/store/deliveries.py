"""What GitHub delivered, so that nothing is done twice."""

from __future__ import annotations

from dataclasses import dataclass

from bot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is kept of a webhook: its id and what it was about, never its payload."""

    id: str
    event: str
    action: str = ""
    installation: int | None = None
    repository: int | None = None


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
