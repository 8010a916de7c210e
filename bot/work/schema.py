"""The queue's own tables, as steps of our migration."""

from __future__ import annotations

from importlib.resources import files
from typing import LiteralString

from procrastinate.schema import SchemaManager

from bot.store.migration import Step


def queue_steps() -> tuple[Step, ...]:
    """The steps that make the tables of the installed procrastinate, out of nothing or out of an older release's.

    The first is its whole schema, which holds what the files after it do; they
    are for databases whose first step came with an older release.
    """
    folder = files("procrastinate.sql") / "migrations"
    changes = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    steps = tuple(Step(f"procrastinate/{file.name}", _trusted(file.read_bytes())) for file in changes)
    return (Step("procrastinate", SchemaManager.get_schema(), holds=tuple(step.name for step in steps)), *steps)


def _trusted(sql: bytes) -> LiteralString:
    return sql.decode()  # it came with the package, like its code
