"""What comes after what in a cluster, and why, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.model.quote import code
from bot.model.ref import Ref
from bot.review.explain import why
from bot.simulate.case import Case
from bot.simulate.link import Link, Reason, links
from bot.simulate.told import told, written
from bot.view.view import Reasons, Tie, TieKind, Told

_Key = tuple[Ref, Ref]


@dataclass(slots=True)
class _Gathered:
    kind: TieKind
    told: list[Told] = field(default_factory=list)
    weak: bool = False

    @property
    def reasons(self) -> Reasons:
        return Reasons(tuple(dict.fromkeys(self.told)), self.weak)


def ties(before: Case | None, after: Case | None) -> Iterator[Tie]:
    """Every tie of either side, in the order of Refs; one for each pair and kind."""
    old = _gathered(before) if before else {}
    new = old if after is before else _gathered(after) if after else {}
    every = {(*key, one.kind) for some in (old, new) for key, one in some.items()}
    for tail, head, kind in sorted(every):
        yield Tie(tail, head, kind, _side(old, (tail, head), kind), _side(new, (tail, head), kind))


def _side(found: dict[_Key, _Gathered], key: _Key, kind: TieKind) -> Reasons | None:
    one = found.get(key)
    return one.reasons if one and one.kind is kind else None


def _gathered(case: Case) -> dict[_Key, _Gathered]:
    found: dict[_Key, _Gathered] = {}
    for kind, tail, head, reason in _written(case):
        found.setdefault((tail, head), _Gathered(kind)).told.append(reason)
    _add_openings(case, found)
    for link, tail, head in _implied(case):
        one = found.setdefault((tail, head), _Gathered(TieKind.IMPLIED))
        # What is needed was told with the order that is written or missing for it.
        if link.reason is not Reason.NEEDS or one.kind in (TieKind.IMPLIED, TieKind.CREATED_BY):
            one.told.append(Told(told(link), at=written(case, link)))
    return found


def _add_openings(case: Case, found: dict[_Key, _Gathered]) -> None:
    for opening in case.openings:
        if opening.dependent == opening.owner:
            continue
        by, what = code(opening.provider.by), code(opening.need.fact.what)
        at = case.place(opening.need.resource)
        text = f"{code(opening.need.resource.ref)} needs {what}, which {by} brings"
        one = found.setdefault((opening.dependent, opening.owner), _Gathered(TieKind.MISSING))
        if one.kind is TieKind.MISSING:
            one.told.append(Told(f"{text}; nothing orders the two", opening.need.predicted, at))
        else:
            one.weak = True
            one.told.append(Told(f"{text}; this order does not wait for that", opening.need.predicted, at))


def _written(case: Case) -> Iterator[tuple[TieKind, Ref, Ref, Told]]:
    for ref, node in case.cluster.nodes.items():
        resource = node.kustomization.resource
        for entry in node.kustomization.depends_on:
            if entry.ref in case.cluster.nodes and entry.ref != ref:
                at = case.place_of_entry(resource, "dependsOn", entry.ref.name, node.parents)
                for text in why(case, ref, entry.ref) or ("nothing was found that needs it",):
                    yield TieKind.DEPENDS_ON, ref, entry.ref, Told(text, at=at)
        for parent in node.parents:
            if parent != ref:
                text = f"{code(parent)} applies it"
                yield TieKind.CREATED_BY, ref, parent, Told(text, at=case.place(resource))


def _implied(case: Case) -> Iterator[tuple[Link, Ref, Ref]]:
    """What the graph of steps knows beyond that: what is read, needed, used or waited for."""
    for link in links(case.fresh.stage).values():
        if link.reason in (Reason.GOES_ON, Reason.DEPENDS_ON, Reason.CREATED_BY):
            continue
        tail, head = _owner(case, link.step.ref), _owner(case, link.other.ref)
        if tail and head and tail != head:
            yield link, tail, head


def _owner(case: Case, ref: Ref) -> Ref | None:
    if ref in case.cluster.nodes:
        return ref
    found = case.cluster.resources.get(ref)
    return found[1] if found else None
