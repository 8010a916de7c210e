"""What waits for an object, directly and through others, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.model.quote import code
from bot.model.ref import Ref
from bot.review.explain import Line
from bot.review.words import counted
from bot.simulate.case import Case
from bot.simulate.link import Link, Moment, Reason, Step, links
from bot.simulate.told import told, written

MOST_NAMED: Final = 30
"""Objects of one list that are named; the others are counted."""


def impact(case: Case, ref: Ref) -> Iterator[Line]:
    """What stops when the object is not ready, and what goes when it is taken away."""
    yield Line(0, f"{code(ref)} in the cluster {code(case.cluster.root or '.')} ({code(case.place_of(ref))})")
    direct, further = _waiting(case, ref)
    if not direct:
        yield Line(1, "nothing in this cluster waits for it")
    else:
        yield Line(1, f"{counted(len(direct), 'object')} {_verb(len(direct))} for it directly:")
        shown = sorted(direct.items())[:MOST_NAMED]
        yield from (Line(2, f"{told(link)} ({code(written(case, link))})") for _, link in shown)
        yield from _more(len(direct) - len(shown))
    if further:
        names = ", ".join(code(one) for one in further[:MOST_NAMED])
        yield Line(1, f"{len(further)} more {_verb(len(further))} for these: {names}")
        yield from _more(len(further) - min(len(further), MOST_NAMED))
    yield from _pruned(case, ref)


def _verb(number: int) -> str:
    return "waits" if number == 1 else "wait"


def _more(number: int) -> Iterator[Line]:
    if number > 0:
        yield Line(2, f"and {number:,} more")


def _waiting(case: Case, ref: Ref) -> tuple[Mapping[Ref, Link], Sequence[Ref]]:
    """Those that wait for the object itself with the reason, and those that wait for them, the nearest first."""
    towards: dict[Step, list[Link]] = {}
    for link in links(case.fresh.stage).values():
        towards.setdefault(link.other, []).append(link)
    direct: dict[Ref, Link] = {}
    seen = set(_steps(case, ref))
    pending = sorted(seen)
    reached: dict[Ref, None] = {}
    while pending:
        step = pending.pop(0)
        for link in towards.get(step, ()):
            if link.step.ref != ref and _concerns(case, ref, link):
                is_created = link.reason is Reason.CREATED_BY and link.step.ref in case.cluster.releases
                is_part = is_created or link.reason is Reason.GOES_ON
                if not is_part and step.ref not in reached:
                    direct.setdefault(link.step.ref, link)
                if not is_part:
                    reached.setdefault(link.step.ref)
            elif link.reason is not Reason.GOES_ON:
                continue
            if link.step not in seen:
                seen.add(link.step)
                pending.append(link.step)
    return direct, [one for one in reached if one not in direct]


def _steps(case: Case, ref: Ref) -> Iterator[Step]:
    """Where the wait for an object begins: its own steps, or for a plain object those of what applies it."""
    if ref in case.cluster.nodes:
        yield from (Step(ref, moment) for moment in Moment)
    elif ref in case.cluster.releases:
        yield from (Step(ref, moment) for moment in (Moment.BEGUN, Moment.READY))
    else:
        yield Step(case.cluster.resources[ref][1], Moment.APPLIED)


def _concerns(case: Case, ref: Ref, link: Link) -> bool:
    """Whether a link that leads to the owner of a plain object is about that object."""
    owns = ref not in case.cluster.nodes and ref not in case.cluster.releases
    if not owns or link.other.ref != case.cluster.resources[ref][1]:
        return True
    return ref in (link.what, link.by)


def _pruned(case: Case, ref: Ref) -> Iterator[Line]:
    node = case.cluster.nodes.get(ref)
    if node and node.kustomization.prune and node.resources:
        objects = counted(len(node.resources), "object")
        yield Line(1, f"if it is removed, Flux deletes the {objects} that it applies (`prune: true`)")
