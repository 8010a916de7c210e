"""Check suites and check runs as they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Annotation:
    """One remark of a check run; columns only where it is on one line."""

    path: str
    start_line: int
    end_line: int
    level: str
    message: str
    title: str | None = None
    raw_details: str | None = None
    start_column: int | None = None
    end_column: int | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """A button of a completed check run."""

    label: str
    description: str
    identifier: str


@dataclass(slots=True, eq=False)
class CheckSuite:
    """All runs of the App for one commit; ``head_branch`` is None for a fork's commit."""

    id: int
    head_sha: str
    head_branch: str | None
    before: str | None
    created_at: datetime
    updated_at: datetime
    rerequested: bool = False


@dataclass(slots=True, eq=False)
class CheckRun:
    """A check run with everything that was ever sent for it; annotations only grow."""

    id: int
    suite_id: int
    name: str
    head_sha: str
    started_at: datetime
    external_id: str = ""
    details_url: str | None = None
    status: str = "queued"
    conclusion: str | None = None
    completed_at: datetime | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[Annotation] = field(default_factory=list)
    actions: tuple[Action, ...] = ()
