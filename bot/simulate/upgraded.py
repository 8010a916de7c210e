"""Releases that a change upgrades and whose charts were rendered before and after, and what becomes of their CRDs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bot.flux.crd import defined_by
from bot.model.ask import Rendered
from bot.model.cluster import Cluster
from bot.model.field import text
from bot.model.flux import Release
from bot.model.ref import GroupKind, Ref
from bot.model.review import CrdChange
from bot.simulate.case import Case


class Upgraded(NamedTuple):
    """A release as it was and as it becomes, with what its chart renders to on both sides."""

    old: Release
    new: Release
    before: Rendered
    after: Rendered


_Served = Mapping[GroupKind, tuple[str, ...]]


def charts_of(cluster: Cluster) -> dict[Ref, Rendered]:
    """By release what its chart renders to, where that is known for certain."""
    return {ref: chart for node in cluster.nodes.values() for ref, chart in node.charts.items()}


def upgrades(case: Case) -> Iterator[Upgraded]:
    """Those whose chart renders to something else; none without a change."""
    if case.base is None:
        return
    before = charts_of(case.base)
    for ref, after in sorted(charts_of(case.cluster).items()):
        old, new = case.base.releases.get(ref), case.cluster.releases[ref][0]
        is_same = ref not in before or before[ref] is after
        if old and not is_same and not old[0].suspended and not new.suspended and _is_kept_by_helm(old[0], new):
            yield Upgraded(old[0], new, before[ref], after)


def _is_kept_by_helm(old: Release, new: Release) -> bool:
    """Whether Helm upgrades the release, and does not uninstall it to install another."""
    fields = ("releaseName", "targetNamespace", "storageNamespace")
    return all(text(old.resource.body, "spec", name) == text(new.resource.body, "spec", name) for name in fields)


def crd_changes(case: Case) -> Iterator[CrdChange]:
    """By release and kind, of charts that were rendered on both sides."""
    for one in upgrades(case):
        yield from _between(case, one.new.ref, _served(one.before), _served(one.after))


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
