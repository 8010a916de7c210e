"""What a release leaves in its database: written once by its own code, and kept for those that come after it.

``PYTHONPATH=<a tree of that release> python tests/work/written_rows.py FILE`` writes such a file: a delivery of each
kind of task that the release knows, in the queue, and what it remembers of reviews.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args, get_type_hints

from bot.model import task as tasks
from bot.model.config import Accepted
from bot.store.deliveries import Delivery
from bot.store.ledger import Ledger, Published
from bot.store.migration import migrate
from bot.store.pool import Pool, connections
from bot.store.tables import STEPS
from bot.web.serving import all_steps
from bot.work.embedded import EmbeddedPostgres
from bot.work.inbox import Inbox
from bot.work.queue import Queue

SHOP = tasks.Repository(installation=7, id=70, owner="acme", name="shop")
_OF = {int: 3, str: "a", bool: True, tasks.Repository: SHOP, int | None: 70}


def every_task() -> Iterator[tasks.Task]:
    """One of each kind, with nothing left out."""
    for kind in dict.fromkeys(_kinds(tasks.Task)):
        hints = get_type_hints(kind)
        yield kind(**{field.name: _OF[hints[field.name]] for field in dataclasses.fields(kind)})


def _kinds(of: object) -> Iterator[type[Any]]:
    inner = get_args(of)
    if isinstance(of, type) and not inner:
        yield of
    for each in inner:
        yield from _kinds(each)


async def write(url: str) -> dict[str, object]:
    """Fill an empty database, and say what lies in it then."""
    names = await migrate(url, all_steps())
    async with connections(url) as pool:
        queue = Queue(pool)
        async with queue.opened():
            for number, task in enumerate(every_task()):
                delivery = Delivery(f"delivery-{number}", "pull_request", "opened", SHOP.installation, SHOP.id)
                assert await Inbox(queue).take(delivery, (task,))
        await Ledger(pool).publish(Published("pull:3:a", SHOP, "a", 3, 500, 900, "in_progress", "main"))
        await Ledger(pool).accept(SHOP, 3, Accepted("0123456789abcdef", "meant so", "octocat", date(2026, 11, 26)))
        return {"steps": _digests(names), "rows": await _rows(pool)}


def _digests(names: tuple[str, ...]) -> dict[str, str]:
    """Each step of ours with the digest of what it does; those of the queue belong to its package."""
    ours = {step.name: hashlib.sha256(step.sql.encode()).hexdigest() for step in STEPS}
    return {name: ours.get(name, "") for name in names}


async def _rows(pool: Pool) -> dict[str, object]:
    tables = [
        "procrastinate_jobs",
        *(f"fluxbot_{name}" for name in ("repository", "delivery", "published", "accepted")),
    ]
    found = {}
    async with pool.connection() as connection:
        for table in tables:
            cursor = await connection.execute(f"SELECT jsonb_agg(to_jsonb(it)) FROM {table} AS it")  # noqa: S608 - ours
            row = await cursor.fetchone()
            found[table] = row[0] if row else None
    return found


def main() -> None:
    """Write the file."""
    folder = Path(tempfile.mkdtemp(prefix="fluxbot-written-"))
    folder.chmod(0o755)
    postgres = EmbeddedPostgres(folder)
    try:
        said = asyncio.run(write(postgres.url))
    finally:
        postgres.stop()
    Path(sys.argv[1]).write_text(json.dumps(said, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
