"""From two commits on this machine to what is said about them: reads, drives the engine, puts it into words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias, assert_never

from bot.app.accepted import acceptable
from bot.app.explained import changed_picture, explained, impacted, ordered
from bot.app.fleets import Linked, Needs, deploys, fleets, joined, question_of, untold
from bot.app.local import drive, hold
from bot.app.mended import mended
from bot.app.reconfigured import reconfigured
from bot.config import find_config, read_config
from bot.engine import Examination, Question
from bot.fixing import asked as asked_for
from bot.fixing import is_new, offered
from bot.flux.address import neighbours
from bot.model.config import Accepted, Config
from bot.model.publication import Acceptable, Mended, Publication
from bot.model.snapshot import MOUNT, Mount, Snapshot
from bot.ports import Answerer
from bot.report.check import Setting, publication
from bot.report.escape import prose
from bot.report.page import packed
from bot.report.page_data import Heading, page_data
from bot.report.places import Places
from bot.rules import RULES
from bot.view.viewing import viewed


@dataclass(frozen=True, slots=True)
class Change:
    """Two commits in a folder; ``base`` is the merge base. ``today`` decides which ignores have expired.

    ``fetches`` is whether the charts that they name may be fetched: never for a
    fork's. ``accepted`` is what was accepted for the pull request. ``site`` is
    where the repository can be looked at, for links to its lines; ``defaults``
    the organisation's configuration, by the name that is told of it. ``branch``
    is where it is to be merged. ``readers`` are other repositories that have
    this one as a source, ``linked`` those of them and of the configuration that
    were brought here, None as long as nobody asked which. ``number`` is that of
    the pull request where its review is to have a page, else 0.
    """

    folder: str
    base: str
    head: str
    today: date
    fetches: bool = False
    accepted: tuple[Accepted, ...] = ()
    site: str = ""
    defaults: tuple[str, bytes] | None = None
    branch: str = ""
    readers: tuple[str, ...] = ()
    linked: tuple[Linked, ...] | None = None
    number: int = 0


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


@dataclass(frozen=True, slots=True)
class Order:
    """Tell in which order a fresh cluster comes up: all clusters, or the one that is named."""

    change: Change
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class Impact:
    """Tell what waits for an object."""

    change: Change
    subject: str


@dataclass(frozen=True, slots=True)
class Accept:
    """Look for the finding of that id, and write down how ``reason`` would stand in the configuration."""

    change: Change
    finding: str
    reason: str


@dataclass(frozen=True, slots=True)
class Mend:
    """Put together the fixes of the findings with these ids, or of all that the change brings."""

    change: Change
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """Look which other repositories the head of a change names as sources; nothing is built."""

    change: Change


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What a survey found: see ``Publication.reads``."""

    reads: tuple[str, ...]


Asked: TypeAlias = Judge | Explain | Order | Impact | Accept | Mend | Survey
Said: TypeAlias = Publication | Acceptable | Mended | Needs | Surveyed | str


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


def answered(asked: Asked, tools: Tools) -> Said:
    """What is to be published about a change, or the Markdown that answers a command."""
    if isinstance(asked, Survey):
        return Surveyed(neighbours(tools.snapshot(asked.change.folder, asked.change.head), asked.change.site))
    question = _question(asked.change, tools)
    if isinstance(asked, Mend):
        return _mended(asked, question, tools)
    wanted = fleets(question.config, asked.change.readers)
    if wanted.repositories and asked.change.linked is None:
        return wanted
    mends = isinstance(asked, Judge) or (isinstance(asked, Explain) and not asked.subject)
    seen = _examined(asked.change, question, tools, mends=mends)
    if isinstance(asked, Judge):
        after = _read(question.head, asked.change)
        aside = reconfigured(question, seen.own, after, tools.answerer(asked.change.folder))
        return _published(asked.change, question, seen.whole, (*seen.notes, aside))
    if isinstance(asked, Accept):
        return acceptable(seen.whole.review, asked.finding, asked.reason)
    return _places(asked.change, question).linked(_answer(asked, seen.whole)).replace(MOUNT, "")


