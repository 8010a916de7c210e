"""A review for a terminal or a log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import TextWrapper
from typing import Final

from bot.model.finding import Severity
from bot.model.fix import Fix
from bot.model.review import ClusterSummary, Review
from bot.report.escape import block, logged, terminal
from bot.report.fixes import fix_lines
from bot.report.tally import Tally, about_cluster, gaps
from bot.review.alike import Alike, alike
from bot.review.words import circumstances, counted

NARROWEST: Final = 40
FIRST_GAPS: Final = 3

_STYLES: Final = {
    Severity.ERROR: "1;31",
    Severity.WARNING: "1;33",
    Severity.NOTE: "1;36",
    Severity.OFF: "2",
}
_BOLD: Final = "1"
_FAINT: Final = "2"


@dataclass(frozen=True, slots=True)
class Page:
    """How lines are set: ``width`` in characters (a longer word stands alone), colour only where it is wanted."""

    colour: bool
    width: int

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.colour else text

    def wrapped(self, text: str, first: str = "  ", rest: str = "  ") -> list[str]:
        """Lines of ``text`` behind an indent; paths and names are never broken, so that they can be copied."""
        wrapper = TextWrapper(
            width=max(self.width, NARROWEST),
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return wrapper.wrap(terminal(text))


def render_text(review: Review, *, seconds: float, colour: bool, width: int) -> str:
    """The review as plain lines, one where there is nothing to say; ``seconds`` is how long it took."""
    page = Page(colour, width)
    tally = Tally.of(review)
    if tally.silent:
        return logged(tally.sentence(seconds)) + "\n"
    parts = (
        _problems(review, page),
        *(_finding(group, page) for group in alike(tally.shown)),
        _clusters(review.clusters, page),
        _gaps(review.clusters, page),
        [tally.sentence(seconds)],
    )
    return logged("\n\n".join("\n".join(part) for part in map(list, parts) if part)) + "\n"


def _problems(review: Review, page: Page) -> list[str]:
    crashed = [
        line
        for crash in review.crashed
        for line in page.wrapped(f"the rule {crash.rule} failed, its findings are missing: {crash.error}", "", "  ")
    ]
    problems = [line for problem in review.problems for line in page.wrapped(str(problem), "", "  ")]
    return [*crashed, *problems]


def _finding(group: Alike, page: Page) -> list[str]:
    finding = group.first
    severity = page.paint(finding.severity.value, _STYLES[finding.severity])
    place = page.paint(terminal(str(finding.at)), _BOLD)
    return [f"{severity} {terminal(finding.rule)}  {place}", *_body(group, page)]


def _body(group: Alike, page: Page) -> Iterator[str]:
    finding = group.first
    yield from page.wrapped(finding.message)
    if group.others:
        yield from page.wrapped(group.likewise)
    if finding.predicted:
        yield "  Flux will print:"
        yield from (f"    {line}" for line in block(finding.predicted))
    for related in finding.related:
        yield from page.wrapped(f"{related.at}: {related.message}", "  - ", "    ")
    if finding.advice:
        yield from page.wrapped(finding.advice, "  To do: ", "    ")
    if finding.fix and group.fixed_with:
        yield from page.wrapped(f"that of {group.fixed_with} mends this, too.", "  Fix: ", "    ")
    elif finding.fix:
        yield from _fix(finding.fix, page)
    facts = page.wrapped(f"{circumstances(finding)} · {finding.id}")
    yield from (page.paint(line, _FAINT) for line in facts)


def _fix(fix: Fix, page: Page) -> Iterator[str]:
    said, *changes = fix_lines(fix)
    yield from page.wrapped(said, "  Fix: ", "    ")
    yield from (f"    {line}" for line in changes)


def _clusters(clusters: Iterable[ClusterSummary], page: Page) -> list[str]:
    return [
        line
        for cluster in clusters
        for line in page.wrapped(f"{cluster.root or '.'}: {about_cluster(cluster)}", "", "  ")
    ]


def _gaps(clusters: Iterable[ClusterSummary], page: Page) -> list[str]:
    """What was not looked at: a count and the first few, because "not looked at" is not "clean"."""
    found = gaps(clusters)
    if not found:
        return []
    first = [line for gap in found[:FIRST_GAPS] for line in page.wrapped(f"{gap.about}: {gap.why}", "  - ", "    ")]
    more = [f"  - and {len(found) - FIRST_GAPS:,} more"] if len(found) > FIRST_GAPS else []
    return [f"Not looked at: {counted(len(found), 'object')}", *first, *more]
