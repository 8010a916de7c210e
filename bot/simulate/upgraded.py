"""What an upgrade of a chart changes of the CRDs that come with it, and who in the cluster has objects of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.flux.crd import defined_by
from bot.model.ask import Rendered
from bot.model.ref import GroupKind, Ref
from bot.model.review import CrdChange
from bot.simulate.case import Case
from bot.simulate.dropped import charts_of

_Served = Mapping[GroupKind, tuple[str, ...]]


def crd_changes(case: Case) -> Iterator[CrdChange]:
    """By release and kind, of charts that were rendered on both sides."""
    if case.base is None:
        return
    before, after = charts_of(case.base), charts_of(case.cluster)
    for ref in sorted(before.keys() & after.keys()):
        if before[ref] is not after[ref]:
            yield from _between(case, ref, _served(before[ref]), _served(after[ref]))


def _served(chart: Rendered) -> _Served:
    found = (defined_by(one.body) for one in (*chart.crds, *chart.documents))
    return dict(one for one in found if one)


def _between(case: Case, release: Ref, before: _Served, after: _Served) -> Iterator[CrdChange]:
    for what in sorted(before.keys() | after.keys()):
        old, new = before.get(what, ()), after.get(what, ())
        if set(old) != set(new):
            used = sorted(ref for ref in case.cluster.resources if ref.group_kind == what)
            more, less = (tuple(one for one in some if one not in others) for some, others in ((new, old), (old, new)))
            yield CrdChange(release, what, more, less, is_new=not old, is_gone=not new, used=tuple(used))
