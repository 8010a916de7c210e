"""In which order a fresh cluster comes up, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from bot.model.quote import code
from bot.model.ref import Ref
from bot.review.explain import Line
from bot.review.picture import state
from bot.review.words import counted
from bot.simulate.case import Case
from bot.simulate.waves import waves

MOST_NAMED: Final = 25
"""Kustomizations of one wave that are named; the others are counted."""


def course(case: Case, before: Case | None) -> Iterator[Line]:
    """The waves in which the Kustomizations of a cluster come up; where a change moves one, from which wave."""
    now = waves(case.fresh)
    earlier = _numbers(waves(before.fresh)) if before and before is not case else None
    yield Line(0, f"{code(case.cluster.root or '.')} comes up in {counted(len(now), 'wave')}:")
    for number, wave in enumerate(now, 1):
        named = ", ".join(_named(case, ref, number, earlier) for ref in wave[:MOST_NAMED])
        more = f" and {len(wave) - MOST_NAMED:,} more" if len(wave) > MOST_NAMED else ""
        yield Line(1, f"wave {number}: {named}{more}")
    there = {ref for wave in now for ref in wave}
    stuck = sorted(ref for ref in case.cluster.nodes if ref not in there)
    if stuck:
        yield Line(1, f"never: {', '.join(code(ref.name) for ref in stuck[:MOST_NAMED])}")


def moved(before: Sequence[Sequence[Ref]], after: Sequence[Sequence[Ref]]) -> tuple[tuple[Ref, int, int], ...]:
    """The Kustomizations whose wave changed, with both numbers from 1 on; 0 where it does not come up."""
    old, new = _numbers(before), _numbers(after)
    changed = [(ref, old.get(ref, 0), new.get(ref, 0)) for ref in sorted({*old, *new}) if old.get(ref) != new.get(ref)]
    return tuple(changed)


def _numbers(found: Sequence[Sequence[Ref]]) -> dict[Ref, int]:
    return {ref: number for number, wave in enumerate(found, 1) for ref in wave}


def _named(case: Case, ref: Ref, number: int, earlier: dict[Ref, int] | None) -> str:
    fate = state(case.fresh, ref)
    notes = [] if fate == "ready" else [fate]
    if earlier is not None and ref not in earlier:
        notes.append("new")
    elif earlier is not None and earlier[ref] != number:
        notes.append(f"was wave {earlier[ref]}")
    return code(ref.name) + (f" ({', '.join(notes)})" if notes else "")
