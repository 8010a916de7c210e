"""A release finds what the ones before it left in the database, and does it; what it adds does not disturb them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from bot.model.task import Task
from bot.store.deliveries import Delivery
from bot.store.ledger import Ledger
from bot.store.migration import Step, migrate
from bot.store.pool import connections
from bot.store.tables import STEPS
from bot.web.serving import all_steps
from bot.work.codec import decoded
from bot.work.inbox import Inbox
from bot.work.meter import Meter
from bot.work.patience import Patience
from bot.work.queue import Queue
from bot.work.trial import Performer
from bot.work.worker import Worker
from tests.work.written_rows import SHOP, every_task

WRITTEN: Final = sorted((Path(__file__).parent / "written").glob("*.json"))
QUICK: Final = Patience(first=0.05, longest=0.2, heartbeat=0.3, stalled=1.0, poll=0.1, leave=0.3, window=0.0)

_TABLE: Final = re.compile(r"CREATE (?:UNLOGGED )?TABLE (\w+) \(")
_INDEX: Final = re.compile(r"CREATE (UNIQUE )?INDEX \w+ ON (\w+) \(")
_COLUMN: Final = re.compile(r"ALTER TABLE (\w+) ADD COLUMN \w+ (?!.*UNIQUE)(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Left:
    """What a release left: the steps that it had made, with digests of ours, and the rows of each table."""

    steps: Mapping[str, str]
    rows: Mapping[str, list[dict[str, Any]]]  # of any type that PostgreSQL has

    @property
    def tasks(self) -> list[Task]:
        """What waits, in its order."""
        return [decoded(job["args"]["task"]) for job in self.rows["procrastinate_jobs"]]


@pytest.fixture(params=WRITTEN, ids=lambda path: path.stem)
def left(request: pytest.FixtureRequest) -> Left:
    said = json.loads(request.param.read_text())
    return Left(said["steps"], said["rows"])


async def put_there(url: str, left: Left) -> None:
    """Have the database as the release left it."""
    await migrate(url, [step for step in all_steps() if step.name in left.steps])
    async with await psycopg.AsyncConnection.connect(url) as connection:
        for table in ("fluxbot_repository", *sorted(left.rows.keys() - {"fluxbot_repository"})):
            await connection.execute(
                SQL("INSERT INTO {0} SELECT * FROM jsonb_populate_recordset(NULL::{0}, %s)").format(Identifier(table)),
                (Jsonb(left.rows[table]),),
            )
        await connection.execute("SELECT setval('procrastinate_jobs_id_seq', 1 + max(id)) FROM procrastinate_jobs")


async def test_all_that_waited_when_a_new_release_came_is_done_once(empty_database: str, left: Left) -> None:
    done: list[Task] = []

    async def perform(task: Task) -> None:
        done.append(task)

    async def give_up(task: Task, problem: Exception, _tries: int) -> None:
        raise AssertionError(task, problem)

    await put_there(empty_database, left)
    added = await migrate(empty_database, all_steps())
    async with connections(empty_database) as pool:
        queue = Queue(pool)
        async with queue.opened():
            inbox, stop = Inbox(queue), asyncio.Event()
            again = await inbox.take(Delivery("delivery-0", "pull_request", "opened", 7, 70), tuple(every_task()))
            working = asyncio.create_task(Worker(queue, Performer(perform, give_up), Meter(), patience=QUICK).run(stop))
            async with asyncio.timeout(20):
                while await queue.counted() != (0, 0):  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.05)
            stop.set()
            await working
        ledger = Ledger(pool)
        standing = await ledger.of_pull(SHOP, 3)
        accepted = await ledger.accepted(SHOP, 3)

    assert not again
    assert {*added, *left.steps} >= {step.name for step in STEPS}
    assert sorted(done, key=str) == sorted(left.tasks, key=str)
    assert len(done) >= 7  # a group that is reviewed and cancelled is one job
    assert [(one.check_run, one.conclusion) for one in standing] == [(500, "in_progress")]
    assert [one.by for one in accepted] == ["octocat"]


def test_a_step_that_was_released_is_what_it_was(left: Left) -> None:
    now = {step.name: hashlib.sha256(step.sql.encode()).hexdigest() for step in STEPS}

    assert {name: now[name] for name, digest in left.steps.items() if digest} == {
        name: digest for name, digest in left.steps.items() if digest
    }


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_only_adds_so_the_release_before_goes_on_beside_it(step: Step) -> None:
    assert disturbing(step) == []


def test_a_newer_queue_is_only_prepared_while_the_release_before_still_runs(left: Left) -> None:
    """The queue's package has steps for before its new code, called pre, and for after it."""
    held = {name for step in all_steps() if step.name in left.steps for name in (step.name, *step.holds)}
    new = [step.name for step in all_steps() if step.name.startswith("procrastinate") and step.name not in held]

    assert [name for name in new if "_pre_" not in name] == []


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE fluxbot_start",
        "ALTER TABLE fluxbot_start DROP COLUMN at",
        "ALTER TABLE fluxbot_start ADD COLUMN who text NOT NULL",
        "ALTER TABLE fluxbot_start ADD COLUMN who text UNIQUE",
        "ALTER TABLE fluxbot_start RENAME TO fluxbot_starts",
        "CREATE UNIQUE INDEX one ON fluxbot_start (lock)",
        "UPDATE fluxbot_start SET at = now()",
    ],
)
def test_what_would_disturb_it_is_told(sql: str) -> None:
    assert disturbing(Step("x", sql)) == [sql]


def test_columns_that_may_be_empty_or_have_a_default_do_not_disturb_it() -> None:
    sql = "ALTER TABLE a ADD COLUMN b text; ALTER TABLE a ADD COLUMN c int NOT NULL DEFAULT 0; CREATE INDEX d ON a (b)"

    assert disturbing(Step("x", sql)) == []


def disturbing(step: Step) -> list[str]:
    """The statements of a step that a program may notice that does not know of it."""
    new: set[str] = set()
    found = []
    for statement in (" ".join(part.split()) for part in step.sql.split(";")):
        if made := _TABLE.match(statement):
            new.add(made[1])
        elif indexed := _INDEX.match(statement):
            found += [statement] if indexed[1] and indexed[2] not in new else []
        elif column := _COLUMN.match(statement):
            found += [statement] if "NOT NULL" in column[2] and "DEFAULT" not in column[2] else []
        elif statement:
            found.append(statement)
    return found
