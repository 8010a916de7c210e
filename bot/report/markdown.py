"""A review as Markdown, for check runs, comments and job summaries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from bot.model.config import ConfigProblem
from bot.model.ref import Ref
from bot.model.review import ClusterSummary, Crashed, Review
from bot.report.escape import cell, fence, logged, plain, prose
from bot.report.fixes import fix_markdown, same_fix
from bot.report.tally import Tally, fresh, gaps
from bot.review.alike import Alike, alike
from bot.review.words import circumstances, code, counted

MOST_LINES: Final = 20
"""Rows of a table or items of a list beside the findings; the others are counted."""

MOST_REASONS: Final = 2
"""Reasons why one object was not looked at that are told; the others are counted."""

_FRAME_SHARE: Final = 8
"""No part beside the findings takes more than this fraction of the room, so that half of it is left for them."""


def render_markdown(review: Review, *, limit: int | None = None) -> str:
    """The whole review, ending in a newline.

    ``limit`` is the most bytes of UTF-8 it may have, at least 2,000 (GitHub
    takes 65,535 in a check run's summary); what does not fit is left out
    whole and said to be, never cut in two.
    """
    tally = Tally.of(review)
    if tally.silent:
        return logged(prose(tally.sentence())) + "\n"
    before = [bounded(part, limit) for part in (*notices(review), *_clusters(review.clusters))]
    after = [bounded(part, limit) for part in (*gaps_markdown(review.clusters), *_ignored(tally))]
    title = f"## fluxbot: {tally.findings}"
    used = sum(map(size, (title, *before, *after)))
    findings = fitting(
        [finding_markdown(group) for group in alike(tally.shown)], None if limit is None else limit - used
    )
    return "\n\n".join((title, *before, *findings, *after)) + "\n"


def finding_markdown(group: Alike) -> str:
    """One finding: what happens, why, what to do; and for what else that holds. Without a newline at its end."""
    finding = group.first
    parts = [f"### {finding.severity.value}: {prose(finding.rule)} at {code(finding.at)}", prose(finding.message)]
    if group.others:
        parts += [prose(group.likewise)]
    if finding.predicted:
        parts += ["Flux will print:", fence(finding.predicted)]
    if finding.related:
        parts += ["Why:", "\n".join(f"- {code(related.at)}: {prose(related.message)}" for related in finding.related)]
    if finding.advice:
        parts += [f"**To do:** {prose(finding.advice)}"]
    if finding.fix:
        parts += [same_fix(finding.fix, group.fixed_with)] if group.fixed_with else fix_markdown(finding.fix)
    parts += [f"{prose(circumstances(finding))} · {code(finding.id)}"]
    return logged("\n\n".join(parts))


def notices(review: Review) -> Iterator[str]:
    """What is wrong with the run itself: rules that failed, the configuration."""
    if review.crashed:
        yield "\n".join(capped([_crash(crash) for crash in review.crashed]))
    if review.problems:
        lines = capped([_problem(problem) for problem in review.problems])
        yield "\n".join(("The configuration has mistakes; the rest of it counts:", "", *lines))


def _crash(crash: Crashed) -> str:
    return f"- The rule {code(crash.rule)} failed, its findings are missing: {prose(crash.error)}"


def _problem(problem: ConfigProblem) -> str:
    return f"- {code(f'{problem.path}:{problem.line}')}: {prose(problem.message)}"


def _clusters(clusters: Iterable[ClusterSummary]) -> Iterator[str]:
    rows = [_row(cluster) for cluster in clusters]
    if rows:
        head = ("| Cluster | Flux | Kustomizations | HelmReleases | Fresh cluster |", "|---|---|---:|---:|---|")
        more = [f"| and {len(rows) - MOST_LINES:,} more | | | | |"] if len(rows) > MOST_LINES else []
        yield "\n".join((*head, *rows[:MOST_LINES], *more))


def _row(cluster: ClusterSummary) -> str:
    flux = plain(cluster.flux) if cluster.flux else "unknown"
    cells = (code(cluster.root or "."), flux, f"{cluster.kustomizations:,}", f"{cluster.releases:,}", fresh((cluster,)))
    return f"| {' | '.join(map(cell, cells))} |"


def gaps_markdown(clusters: Iterable[ClusterSummary]) -> Iterator[str]:
    """What was not looked at, folded."""
    found: dict[Ref, list[str]] = {}
    for gap in gaps(clusters):
        found.setdefault(gap.about, []).append(gap.why)
    if found:
        title = f"<details><summary>Not looked at: {counted(len(found), 'object')}</summary>"
        lines = capped([f"- {code(about)}: {_reasons(whys)}" for about, whys in found.items()])
        yield "\n".join((title, "", *lines, "", "</details>"))


def _reasons(whys: list[str]) -> str:
    """The first reasons; one Kustomization may name dozens of files elsewhere."""
    more = len(whys) - MOST_REASONS
    shown = "; ".join(map(prose, whys[:MOST_REASONS]))
    return f"{shown}; and {more:,} more" if more > 0 else shown


def _ignored(tally: Tally) -> Iterator[str]:
    if tally.ignored:
        yield f"{counted(tally.ignored, 'further finding')} ignored, as the configuration says."


def capped(lines: list[str]) -> list[str]:
    more = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], f"- and {more:,} more"] if more > 0 else lines


def bounded(part: str, limit: int | None) -> str:
    """The part, or a line in its place where it would crowd out the findings."""
    part = logged(part)
    if limit is None or size(part) <= limit // _FRAME_SHARE:
        return part
    return f"({counted(part.count(chr(10)) + 1, 'line')} not shown here: there is no room.)"


def fitting(sections: list[str], room: int | None) -> list[str]:
    """The first sections that fit into ``room`` bytes together, and a line that counts the others."""
    if room is None or sum(map(size, sections)) <= room:
        return sections
    room -= size(_left_out(len(sections)))
    kept = 0
    while (room := room - size(sections[kept])) >= 0:
        kept += 1
    return [*sections[:kept], _left_out(len(sections) - kept)]


def _left_out(number: int) -> str:
    return f"{counted(number, 'finding')} not shown here: there is no room."


def size(text: str) -> int:
    """Bytes with the blank line that follows."""
    return len(text.encode()) + 2
