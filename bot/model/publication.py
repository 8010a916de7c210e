"""What is published on GitHub, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How GitHub shows an annotation."""

    FAILURE = "failure"
    WARNING = "warning"
    NOTICE = "notice"


class Ending(StrEnum):
    """How a check run ends. ``neutral`` and ``skipped`` are missing on purpose: they satisfy a required check."""

    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class Annotation:
    """A remark beside lines of a file; plain text."""

    path: str
    line: int
    end_line: int
    level: Level
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Publication:
    """All that a check run and its comment say. ``comment`` is empty where nothing needs one."""

    ending: Ending
    title: str
    summary: str
    annotations: tuple[Annotation, ...] = ()
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a check run judges: a commit, as the head of a pull request or of a merge queue's group."""

    head: str
    key: str


@dataclass(frozen=True, slots=True)
class Run:
    """A check run of ours; ``annotated`` is how many annotations it has already."""

    id: int
    key: str
    is_completed: bool
    annotated: int