def _answering(change: Change, question: Question, tools: Tools) -> Answerer:
    if question.fetches and tools.fetching:
        return tools.fetching(change.folder, question.config.chart_hosts)
    return tools.answerer(change.folder)


def _mended(asked: Mend, question: Question, tools: Tools) -> Mended:
    """The fixes in this repository; another one is not this pull request's to write to."""
    ids = frozenset(asked.ids)
    wanted = asked_for(ids) if ids else is_new(question)
    answering = _answering(asked.change, question, tools)
    offer = hold(offered(question, wanted), question.head.limits.builds, answering, lambda _done, _asked: None)
    return mended(question.head, offer, ids)


@dataclass(frozen=True, slots=True)
class _Seen:
    """This repository's own clusters, these with those elsewhere that deploy it, and what is to be said of others."""

    own: Examination
    whole: Examination
    notes: tuple[str, ...]


def _examined(change: Change, question: Question, tools: Tools, *, mends: bool) -> _Seen:
    """The clusters judged; with ``mends`` the findings of this repository have their fixes."""
    answering = _answering(change, question, tools)
    if mends:
        most = question.head.limits.builds
        own = hold(offered(question, is_new(question)), most, answering, lambda _done, _asked: None).examination
    else:
        own = drive(question, answering, lambda _done, _asked: None)
    others: dict[str, Examination] = {}
    notes: list[str] = []
    for link in change.linked or ():
        if link.why:
            notes += [prose(untold(link.name, link.why))] if link.is_named else []
            continue
        fleet = tools.snapshot(link.folder, link.commit)
        there = question_of(question, link.name, fleet, Mount(change.site, change.branch))
        found = drive(there, answering, lambda _done, _asked: None)
        if deploys(found):
            others[link.name] = found
        elif link.is_named:
            notes.append(
                prose(untold(link.name, "no cluster of it that is named here has this repository as a source"))
            )
    return _Seen(own, joined(own, others) if others else own, tuple(notes))


def _answer(asked: Explain | Order | Impact, examination: Examination) -> str:
    match asked:
        case Explain(_, subject, other):
            return explained(examination, subject, other)
        case Order(_, cluster):
            return ordered(examination, cluster)
        case Impact(_, subject):
            return impacted(examination, subject)
        case _:
            assert_never(asked)


def _published(change: Change, question: Question, examination: Examination, asides: tuple[str, ...]) -> Publication:
    picture = changed_picture(examination)
    setting = Setting(question.config.comment, _places(change, question), picture, asides)
    reads = neighbours(question.base, change.site) if question.base and change.site else ()
    said = replace(publication(examination.review, setting), reads=reads)
    if not change.number or said.is_irrelevant:
        return said
    name = "/".join(change.site.rstrip("/").split("/")[-2:])
    heading = Heading(name, change.number, setting.places, change.base)
    view = viewed(examination.review, examination.cases, examination.before)
    return replace(said, page=packed(page_data(view, heading)))


def _places(change: Change, question: Question) -> Places:
    return Places(change.site, change.head, question.head.files)


def _question(change: Change, tools: Tools) -> Question:
    """The configuration comes from the merge base: a pull request cannot weaken its own review."""
    base, head = tools.snapshot(change.folder, change.base), tools.snapshot(change.folder, change.head)
    config = _read(base, change)
    fetches = change.fetches and tools.fetching is not None and config.chart_hosts != ()
    return Question(head, base, config, change.today, fetches=fetches, branch=change.branch)


def _read(snapshot: Snapshot, change: Change) -> Config:
    """The configuration in a tree, over that of its organisation."""
    rules = {rule.id for rule in RULES}
    found = find_config(snapshot)
    own = read_config(*found, rules=rules, today=change.today) if found else Config()
    if change.defaults:
        own = own.over(read_config(*change.defaults, rules=rules, today=change.today))
    return replace(own, accepted=change.accepted)
