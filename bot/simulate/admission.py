"""Custom resources that a webhook is asked about before its controller is sure to answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from bot.knowledge.webhooks import Webhook, is_answered_by, webhook_of
from bot.model.cluster import Node
from bot.model.ref import Ref
from bot.model.resource import Resource
from bot.simulate.case import Case
from bot.simulate.order import waiting
from bot.simulate.ownership import applied
from bot.simulate.stage import awaited

_Waits = Callable[[Ref, Ref], bool]


class Unanswered(NamedTuple):
    """``dependent`` applies ``resource``, whose ``webhook`` the HelmRelease ``by`` answers, which ``owner`` applies.

    ``orders``: it waits for ``owner``, but that does not wait for ``by``.
    """

    dependent: Ref
    resource: Resource
    webhook: Webhook
    by: Ref
    owner: Ref
    orders: bool


def unanswered(case: Case) -> Iterator[Unanswered]:
    """Where the CRD is waited for, and comes from something that is not the controller: the rest is of other rules.

    Where a Kustomization also applies the controller, or that comes after it, the objects are there before the webhook.
    """
    if not any(webhook_of(what) for what in case.cluster.kinds):
        return
    waits = waiting(case.cluster)
    for node in case.cluster.nodes.values():
        seen: set[str] = set()
        for resource in applied(node) if node.ref.kind == "Kustomization" else ():
            webhook = webhook_of(resource.group_kind)
            if webhook is None or webhook.chart in seen or resource.is_skipped:
                continue
            seen.add(webhook.chart)
            servers = _servers(case, webhook, node.kustomization.target)
            if _is_half_ordered(case, node, resource, servers, waits) and not _is_sure(case, node.ref, webhook, waits):
                by, owner = servers[0]
                yield Unanswered(node.ref, resource, webhook, by, owner, waits(node.ref, owner))


def _servers(case: Case, webhook: Webhook, target: str) -> list[tuple[Ref, Ref]]:
    """The releases that answer a webhook in a target cluster, with what applies them."""
    return [
        (release.ref, owner)
        for release, owner in case.cluster.releases.values()
        if release.chart
        and not release.suspended
        and is_answered_by(webhook, release.chart.name, release.chart.url, release.values)
        and (release.target or case.cluster.nodes[owner].kustomization.target) == target
    ]


def _is_half_ordered(case: Case, node: Node, resource: Resource, servers: list[tuple[Ref, Ref]], waits: _Waits) -> bool:
    providers = case.cluster.providers(resource.group_kind)
    own = {by for by, _ in servers}
    is_early = any(owner == node.ref or waits(owner, node.ref) for _, owner in servers)
    if not servers or is_early or any(one.by in own for one in providers):
        return False
    return any(one.owner != node.ref and waits(node.ref, one.owner) for one in providers)


def _is_sure(case: Case, ref: Ref, webhook: Webhook, waits: _Waits) -> bool:
    """Whether something that is ready before needs the controller to answer, by health or by an object of its own."""
    for other in case.cluster.nodes.values():
        if other.ref == ref or not waits(ref, other.ref):
            continue
        servers = {by for by, _ in _servers(case, webhook, other.kustomization.target)}
        if servers & set(awaited(case.fresh.stage, other)):
            return True
        if any(webhook_of(one.group_kind) == webhook for one in applied(other)):
            return True
    return False
