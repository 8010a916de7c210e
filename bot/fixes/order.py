"""Fixes of a missing order: what waits for what, and when that counts as ready."""

from __future__ import annotations

from dataclasses import replace

from bot.fixes.draft import Draft, NewEdge, Unfixable
from bot.fixes.spot import Ground
from bot.model.cluster import Node
from bot.model.field import Body
from bot.model.finding import Finding
from bot.model.fix import Amendment, Append, FixKind, Put
from bot.model.quote import code
from bot.model.ref import SOURCE, Ref
from bot.simulate.stage import awaited

_AT_ONCE = frozenset({"Namespace", "CustomResourceDefinition", "ConfigMap", "Secret", "Kustomization"})
"""Kinds that are there as soon as they are applied."""
_BESIDE = _AT_ONCE - {"Kustomization"} | frozenset(
    ["ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "ExternalSecret", "NetworkPolicy"]
)
"""What may stand beside a provider without keeping its Kustomization from becoming ready."""


def ordered(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """``about`` waits for ``needs``, and that for what brings the missing thing."""
    if finding.needs is None:
        return Unfixable()
    return wait_for(ground, finding.about, finding.needs, finding.provider)


def wait_for(ground: Ground, tail: Ref, head: Ref, provider: Ref | None) -> Draft | Unfixable:
    """One object waits for another of its kind, which is ready only once ``provider``, if it applies that, is."""
    edges = _edge(ground, tail, head)
    if isinstance(edges, Unfixable):
        return edges
    gate = _gate(ground, head, provider) if provider and head in ground.cluster.nodes else ()
    if isinstance(gate, Unfixable):
        return gate
    if not edges and not gate:
        return Unfixable()
    title = f"Let {code(tail.name)} depend on {code(head.name)}" if edges else ""
    if gate:
        whole = isinstance(gate[0], Put)
        until = "all that it applies" if whole else code(provider or head)
        title += f", and {code(head.name)} wait for {until}" if title else f"Let {code(head.name)} wait for {until}"
    kind = FixKind.ADD_DEPENDS_ON if edges else FixKind.WAIT_FOR
    return Draft(title, kind, gate, edges, _cost(ground, tail, head, provider if gate else None))


def _edge(ground: Ground, tail: Ref, head: Ref) -> tuple[NewEdge, ...] | Unfixable:
    """The new entry of ``dependsOn``; none where the order is there."""
    if tail.kind != head.kind:
        return Unfixable(f"{code(tail)} cannot depend on a {head.kind}")
    if tail in ground.cluster.nodes:
        if ground.waits(tail, head):
            return ()
        if ground.waits(head, tail):
            return Unfixable(f"{code(head.name)} waits for {code(tail.name)} already")
    return depends_on(ground, tail, head)


def depends_on(ground: Ground, tail: Ref, head: Ref) -> tuple[NewEdge, ...] | Unfixable:
    """An entry in the ``dependsOn`` of ``tail``; its namespace is written only where it is another one."""
    own = ground.written(tail, ("spec", "dependsOn"))
    if isinstance(own, Unfixable):
        return own
    value: Body = {"name": head.name}
    if head.namespace != tail.namespace:
        value["namespace"] = head.namespace
    order = ground.order(own.body, "spec", "dependsOn")
    return (NewEdge(tail, head, (Append(own.spot, ("spec", "dependsOn"), value, order),)),)


def _gate(
    ground: Ground, head: Ref, provider: Ref, without: frozenset[Ref] = frozenset()
) -> tuple[Amendment, ...] | Unfixable:
    """What makes a Kustomization wait for an object that it applies; nothing where it does already."""
    node = ground.cluster.nodes[head]
    found = ground.cluster.resources.get(provider)
    if provider.kind in _AT_ONCE or node.kustomization.wait or provider in awaited(ground.case.fresh.stage, node):
        return ()
    if found and found[1] != head:
        return ()
    is_remote = found is None and provider in (one.by for one in node.provisions)
    if (holds_only_providers(ground, node, without) or is_remote) and not node.kustomization.health_checks:
        own = ground.written(head, ("spec", "wait"))
        if not isinstance(own, Unfixable):
            return (Put(own.spot, ("spec", "wait"), value=True, order=ground.order(own.body, "spec", "wait")),)
    if found is None:
        return (
            Unfixable(f"{code(provider)} is not in the tree, so its namespace for a health check is not known")
            if is_remote
            else ()
        )
    own = ground.written(head, ("spec", "healthChecks"))
    if isinstance(own, Unfixable):
        return own
    resource = found[0]
    value: Body = {"apiVersion": resource.api_version, "kind": provider.kind, "name": provider.name}
    if provider.namespace:
        value["namespace"] = provider.namespace
    order = ground.order(own.body, "spec", "healthChecks")
    return (Append(own.spot, ("spec", "healthChecks"), value, order),)


def gated(ground: Ground, head: Ref, provider: Ref, without: frozenset[Ref] = frozenset()) -> Draft | Unfixable:
    """A Kustomization waits for an object that it applies; an empty draft where it does already.

    ``without`` are objects that leave it in the same change.
    """
    gate = _gate(ground, head, provider, without)
    if isinstance(gate, Unfixable):
        return gate
    until = "all that it applies" if gate and isinstance(gate[0], Put) else code(provider)
    return Draft(f"Let {code(head.name)} wait for {until}", FixKind.WAIT_FOR, gate)


def joined(one: Draft, other: Draft | Unfixable, title: str) -> Draft | Unfixable:
    """Two drafts as one; where the second has nothing to change, the first alone."""
    if isinstance(other, Unfixable):
        return other if other.reason else replace(one, title=title)
    return replace(
        one,
        title=title,
        amendments=(*one.amendments, *other.amendments),
        edges=(*one.edges, *other.edges),
        cost=other.cost or one.cost,
    )


def holds_only_providers(ground: Ground, node: Node, without: frozenset[Ref] = frozenset()) -> bool:
    """Whether nothing but what brings kinds, and what that needs, could keep a Kustomization from becoming ready."""
    brought = ground.case.fresh.stage.brought
    staying = [ref for ref in (one.ref for one in node.resources) if ref not in without]
    bringing = [ref for ref in staying if ref in brought]
    return bool(bringing) and all(ref in brought or ref.kind in _BESIDE or ref.group == SOURCE for ref in staying)


def _cost(ground: Ground, tail: Ref, head: Ref, gate: Ref | None) -> str:
    """What stops when the dependency is not healthy."""
    behind = sum(
        1 for node in ground.cluster.nodes.values() if any(e.ref == tail for e in node.kustomization.depends_on)
    )
    others = (
        f" and the {behind:,} that depend on it" if behind > 1 else " and the one that depends on it" if behind else ""
    )
    until = f", which it is only while {code(gate)} is healthy" if gate else ""
    return f"Changes of {code(tail.name)}{others} wait while {code(head.name)} is not ready{until}."
