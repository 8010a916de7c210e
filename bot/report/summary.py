"""The check run's summary: what happens on merge first, then why, then all the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from bot.model.finding import Finding
from bot.model.ref import Ref
from bot.model.review import ClusterSummary, Conclusion, CrdChange, Effect, Review
from bot.report.escape import cell, logged, plain, prose
from bot.report.headline import noun, what
from bot.report.markdown import bounded, capped, finding_markdown, fitting, gaps_markdown, notices, size
from bot.report.places import Places
from bot.report.tally import Tally, fresh
from bot.review.alike import alike
from bot.review.course import moved
from bot.review.words import code, counted, listed

MOST_SUMMARY: Final = 65_000
"""Bytes; GitHub takes 65,535 characters."""

MOST_NAMED: Final = 10
"""Objects of one list that are named; the others are counted."""


def render_summary(review: Review, places: Places, asides: Iterable[str] = ()) -> str:
    """The whole as Markdown, ending in a newline. What does not fit is left out whole and said to be."""
    tally = Tally.of(review)
    further = [part for part in asides if part]
    if is_irrelevant(review, tally) and not further:
        return logged(_irrelevant(review)) + "\n"
    before = [_lead(review, tally), *notices(review), *further, *_effects(review.clusters)]
    after = [*_moved(review.clusters), *_ignored(review.findings), *gaps_markdown(review.clusters)]
    before, after = ([bounded(places.linked(part), MOST_SUMMARY) for part in some] for some in (before, after))
    findings = [places.linked(finding_markdown(group)) for group in alike(tally.shown)]
    room = MOST_SUMMARY - sum(map(size, (*before, *after)))
    return "\n\n".join((*before, *fitting(findings, room), *after)) + "\n"


def is_irrelevant(review: Review, tally: Tally) -> bool:
    """Whether the change reaches no cluster at all, so that one line says it."""
    if tally.shown or tally.ignored or review.problems or review.crashed or review.conclusion is Conclusion.FAILURE:
        return False
    return all(one.effect is not None and one.effect.is_empty for one in review.clusters)


def _irrelevant(review: Review) -> str:
    if not review.clusters:
        return "There is no Flux cluster in this repository, so nothing was judged."
    elsewhere = [f"{code(one.root or '.')} follows {prose(one.follows)}" for one in review.clusters if one.follows]
    if len(elsewhere) == len(review.clusters):
        return f"No cluster follows the branch that this goes to: {listed(elsewhere[:MOST_NAMED])}."
    roots = listed(code(one.root or ".") for one in review.clusters[:MOST_NAMED])
    more = len(review.clusters) - MOST_NAMED
    return f"Nothing changes of what Flux applies in {roots}{f' and {more:,} more' if more > 0 else ''}."


def _lead(review: Review, tally: Tally) -> str:
    """What the check says, in one or two sentences."""
    verdict = "This fails the check" if review.conclusion is Conclusion.FAILURE else "This passes"
    stuck = sum(one.stuck - one.stuck_before for one in review.clusters)
    late = sum(one.late - one.late_before for one in review.clusters)
    comes = [f"{counted(stuck, 'more Kustomization')} never {_become(stuck)} ready"] if stuck > 0 else []
    again = "" if stuck > 0 else f" {_become(late)} ready"
    comes += [f"{counted(late, 'more Kustomization')}{again} only by a retry"] if late > 0 else []
    fate = f" On a fresh cluster {listed(comes)}." if comes else ""
    if not review.clusters:
        return "There is no Flux cluster in this repository."
    return f"**{verdict}:** {_lowered(what(tally.shown))}.{fate}"


def _become(number: int) -> str:
    return "becomes" if number == 1 else "become"


def _lowered(text: str) -> str:
    return text[0].lower() + text[1:]


def _effects(clusters: Iterable[ClusterSummary]) -> Iterator[str]:
    """What the merge does in each cluster: one table, and the names below it."""
    some = [(one, one.effect) for one in clusters if one.effect is not None]
    told = [(one, effect) for one, effect in some if not effect.is_empty or one.stuck or one.late]
    if not some:
        return
    if not told:
        yield "Nothing changes of what Flux applies."
        return
    head = (
        "| On merge | Created | Changed | Deleted | Upgraded | Then a fresh cluster has |",
        "|---|---:|---:|---:|---|---|",
    )
    yield "\n".join((*head, *(_row(one, effect) for one, effect in told[: 2 * MOST_NAMED])))
    if len(told) > 2 * MOST_NAMED:
        yield f"and {counted(len(told) - 2 * MOST_NAMED, 'more cluster')}."
    named = [line for one, effect in told[:MOST_NAMED] for line in _named(one, effect, alone=len(told) == 1)]
    if named:
        yield "\n".join(("<details><summary>Which objects</summary>", "", *named, "", "</details>"))


def _row(one: ClusterSummary, effect: Effect) -> str:
    upgrades = ", ".join(
        f"{code(up.release.name)} {plain(up.before) or '?'} → {plain(up.after) or '?'}" for up in effect.upgraded[:3]
    )
    upgrades += f" and {len(effect.upgraded) - 3:,} more" if len(effect.upgraded) > 3 else ""  # noqa: PLR2004 - as above
    numbers = (len(effect.created), len(effect.changed), len(effect.deleted))
    root = code(one.root or ".") + (" (new)" if effect.is_new else "")
    cells = (root, *(f"{number:,}" for number in numbers), upgrades or "–", fresh((one,)))
    return f"| {' | '.join(map(cell, cells))} |"


def _named(one: ClusterSummary, effect: Effect, *, alone: bool) -> Iterator[str]:
    where = "" if alone else f"{code(one.root or '.')}: "
    lists = {"created": effect.created, "changed": effect.changed, "deleted": effect.deleted}
    for word, refs in lists.items():
        if refs:
            yield f"- {where}{word}: {_refs(refs)}"
    for change in effect.crds[:MOST_NAMED]:
        yield f"- {where}CRDs of {code(change.release)}: {_crd(change)}"


def _crd(change: CrdChange) -> str:
    what, users = code(change.what), change.used
    who = f" ({code(users[0])}{f' and {len(users) - 1:,} more' if len(users) > 1 else ''})" if users else ""
    if change.is_new or change.is_gone:
        return f"{what} {'is new' if change.is_new else f'comes with it no longer{who}'}"
    parts = [f"also in {listed(map(code, change.more))}"] if change.more else []
    parts += [f"no longer in {listed(map(code, change.less))}{who}"] if change.less else []
    return f"{what} is served {' and '.join(parts)}"


def _refs(refs: tuple[Ref, ...]) -> str:
    more = len(refs) - MOST_NAMED
    return ", ".join(map(code, refs[:MOST_NAMED])) + (f" and {more:,} more" if more > 0 else "")


def _moved(clusters: Iterable[ClusterSummary]) -> Iterator[str]:
    """The order in waves, before → after, of those that it changed for."""
    rows: list[str] = []
    for one in clusters:
        if one.waves_before is None:
            continue
        for ref, before, after in moved(one.waves_before, one.waves):
            gone = "removed" if one.effect and ref in one.effect.deleted else "never"
            cells = (code(one.root or "."), code(ref), str(before or "–"), str(after or gone))
            rows.append(f"| {' | '.join(map(cell, cells))} |")
    if rows:
        more = [f"| and {len(rows) - 2 * MOST_NAMED:,} more | | | |"] if len(rows) > 2 * MOST_NAMED else []
        head = ("| Order on a fresh cluster | Kustomization | Wave before | Wave after |", "|---|---|---:|---:|")
        yield "\n".join((*head, *rows[: 2 * MOST_NAMED], *more))


def _ignored(findings: Iterable[Finding]) -> Iterator[str]:
    """What somebody accepted, who and why."""
    lines = [
        f"- {noun(one.outcome)} {code(one.id)} ({code(one.rule)}) at {code(one.at)}: {prose(one.ignored)}"
        for one in findings
        if one.ignored is not None
    ]
    if lines:
        yield "\n".join(("Ignored:", "", *capped(lines)))
