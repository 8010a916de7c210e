"""A review in one line: the title of the check run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, assert_never

from bot.model.finding import Finding, Outcome, Severity
from bot.model.review import Review
from bot.report.tally import Tally
from bot.review.words import counted

MOST_CLUSTERS: Final = 4
"""Clusters that the title names; the others are counted."""


def headline(review: Review, tally: Tally) -> str:
    """``1 deadlock, 2 races · production, staging``: plain text, not yet shortened."""
    if review.crashed:
        return f"{counted(len(review.crashed), 'rule')} failed: {tally.findings}"
    if not review.clusters:
        return "No Flux cluster found"
    roots = {root for finding in tally.shown for root in finding.clusters} or {one.root for one in review.clusters}
    return f"{what(tally.shown)} · {', '.join(_named(sorted(roots), review))}"


def what(findings: Iterable[Finding]) -> str:
    """``1 deadlock, 2 races, 1 note``; of notes only their number is of interest."""
    shown = tuple(findings)
    loud = [finding for finding in shown if finding.severity.rank > Severity.NOTE.rank]
    numbers = {outcome: sum(finding.outcome is outcome for finding in loud) for outcome in Outcome}
    parts = [counted(number, noun(outcome)) for outcome, number in numbers.items() if number]
    notes = len(shown) - len(loud)
    parts += [counted(notes, "note")] if notes else []
    return ", ".join(parts) or "Nothing found"


def noun(outcome: Outcome) -> str:
    """What one finding of that outcome is called."""
    match outcome:
        case Outcome.DEADLOCK:
            return "deadlock"
        case Outcome.TERMINAL:
            return "dead end"
        case Outcome.LATE:
            return "race"
        case Outcome.SILENT:
            return "silent fault"
        case Outcome.DESTRUCTIVE:
            return "deletion"
        case Outcome.STYLE:
            return "remark"
        case _:
            assert_never(outcome)


def _named(roots: list[str], review: Review) -> Iterable[str]:
    """The last part of each root where no two clusters share it, else the whole."""
    ends = [one.root.rpartition("/")[2] for one in review.clusters]
    for root in roots[:MOST_CLUSTERS]:
        end = root.rpartition("/")[2]
        yield (end if ends.count(end) <= 1 else root) or "."
    if len(roots) > MOST_CLUSTERS:
        yield f"{len(roots) - MOST_CLUSTERS:,} more"
