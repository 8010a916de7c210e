"""From two commits on this machine to what is said about them: reads, drives the engine, puts it into words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, assert_never

from bot.app.accepted import acceptable
from bot.app.artifacts import made_of, read_by, reads
from bot.app.asked import Accept, Asked, Change, Explain, Impact, Judge, Mend, Order, Said, Survey, Surveyed, Tools
from bot.app.explained import changed_picture, explained, impacted, ordered
from bot.app.fleets import Linked, deploys, fleets, joined, question_of, untold
from bot.app.local import drive, hold
from bot.app.mended import mended
from bot.app.reconfigured import reconfigured
from bot.config import find_config, read_config
from bot.engine import Examination, Question
from bot.flux.address import neighbours
from bot.flux.pushed import artifacts_in
from bot.model.config import Config
from bot.model.publication import Mended, Publication, Reads
from bot.model.snapshot import MOUNT, Mount, Snapshot
from bot.offering import offered
from bot.ports import Answerer, OutsideAnswerer
from bot.report.check import Setting, publication
from bot.report.escape import prose
from bot.report.page import packed
from bot.report.page_data import Heading, page_data
from bot.report.places import Places
from bot.rules import RULES
from bot.view.viewing import viewed
from bot.wanted import asked as asked_for
from bot.wanted import is_new

_NOT_FETCHED: Final = "what its OCI artifacts are made of was not asked, for nothing is fetched here"
_NO_CLUSTER: Final = "no cluster of it that is named here has this repository as a source"


def answered(asked: Asked, tools: Tools) -> Said:
    """What is to be published about a change, or the Markdown that answers a command."""
    if isinstance(asked, Survey):
        return _surveyed(asked.change, tools)
    question = _question(asked.change, tools)
    if isinstance(asked, Mend):
        return _mended(asked, question, tools)
    wanted = fleets(question.config, asked.change.readers)
    if wanted.repositories and asked.change.linked is None:
        return wanted
    mends = isinstance(asked, Judge) or (isinstance(asked, Explain) and not asked.subject)
    means = _means(asked.change, question.config, tools)
    seen = _examined(asked.change, question, means, mends=mends)
    if isinstance(asked, Judge):
        after = _read(question.head, asked.change)
        aside = reconfigured(question, seen.own, after, tools.answerer(asked.change.folder))
        said = _published(asked.change, question, seen.whole, (*seen.notes, aside))
        return replace(said, reads=_reads(asked.change, question, means, seen.own))
    if isinstance(asked, Accept):
        return acceptable(seen.whole.review, asked.finding, asked.reason)
    return _places(asked.change, question).linked(_answer(asked, seen.whole)).replace(MOUNT, "")


def _surveyed(change: Change, tools: Tools) -> Surveyed:
    tree = tools.snapshot(change.folder, change.head)
    named, artifacts = neighbours(tree, change.site), artifacts_in(tree)
    outside = tools.outside(change, _read(tree, change)) if artifacts else None
    return Surveyed(reads(named, artifacts, outside, change.site))


@dataclass(frozen=True, slots=True)
class _Means:
    """What one review reads and builds with; ``outside`` is None where nothing may be fetched."""

    snapshot: Callable[[str, str], Snapshot]
    answering: Answerer
    outside: OutsideAnswerer | None


def _means(change: Change, config: Config, tools: Tools) -> _Means:
    outside = tools.outside(change, config)
    return _Means(tools.snapshot, outside or tools.answerer(change.folder), outside)


def _mended(asked: Mend, question: Question, tools: Tools) -> Mended:
    """The fixes in this repository; another one is not this pull request's to write to."""
    ids = frozenset(asked.ids)
    wanted = asked_for(ids) if ids else is_new(question)
    answering = _means(asked.change, question.config, tools).answering
    offer = hold(offered(question, wanted), question.head.limits.builds, answering, _unheard)
    return mended(question.head, offer, ids)


@dataclass(frozen=True, slots=True)
class _Seen:
    """This repository's own clusters, these with those elsewhere that deploy it, and what is to be said of others."""

    own: Examination
    whole: Examination
    notes: tuple[str, ...]


def _examined(change: Change, question: Question, means: _Means, *, mends: bool) -> _Seen:
    """The clusters judged; with ``mends`` the findings of this repository have their fixes."""
    if mends:
        most = question.head.limits.builds
        own = hold(offered(question, is_new(question)), most, means.answering, _unheard).examination
    else:
        own = drive(question, means.answering, _unheard)
    others: dict[str, Examination] = {}
    notes: list[str] = []
    for link in change.linked or ():
        if link.why:
            notes += [prose(untold(link.name, link.why))] if link.is_named else []
            continue
        found, unread = _elsewhere(change, question, means, link)
        if deploys(found):
            others[link.name] = found
        elif link.is_named:
            notes.append(prose(untold(link.name, "; ".join((_NO_CLUSTER, *unread)))))
    return _Seen(own, joined(own, others) if others else own, tuple(notes))


def _elsewhere(change: Change, question: Question, means: _Means, link: Linked) -> tuple[Examination, tuple[str, ...]]:
    """The change as another repository's clusters take it, and the OCI artifacts there that were not understood.

    These are asked for once the clusters are known, which are read again where one is made of this repository.
    """
    fleet = means.snapshot(link.folder, link.commit)
    mount = Mount(change.site, change.branch)
    there = question_of(question, link.name, fleet, mount)
    found = drive(there, means.answering, _unheard)
    asks = read_by(found.before.values())
    if not asks or means.outside is None:
        return found, (_NOT_FETCHED,) if asks else ()
    made = made_of(asks, means.outside, change.site, question.base or question.head)
    if not made.placed:
        return found, made.unread
    there = question_of(question, link.name, fleet, replace(mount, artifacts=made.placed))
    return drive(there, means.answering, _unheard), made.unread


def _unheard(_done: int, _asked: int) -> None:
    """Nobody watches how far a review is."""


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
    said = publication(examination.review, setting)
    if not change.number or said.is_irrelevant:
        return said
    name = "/".join(change.site.rstrip("/").split("/")[-2:])
    heading = Heading(name, change.number, setting.places, change.base)
    view = viewed(examination.review, examination.cases, examination.before)
    return replace(said, page=packed(page_data(view, heading)))


def _reads(change: Change, question: Question, means: _Means, own: Examination) -> Reads:
    """The repositories that the merge base's clusters read, by Git and by OCI artifacts that are made of them."""
    if not change.site or question.base is None:
        return Reads(is_all=False)
    named, artifacts = neighbours(question.base, change.site), read_by(own.before.values())
    return reads(named, artifacts, means.outside, change.site)


def _places(change: Change, question: Question) -> Places:
    return Places(change.site, change.head, question.head.files)


def _question(change: Change, tools: Tools) -> Question:
    """The configuration comes from the merge base: a pull request cannot weaken its own review."""
    base, head = tools.snapshot(change.folder, change.base), tools.snapshot(change.folder, change.head)
    config = _read(base, change)
    fetches = tools.outside(change, config) is not None
    return Question(head, base, config, change.today, fetches=fetches, branch=change.branch)


def _read(snapshot: Snapshot, change: Change) -> Config:
    """The configuration in a tree, over that of its organisation."""
    rules = {rule.id for rule in RULES}
    found = find_config(snapshot)
    own = read_config(*found, rules=rules, today=change.today) if found else Config()
    if change.defaults:
        own = own.over(read_config(*change.defaults, rules=rules, today=change.today))
    return replace(own, accepted=change.accepted)
