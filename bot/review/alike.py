"""Findings that one change cures: said once, the others named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.model.finding import Finding
from bot.model.quote import code
from bot.review.words import listed

MOST_NAMED: Final = 6


@dataclass(frozen=True, slots=True)
class Alike:
    """A finding that is told whole, and those that differ from it only in the object that fails.

    ``fixed_with`` is the id of the finding before it that has the same fix: that is offered once.
    """

    first: Finding
    others: tuple[Finding, ...]
    fixed_with: str = ""

    @property
    def likewise(self) -> str:
        """A sentence that names the others; empty where there are none."""
        if not self.others:
            return ""
        named = [_named(other, self.first) for other in self.others[:MOST_NAMED]]
        more = len(self.others) - MOST_NAMED
        return f"The same holds for {listed([*named, *([f'{more:,} more'] if more > 0 else [])])}."


def alike(findings: Iterable[Finding]) -> tuple[Alike, ...]:
    """The findings in their order, those together that say the same of the same two objects."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        same = (finding.rule, finding.severity, finding.about, finding.needs, finding.provider, finding.clusters)
        cured_together = finding.object is not None and (finding.needs or finding.provider)
        whole = same if cured_together else (*same, finding.fingerprint)
        groups.setdefault(whole, []).append(finding)
    offered: dict[tuple[str, ...], str] = {}
    return tuple(Alike(some[0], tuple(some[1:]), _offered(offered, some[0])) for some in groups.values())


def _offered(before: dict[tuple[str, ...], str], finding: Finding) -> str:
    """The id of the finding that offers the same change, or the same steps; empty for the first, which is noted."""
    if finding.fix is None:
        return ""
    other = before.setdefault((finding.fix.patch, *finding.fix.steps), finding.id)
    return "" if other == finding.id else other


def _named(finding: Finding, first: Finding) -> str:
    if finding.at == first.at:
        return code(finding.object)
    place = f"line {finding.at.line}" if finding.at.path == first.at.path else code(finding.at)
    return f"{code(finding.object)} ({place})"
