"""How facts are put into words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from bot.model.finding import Finding, Outcome, When
from bot.model.quote import code

__all__ = ["circumstances", "code", "counted", "fate", "listed", "stage"]


def counted(number: int, noun: str) -> str:
    """``1 finding``, ``2 findings``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(parts: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = tuple(parts) or ("",)
    return f"{', '.join(first)} and {last}" if first else last


def fate(outcome: Outcome) -> str:
    """What becomes of the object, as the end of a sentence."""
    match outcome:
        case Outcome.DEADLOCK:
            return "never becomes ready"
        case Outcome.TERMINAL:
            return "fails and is not tried again"
        case Outcome.LATE:
            return "becomes ready only by a retry"
        case Outcome.SILENT:
            return "goes wrong without an error"
        case Outcome.DESTRUCTIVE:
            return "deletes what lives"
        case Outcome.STYLE:
            return "works, and could be simpler"
        case _:
            assert_never(outcome)


def stage(when: When) -> str:
    """The cluster that a finding speaks of."""
    match when:
        case When.FRESH:
            return "fresh cluster"
        case When.RUNNING:
            return "running cluster"
        case _:
            assert_never(when)


def circumstances(finding: Finding) -> str:
    """On which clusters what happens, how sure that is, and where; parts joined by ``·``."""
    # Of what a limit keeps from being judged nobody says what becomes.
    becomes = "not judged" if finding.limit else fate(finding.outcome)
    happens = f"{listed(stage(when) for when in finding.when)}: {becomes}"
    parts = (happens if finding.when else becomes, finding.confidence.value)
    return " · ".join((*parts, *map(code, finding.clusters)))
