"""From two commits on this machine to what is said about them: reads, drives the engine, puts it into words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, assert_never

from bot.app.explained import explained
from bot.app.local import drive
from bot.config import find_config, read_config
from bot.engine import Question
from bot.model.config import Config
from bot.model.publication import Publication
from bot.model.snapshot import Snapshot
from bot.ports import Answerer
from bot.report.check import publication
from bot.rules import RULES


@dataclass(frozen=True, slots=True)
class Change:
    """Two commits in a folder; ``base`` is the merge base. ``today`` decides which ignores have expired."""

    folder: str
    base: str
    head: str
    today: date


@dataclass(frozen=True, slots=True)
class Judge:
    """Review a change."""

    change: Change


@dataclass(frozen=True, slots=True)
class Explain:
    """Explain a rule or one or two objects as they stand after a change; without a subject, the change itself."""

    change: Change
    subject: str = ""
    other: str = ""


Asked: TypeAlias = Judge | Explain


@dataclass(frozen=True, slots=True)
class Tools:
    """What the analysis works with: in a folder, ``answerer`` builds and ``snapshot`` makes the files of a commit."""

    answerer: Callable[[str], Answerer]
    snapshot: Callable[[str, str], Snapshot]


def answered(asked: Asked, tools: Tools) -> Publication | str:
    """What is to be published about a change, or the Markdown that explains something."""
    question = _question(asked.change, tools)
    examination = drive(question, tools.answerer(asked.change.folder), lambda _done, _asked: None)
    match asked:
        case Judge():
            return publication(examination.review, question.config.comment)
        case Explain(_, subject, other):
            return explained(examination, subject, other)
        case _:
            assert_never(asked)


def _question(change: Change, tools: Tools) -> Question:
    """The configuration comes from the merge base: a pull request cannot weaken its own review."""
    base, head = tools.snapshot(change.folder, change.base), tools.snapshot(change.folder, change.head)
    return Question(head, base, _config(base, change.today), change.today)


def _config(snapshot: Snapshot, today: date) -> Config:
    found = find_config(snapshot)
    return read_config(*found, rules={rule.id for rule in RULES}, today=today) if found else Config()
