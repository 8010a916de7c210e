"""The comment that sums a review up, below the pull request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.model.finding import Severity
from bot.model.review import Review
from bot.report.escape import logged, plain, prose
from bot.report.headline import headline, noun
from bot.report.places import Places
from bot.report.tally import Tally
from bot.review.alike import Alike, alike
from bot.review.words import code, counted

MARKER: Final = "<!-- fluxbot:review -->"
"""The first line of the comment, by which it is found again."""

WELL: Final = f"{MARKER}\n**fluxbot**: all is well again; the check run tells what was looked at."
"""What becomes of a comment that has nothing to say any more."""

MOST_NAMED: Final = 10
"""Findings that the comment names; the check run has all."""

MOST: Final = 60_000
"""Characters; GitHub takes 65,536."""


def notice(review: Review, places: Places, picture: str) -> str:
    """The marker, the title, one line for each error and warning, and the picture where there is one."""
    tally = Tally.of(review)
    groups = [group for group in alike(tally.shown) if group.first.severity.rank > Severity.NOTE.rank]
    lines = [*_crashes(review), *(_line(group, places) for group in groups[:MOST_NAMED])]
    if len(groups) > MOST_NAMED:
        lines += [f"- and {counted(len(groups) - MOST_NAMED, 'more finding')} in the check run"]
    parts = [f"**fluxbot: {plain(headline(review, tally))}**", "\n".join(lines)]
    text = logged("\n\n".join(part for part in (f"{MARKER}\n{parts[0]}", *parts[1:]) if part))
    drawn = f"{text}\n\n```mermaid\n{picture.rstrip(chr(10))}\n```" if picture else text
    return drawn if len(drawn) <= MOST else text[:MOST]


def _crashes(review: Review) -> Iterator[str]:
    for crash in review.crashed[:MOST_NAMED]:
        yield f"- The rule {code(crash.rule)} failed, its findings are missing."


def _line(group: Alike, places: Places) -> str:
    first = group.first
    more = f" {prose(group.likewise)}" if group.others else ""
    told = f"- **{noun(first.outcome)}** ({code(first.rule)}) at {code(first.at)}: {prose(_short(first.message))}{more}"
    return places.linked(told)


def _short(message: str) -> str:
    """The first clause: the whole stands on the line and in the check run."""
    head, semicolon, _ = message.partition("; ")
    return f"{head} …" if semicolon and head.count("`") % 2 == 0 else message
