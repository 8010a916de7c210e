"""From two commits on this machine to what is said about them: reads, drives the engine, puts it into words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, assert_never

from bot.app.explained import explained
from bot.app.local import hold
from bot.config import find_config, read_config
from bot.engine import Question
from bot.fixing import is_new, offered
from bot.model.config import Config
from bot.model.publication import Publication
from bot.model.snapshot import Snapshot
from bot.ports import Answerer
from bot.report.check import publication
from bot.rules import RULES


@dataclass(frozen=True, slots=True)
class Change:
    """Two commits in a folder; ``base`` is the merge base. ``today`` decides which ignores have expired.

    ``fetches`` is whether the charts that they name may be fetched: never for a fork's.
    """

    folder: str
    base: str
    head: str
    today: date
    fetches: bool = False


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
    """What the analysis works with: in a folder, ``answerer`` builds and ``snapshot`` makes the files of a commit.

    ``fetching`` makes what answers one review that may fetch, from what builds
    for it, a folder for what it fetches and the hosts that the configuration
    allows; None where nothing is ever fetched.
    """

    answerer: Callable[[str], Answerer]
    snapshot: Callable[[str, str], Snapshot]
    fetching: Callable[[str, tuple[str, ...] | None], Answerer] | None = None


def answered(asked: Asked, tools: Tools) -> Publication | str:
    """What is to be published about a change, or the Markdown that explains something."""
    question = _question(asked.change, tools)
    answering = tools.answerer(asked.change.folder)
    if question.fetches and tools.fetching:
        answering = tools.fetching(asked.change.folder, question.config.chart_hosts)
    offer = hold(
        offered(question, is_new(question)), question.head.limits.builds, answering, lambda _done, _asked: None
    )
    examination = offer.examination
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
    config = _config(base, change.today)
    fetches = change.fetches and tools.fetching is not None and config.chart_hosts != ()
    return Question(head, base, config, change.today, fetches=fetches)


def _config(snapshot: Snapshot, today: date) -> Config:
    found = find_config(snapshot)
    return read_config(*found, rules={rule.id for rule in RULES}, today=today) if found else Config()
