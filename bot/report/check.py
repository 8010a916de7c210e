"""A review as a check run, with what is said on lines and below the pull request."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, assert_never

from bot.config import PLACES
from bot.model.finding import Finding, Severity
from bot.model.fix import Safety
from bot.model.publication import Annotation, Ending, Level, Line, Publication, Remark
from bot.model.review import Conclusion, Review
from bot.report.escape import block, terminal
from bot.report.fixes import suggestion_markdown
from bot.report.headline import headline
from bot.report.notice import notice
from bot.report.places import NOWHERE, Places
from bot.report.remark import remark_body
from bot.report.summary import is_irrelevant, render_summary
from bot.report.tally import Tally
from bot.review.alike import Alike, alike
from bot.review.words import counted

MOST_ANNOTATIONS: Final = 500
MOST_REMARKS: Final = 30
"""Comments on lines in one review; what is beyond is annotated. More nobody reads."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a review is to be shown.

    ``comment`` is ``auto``, ``never`` or ``always``, as configured.
    ``picture`` is Mermaid or empty. ``asides`` are further parts of the
    summary, as Markdown.
    """

    comment: str = "auto"
    places: Places = NOWHERE
    picture: str = ""
    asides: tuple[str, ...] = ()


def publication(review: Review, setting: Setting) -> Publication:
    """What GitHub is to show.

    Errors and warnings are worth a comment on their line, and one below the
    pull request that sums them up. Notes and what could not be looked at stand
    in the check run.
    """
    tally = Tally.of(review)
    groups = _remarkable(tally) if setting.comment != "never" else ()
    annotations = tuple(_annotations(review, tally, frozenset(_said_by(groups)), setting.places))
    asides = setting.asides
    if len(annotations) > MOST_ANNOTATIONS:
        asides += (f"{counted(len(annotations) - MOST_ANNOTATIONS, 'place')} not marked: there are too many.",)
    loud = bool(review.crashed) or any(finding.severity.rank > Severity.NOTE.rank for finding in tally.shown)
    says = setting.comment == "always" or (setting.comment == "auto" and loud)
    return Publication(
        ending=_ending(review.conclusion),
        title=terminal(headline(review, tally)),
        summary=render_summary(review, setting.places, asides),
        annotations=annotations[:MOST_ANNOTATIONS],
        comment=notice(review, setting.places, setting.picture) if says else "",
        remarks=tuple(_remark(group, setting) for group in groups),
        standing=frozenset(finding.fingerprint for finding in tally.shown),
        digest=_digest(review),
        rules=tuple((finding.rule, finding.severity.value) for finding in tally.shown),
        is_irrelevant=is_irrelevant(review, tally),
        is_fixable=any(one.fix is not None and one.fix.safety is Safety.SAFE for one in tally.shown),
    )


def _digest(review: Review) -> str:
    said = sorted(f"{one.fingerprint} {one.severity} {one.ignored is not None}" for one in review.findings)
    return hashlib.sha256("\n".join((review.conclusion, *said)).encode()).hexdigest()[:32]


def _ending(conclusion: Conclusion) -> Ending:
    """A decision that nothing can be said satisfies a required check, so it is told as a success."""
    match conclusion:
        case Conclusion.FAILURE:
            return Ending.FAILURE
        case Conclusion.SUCCESS | Conclusion.NEUTRAL:
            return Ending.SUCCESS
        case _:
            assert_never(conclusion)


def _remarkable(tally: Tally) -> tuple[Alike, ...]:
    """The errors and warnings that get a comment each."""
    return alike(one for one in tally.shown if one.severity.rank > Severity.NOTE.rank)[:MOST_REMARKS]


def _said_by(groups: Iterable[Alike]) -> Iterator[str]:
    """The findings that a comment says whole: the first of each group, and those on the same line."""
    for group in groups:
        yield from (one.fingerprint for one in (group.first, *group.others) if one.at == group.first.at)


def _remark(group: Alike, setting: Setting) -> Remark:
    first = group.first
    spans = (first.at, *(one.at for one in first.related))
    return Remark(
        keys=tuple(one.fingerprint for one in (first, *group.others)),
        body=remark_body(group, setting.places),
        annotation=annotation(first),
        places=tuple((at.path, at.line, at.end_line) for at in spans),
        is_elsewhere=setting.places.is_elsewhere(first.at.path),
        suggested=_suggested(group, setting.places),
    )


def _suggested(group: Alike, places: Places) -> Line | None:
    """The comment on the lines that its fix replaces, where GitHub can show those exactly and the fix is safe."""
    fix = group.first.fix
    if fix is None or group.fixed_with or fix.safety is not Safety.SAFE or fix.suggestion is None:
        return None
    change = fix.suggestion
    if suggestion_markdown(change) is None:
        return None
    return Line(change.path, change.line, change.end_line, remark_body(group, places, suggested=True))


def _annotations(review: Review, tally: Tally, remarked: frozenset[str], here: Places) -> Iterator[Annotation]:
    for problem in review.problems:
        if problem.path not in PLACES:
            continue  # that of the organisation lies in another repository
        message = "\n".join(block(problem.message))
        yield Annotation(problem.path, problem.line, problem.line, Level.WARNING, "fluxbot configuration", message)
    for finding in tally.shown:
        if finding.fingerprint not in remarked and not here.is_elsewhere(finding.at.path):
            yield annotation(finding)


def annotation(finding: Finding) -> Annotation:
    """A finding as plain text beside its lines."""
    parts = [terminal(finding.message)]
    if finding.predicted:
        parts += ["Flux will print:", *block(finding.predicted)]
    parts += [terminal(f"{related.at}: {related.message}") for related in finding.related]
    parts += [f"To do: {terminal(finding.advice)}"] if finding.advice else []
    title = f"{finding.rule} ({finding.id})"
    return Annotation(
        finding.at.path, finding.at.line, finding.at.end_line, _level(finding.severity), title, "\n".join(parts)
    )


def _level(severity: Severity) -> Level:
    match severity:
        case Severity.ERROR:
            return Level.FAILURE
        case Severity.WARNING:
            return Level.WARNING
        case Severity.NOTE | Severity.OFF:
            return Level.NOTICE
        case _:
            assert_never(severity)
