"""Every way by which one object waits for another, with the reason of each step and the line that says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.model.quote import code
from bot.model.ref import Ref
from bot.model.span import Span
from bot.review.explain import Line, dependents, explain_pair, fate
from bot.review.words import counted
from bot.simulate.case import Case
from bot.simulate.link import Link, Links, Moment, Reason, Step, links
from bot.simulate.told import told, written

MOST_WAYS: Final = 8
"""Ways that are shown; the shortest come first."""

_LONGEST: Final = 12
_MOST_STEPS: Final = 20_000
"""Steps that are tried in one search: the number of ways may grow as 2 to the number of objects."""

Way = tuple[Link, ...]


def explain_between(case: Case, first: Ref, second: Ref) -> Iterator[Line]:
    """Why one waits for the other, by which ways, what waits for the other, and what becomes of the first."""
    yield from explain_pair(case, first, second)
    one, other = _step(case, first), _step(case, second)
    if one != other:
        yield from explain_ways(case, one, other)
    owner, its = _owner(case, first), _owner(case, second)
    yield from fate(case, owner, code(owner))
    if owner != its:
        yield from dependents(case, its, code(its))


def _owner(case: Case, ref: Ref) -> Ref:
    return ref if ref in case.cluster.nodes else case.cluster.resources[ref][1]


def _step(case: Case, ref: Ref) -> Ref:
    """What waits or is waited for: a Kustomization or a HelmRelease, else the Kustomization that applies the object."""
    return ref if ref in case.cluster.releases else _owner(case, ref)


def explain_ways(case: Case, first: Ref, second: Ref) -> Iterator[Line]:
    """The ways from the first to the second, the shortest first, each as a chain of lines."""
    found, is_all = ways(links(case.fresh.stage), first, second)
    if not found:
        yield Line(1, f"nothing makes {code(first)} wait for {code(second)}")
        return
    shown = found[:MOST_WAYS]
    for number, way in enumerate(shown, 1):
        yield Line(1, f"way {number} of {len(found)}{'' if is_all else ' or more'}, {counted(len(way), 'step')}:")
        yield from (Line(2, f"{told(link)} ({code(_place(case, link))})") for link in way)
    if len(found) > len(shown):
        yield Line(1, f"and {counted(len(found) - len(shown), 'longer way')}")


def _place(case: Case, link: Link) -> Span:
    """The line that says so; of a kind that is needed, that of the object which needs it."""
    needing = link.what if link.reason is Reason.NEEDS else None
    return case.place_of(needing) if needing else written(case, link)


def ways(known: Links, first: Ref, second: Ref) -> tuple[list[Way], bool]:
    """All ways that pass no object twice, by length; False where there may be more than were looked for."""
    search = _Search(known, second)
    for moment in reversed(Moment):
        search.from_step(Step(first, moment))
    unique = {tuple((link.step.ref, link.other.ref, link.reason) for link in way): way for way in search.found}
    ordered = sorted(unique.values(), key=lambda way: (len(way), [link.other.ref for link in way]))
    return ordered, search.left > 0


class _Search:
    """Depth first, without recursion, until the steps are used up."""

    def __init__(self, known: Links, goal: Ref) -> None:
        self._onward = _onward(known)
        self._goal = goal
        self.left = _MOST_STEPS
        self.found: list[Way] = []

    def from_step(self, start: Step) -> None:
        pending: list[tuple[Step, Way, frozenset[Ref]]] = [(start, (), frozenset({start.ref}))]
        while pending and self.left > 0:
            self.left -= 1
            step, way, passed = pending.pop()
            for link in self._onward.get(step, ()):
                if link.reason is Reason.GOES_ON:
                    pending.append((link.other, way, passed))
                elif link.other.ref == self._goal:
                    self.found.append((*way, link))
                elif link.other.ref not in passed and len(way) < _LONGEST:
                    pending.append((link.other, (*way, link), passed | {link.other.ref}))


def _onward(known: Links) -> Mapping[Step, Sequence[Link]]:
    found: dict[Step, list[Link]] = {}
    for link in known.values():
        found.setdefault(link.step, []).append(link)
    return found
