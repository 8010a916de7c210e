"""What a merge does to the running cluster: which objects Flux makes, changes and deletes, and what it upgrades."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.model.cluster import Cluster, Node, Output
from bot.model.flux import ChartRef
from bot.model.ref import Ref
from bot.model.resource import Resource
from bot.model.review import Effect, Upgrade
from bot.simulate.case import Case
from bot.simulate.ownership import Owned, applied, is_kept, owned, owners
from bot.simulate.transfer import left, lets_go
from bot.simulate.upgraded import crd_changes


def effect(case: Case) -> Effect:
    """What changes, each list in the order of Refs. What could not be built on either side is in none of them."""
    base = case.base
    if base is None:
        return Effect(created=tuple(sorted(case.cluster.resources)), is_new=True)
    names = {(one.ref.kind, one.ref.name) for node in _altered(base, case.cluster) for one in applied(node)}
    before, after = owners(base, names), owners(case.cluster, names)
    unknown = _unknown(base)
    created = (_any(now).ref for what, now in after.items() if what not in before and not now.keys() <= unknown)
    changed = (_any(now).ref for what, now in after.items() if what in before and _differs(before[what], now))
    return Effect(
        created=tuple(sorted(created)),
        changed=tuple(sorted(changed)),
        deleted=tuple(sorted(set(_deleted(case, base, after)))),
        upgraded=tuple(_upgrades(base, case.cluster)),
        crds=tuple(crd_changes(case)),
    )


def _altered(base: Cluster, head: Cluster) -> Iterator[Node]:
    """The Kustomizations of both sides that are not the very same on the other one."""
    for ref, node in base.nodes.items():
        if head.nodes.get(ref) is not node:
            yield node
    for ref, node in head.nodes.items():
        if base.nodes.get(ref) is not node:
            yield node


def _any(now: Mapping[Ref, Resource]) -> Resource:
    return now[min(now)]


def _differs(before: Mapping[Ref, Resource], now: Mapping[Ref, Resource]) -> bool:
    """Whether an owner that stays applies something else, or where none stays, the new one does."""
    both = before.keys() & now.keys()
    if not both:
        return _any(before).body != _any(now).body
    return any(before[ref].body != now[ref].body for ref in both)


def _unknown(base: Cluster) -> set[Ref]:
    """The Kustomizations of which the base does not show what they apply."""
    return {ref for ref, node in base.nodes.items() if not isinstance(node.building, Output)}


def _deleted(case: Case, base: Cluster, after: Mapping[Owned, object]) -> Iterator[Ref]:
    for ref in base.nodes:
        gone = left(case, base, ref)
        if gone and lets_go(case, base, ref):
            yield from (one.ref for one in gone if owned(base.nodes[ref], one) not in after and not is_kept(one))


def _upgrades(base: Cluster, head: Cluster) -> Iterator[Upgrade]:
    for ref, (release, _) in sorted(head.releases.items()):
        known = base.releases.get(ref)
        old = known[0].chart if known else None
        if old and release.chart and _version(old) != _version(release.chart):
            yield Upgrade(ref, _version(old), _version(release.chart))


def _version(chart: ChartRef) -> str:
    return chart.version or chart.tag or chart.digest
