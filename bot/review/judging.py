"""What the rules say of clusters, before a change and after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.model.finding import Finding
from bot.model.review import Crashed
from bot.review.family import family
from bot.simulate.case import Case, Rule


@dataclass(frozen=True, slots=True)
class Judged:
    """The findings of some rules by cluster root, and the rules that broke."""

    rules: Sequence[Rule]
    found: Mapping[str, tuple[Finding, ...]]
    crashed: tuple[Crashed, ...]


def judged(cases: Mapping[str, Case], rules: Sequence[Rule]) -> Judged:
    """What these rules say of each cluster."""
    crashed: list[Crashed] = []
    found = {root: tuple(_findings(one, rules, crashed)) for root, one in cases.items()}
    return Judged(rules, found, tuple(crashed))


def judged_before(earlier: Mapping[str, Case], after: Judged) -> Judged:
    """What was said of each cluster before a change, by the rules that say something after it, and their families.

    Only what is said now can have been said before, so the other rules need not look.
    """
    speaking = {family(finding.rule) for some in after.found.values() for finding in some}
    rules = tuple(rule for rule in after.rules if family(rule.id) in speaking)
    return judged(earlier if rules else {}, rules)


def _findings(one: Case, rules: Iterable[Rule], crashed: list[Crashed]) -> Iterator[Finding]:
    for rule in rules:
        try:
            yield from rule.check(one)
        except Exception as error:  # noqa: BLE001 - boundary: one broken rule must not silence the others
            crashed.append(Crashed(rule.id, _kind(error)))


def _kind(error: Exception) -> str:
    """Which kind of exception it is and where it was raised; its message may hold what stands in a manifest."""
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    return f"{type(error).__name__} in {where.tb_frame.f_globals['__name__']}:{where.tb_lineno}" if where else ""
