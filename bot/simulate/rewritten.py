"""Objects that are live and that a change gives another content: those of Kustomizations, and those of charts."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.ask import Rendered
from bot.model.cluster import Node
from bot.model.field import at, mapping, text
from bot.model.flux import Release
from bot.model.ref import Ref
from bot.model.resource import Resource, resource
from bot.simulate.case import Case
from bot.simulate.charted import is_hook
from bot.simulate.ownership import applied, owned, owners
from bot.simulate.upgraded import upgrades


def reapplied(case: Case) -> Iterator[tuple[Node, Resource, Resource]]:
    """Each object that is live and applied on, as it was and as it becomes, and what applies it."""
    base = case.base
    for node in case.cluster.nodes.values() if base else ():
        if base is None or node.kustomization.suspended:
            continue
        old = base.nodes.get(node.ref)
        if old is node:
            continue
        known = owners(base) if old is None else {}
        same = {one.ref: one for one in applied(old)} if old else {}
        for after in applied(node):
            before = same.get(after.ref) or next(iter(known.get(owned(node, after), {}).values()), None)
            if before and before.body is not after.body and not _is_left_alone(after):
                yield node, before, after


def _is_left_alone(after: Resource) -> bool:
    return after.is_skipped or after.marked("kustomize.toolkit.fluxcd.io/ssa") == "ifnotpresent"


def remade(case: Case) -> Iterator[tuple[Release, Resource, Resource]]:
    """Each object of a chart that is there before and after with another content, and its release.

    Hooks are not among them: Helm makes them anew at each upgrade.
    """
    for upgrade in upgrades(case):
        earlier = _objects(upgrade.new, upgrade.before)
        for one, found in _objects(upgrade.new, upgrade.after).items():
            if one in earlier and earlier[one].body != found.body:
                yield upgrade.new, earlier[one], found


def _objects(release: Release, chart: Rendered) -> dict[Ref, Resource]:
    found = (resource(one.body, release.resource.origin) for one in chart.documents if not is_hook(one.body))
    return {one.ref: one for one in found if one.ref.kind}


def gives_up_upgrading(release: Release) -> bool:
    """Whether one failed upgrade is the last: ``upgrade.remediation.retries`` is 0 unless it says otherwise."""
    upgrade = mapping(release.resource.body, "spec", "upgrade")
    if text(upgrade, "strategy", "name") == "RetryOnFailure":
        return False
    return at(upgrade, "remediation", "retries") in (None, 0)
