"""Which findings are worth a fix, and a review with those that were made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.engine import Examination, Question
from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Severity
from bot.model.snapshot import Snapshot

Wanted = Callable[[Finding], bool]


@dataclass(frozen=True, slots=True)
class Offer:
    """A review with its fixes. ``whole`` is the tree with all that were found to be safe; it was played as a whole."""

    examination: Examination
    whole: Snapshot


def is_new(question: Question) -> Wanted:
    """Which findings are worth a fix unasked: those that a change brings."""
    return lambda finding: finding.new and question.base is not None and not _is_doubtful(finding)


def asked(ids: frozenset[str]) -> Wanted:
    """The findings that somebody asked for by id; without ids all that are worth a change that nobody asked for.

    A guess may be wrong. What may be late without harm is no reason for an
    order that holds updates back, and a deletion that is only noted is normal
    work.
    """
    return lambda finding: finding.id in ids if ids else not _is_doubtful(finding)


def _is_doubtful(finding: Finding) -> bool:
    late = finding.outcome is Outcome.LATE and finding.missing is not None
    fine = finding.severity is Severity.NOTE and (late or finding.outcome is Outcome.DESTRUCTIVE)
    return fine or finding.confidence is Confidence.GUESS


def worth_a_fix(examination: Examination, wanted: Wanted) -> Sequence[Finding]:
    """The findings that are to get a fix."""
    return [one for one in examination.review.findings if wanted(one) and one.ignored is None]
