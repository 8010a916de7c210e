"""The fixes of a review, put together as one change that can be committed."""

from __future__ import annotations

from collections.abc import Iterator

from bot.fixes.patch import changed, diff
from bot.model.finding import Finding, Severity
from bot.model.fix import Safety
from bot.model.publication import Mended
from bot.model.snapshot import Snapshot
from bot.report.mending import rest_markdown
from bot.wanted import Offer


def mended(head: Snapshot, offer: Offer, ids: frozenset[str]) -> Mended:
    """All safe fixes of the findings with these ids, or of all that the change brings."""
    findings = offer.examination.review.findings
    meant = [one for one in findings if _is_meant(one, ids)]
    safe = [one for one in meant if one.fix and one.fix.safety is Safety.SAFE]
    after = offer.whole if safe else head
    return Mended(
        titles=tuple(_titles(safe)),
        files=tuple((path, after.data(path) if path in after.files else None) for path in changed(head, after)),
        patch=diff(head, after),
        rest=rest_markdown([one for one in meant if one not in safe], sorted(ids - {one.id for one in findings})),
    )


def _titles(safe: list[Finding]) -> Iterator[str]:
    """What each change does, with the ids of all findings that it mends."""
    groups: dict[str, list[Finding]] = {}
    for one in safe:
        groups.setdefault(one.fix.patch if one.fix else "", []).append(one)
    for first, *others in groups.values():
        ids = ", ".join(one.id for one in (first, *others))
        rules = ", ".join(dict.fromkeys(one.rule for one in (first, *others)))
        yield f"{ids} {rules}: {first.fix.title if first.fix else ''}"


def _is_meant(one: Finding, ids: frozenset[str]) -> bool:
    if ids:
        return one.id in ids
    return one.new and one.ignored is None and (one.fix is not None or one.severity is not Severity.NOTE)
