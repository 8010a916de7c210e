"""A review as a check run with its annotations and comment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, assert_never

from bot.model.finding import Finding, Severity
from bot.model.publication import Annotation, Ending, Level, Publication
from bot.model.review import Conclusion, Review
from bot.report.escape import block, terminal
from bot.report.markdown import render_markdown
from bot.report.tally import Tally
from bot.review.words import counted

MARKER: Final = "<!-- fluxbot:review -->"
"""The first line of the comment, by which it is found again."""

WELL: Final = f"{MARKER}\n**fluxbot**: all is well again; the check run tells what was looked at."
"""What becomes of a comment that has nothing to say any more."""

MOST_ANNOTATIONS: Final = 500
MOST_SUMMARY: Final = 65_000
MOST_COMMENT: Final = 60_000


def publication(review: Review, comment: str) -> Publication:
    """What GitHub is to show. ``comment`` is ``auto``, ``never`` or ``always``, as configured.

    A comment is worth a notification where there is an error or a warning, or
    where a rule broke. Notes and what could not be looked at stand in the
    check run.
    """
    tally = Tally.of(review)
    loud = bool(review.crashed) or any(finding.severity.rank > Severity.NOTE.rank for finding in tally.shown)
    annotations = tuple(_annotations(review, tally))
    summary = render_markdown(review, limit=MOST_SUMMARY)
    if len(annotations) > MOST_ANNOTATIONS:
        summary += f"\n{counted(len(annotations) - MOST_ANNOTATIONS, 'place')} not marked: there are too many."
    says = comment == "always" or (comment == "auto" and loud)
    return Publication(
        ending=_ending(review.conclusion),
        title=_title(review, tally),
        summary=summary,
        annotations=annotations[:MOST_ANNOTATIONS],
        comment=f"{MARKER}\n{render_markdown(review, limit=MOST_COMMENT)}".rstrip("\n") if says else "",
    )


def _title(review: Review, tally: Tally) -> str:
    if review.crashed:
        return f"{counted(len(review.crashed), 'rule')} failed: {tally.findings}"
    if not review.clusters:
        return "No Flux cluster found"
    return f"{tally.findings[0].upper()}{tally.findings[1:]} in {counted(len(review.clusters), 'cluster')}"


def _ending(conclusion: Conclusion) -> Ending:
    """A decision that nothing can be said satisfies a required check, so it is told as a success."""
    match conclusion:
        case Conclusion.FAILURE:
            return Ending.FAILURE
        case Conclusion.SUCCESS | Conclusion.NEUTRAL:
            return Ending.SUCCESS
        case _:
            assert_never(conclusion)


def _annotations(review: Review, tally: Tally) -> Iterator[Annotation]:
    for problem in review.problems:
        message = "\n".join(block(problem.message))
        yield Annotation(problem.path, problem.line, problem.line, Level.WARNING, "fluxbot configuration", message)
    yield from map(_annotation, tally.shown)


def _annotation(finding: Finding) -> Annotation:
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
