"""A review as workflow commands: GitHub Actions shows each beside the line that it names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from bot.model.config import ConfigProblem
from bot.model.finding import Finding, Severity
from bot.model.review import Review
from bot.report.escape import command_data, command_property, logged
from bot.report.tally import Tally


def render_github(review: Review, *, seconds: float) -> str:
    """One command a line, then the summary as plain text, which a runner only shows."""
    tally = Tally.of(review)
    return "\n".join((*_commands(review, tally), logged(tally.sentence(seconds)))) + "\n"


def _commands(review: Review, tally: Tally) -> Iterator[str]:
    for crash in review.crashed:
        message = f"The rule {crash.rule} failed, its findings are missing: {crash.error}"
        yield f"::error title=fluxbot::{command_data(message)}"
    yield from map(_problem, review.problems)
    yield from map(_finding, tally.shown)


def _problem(problem: ConfigProblem) -> str:
    place = f"file={command_property(problem.path)},line={problem.line}"
    return f"::warning {place},title=fluxbot configuration::{command_data(problem.message)}"


def _finding(finding: Finding) -> str:
    at = finding.at
    place = f"file={command_property(at.path)},line={at.line},endLine={at.end_line}"
    chain = (f"{related.at}: {related.message}" for related in finding.related)
    text = "\n".join(filter(None, (finding.message, finding.predicted, *chain, finding.advice)))
    return f"::{_command(finding.severity)} {place},title={command_property(finding.rule)}::{command_data(text)}"


def _command(severity: Severity) -> str:
    match severity:
        case Severity.ERROR:
            return "error"
        case Severity.WARNING:
            return "warning"
        case Severity.NOTE | Severity.OFF:
            return "notice"
        case _:
            assert_never(severity)
