"""What all processes together spend at GitHub: the Traffic that they share."""

from __future__ import annotations

from typing import Final, LiteralString

from bot.model.traffic import RATES, Cost, Rates
from bot.store.pool import Pool

# A bucket is one moment: when all would be paid that was spent so far. It moves on with each request, and what lies
# ahead of now, less what may be spent at once, is the wait.
_RESERVE: Final[LiteralString] = """
WITH known AS (
    SELECT greatest(points_due, now()) AS points, greatest(writes_due, now()) AS writes, held_until
    FROM fluxbot_traffic WHERE account = %(account)s FOR UPDATE
), told AS (
    SELECT points, writes, greatest(
        now(), held_until, points - %(points_at_once)s * interval '1 second',
        CASE WHEN %(creates)s THEN writes - %(writes_at_once)s * interval '1 second' ELSE now() END
    ) AS at FROM known
)
UPDATE fluxbot_traffic SET
    points_due = CASE WHEN at > now() + %(most)s * interval '1 second' THEN points_due
        ELSE points + %(points)s * interval '1 second' END,
    writes_due = CASE WHEN NOT %(creates)s OR at > now() + %(most)s * interval '1 second' THEN writes_due
        ELSE writes + %(write)s * interval '1 second' END
FROM told WHERE account = %(account)s
RETURNING extract(epoch FROM at - now())::float8
"""


class SharedTraffic:
    """Counts in the database. One statement a request, and of no worth after a crash of PostgreSQL."""

    def __init__(self, pool: Pool, rates: Rates = RATES) -> None:
        self._pool = pool
        self._rates = rates

    async def reserve(self, account: int, cost: Cost, most: float) -> float:
        """Seconds until a request of that cost may go; where that is more than ``most``, nothing is reserved."""
        rates = self._rates
        told = {
            "account": account,
            "most": most,
            "creates": cost.creates,
            "points": cost * 60 / rates.points,
            "points_at_once": rates.points_at_once * 60 / rates.points,
            "write": 60 / rates.writes,
            "writes_at_once": (rates.writes_at_once - 1) * 60 / rates.writes,
        }
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_RESERVE, told)).fetchone()
            if row is None:  # the first of this account
                await connection.execute(
                    "INSERT INTO fluxbot_traffic (account) VALUES (%s) ON CONFLICT DO NOTHING", (account,)
                )
                row = await (await connection.execute(_RESERVE, told)).fetchone()
            return float(row[0]) if row else 0.0

    async def hold(self, account: int, seconds: float) -> None:
        """Nothing of the account may go for so long."""
        async with self._pool.connection() as connection:
            await connection.execute(
                """
                INSERT INTO fluxbot_traffic AS known (account, held_until)
                VALUES (%s, now() + %s * interval '1 second')
                ON CONFLICT (account) DO UPDATE SET held_until = greatest(known.held_until, excluded.held_until)
                """,
                (account, seconds),
            )
