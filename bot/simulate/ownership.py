"""Who applies an object, and what Flux deletes on the running cluster when that changes.

kustomize-controller remembers what it applied (``status.inventory``) and marks
each object with its own name. What it no longer builds it deletes, if the live
object still bears its mark and nothing on the live object forbids it; when a
Kustomization is deleted, all of its inventory goes that way. The live specs
and objects are those of the base: a change to them is applied by the same
revision that makes them matter, so it protects nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import NamedTuple

from bot.flux.kustomization import is_flux_kustomization, is_helm_release, read_kustomization
from bot.flux.resource_set import OPERATOR, RESOURCE_SET
from bot.knowledge.kinds import namespaced
from bot.model.cluster import Cluster, Node, Output
from bot.model.field import flag, text
from bot.model.flux import Kustomization
from bot.model.ref import GroupKind, Ref
from bot.model.resource import Resource


class Owned(NamedTuple):
    """An object of one target cluster, in its namespace only where its kind has one."""

    target: str
    ref: Ref


def owned(node: Node, resource: Resource) -> Owned:
    """The identity by which the API server knows an object that a Kustomization applies."""
    ref = resource.ref
    if ref.namespace and _is_cluster_wide(resource.group_kind):
        ref = Ref(ref.group, ref.kind, "", ref.name)
    return Owned(node.kustomization.target, ref)


@lru_cache(maxsize=4096)
def _is_cluster_wide(what: GroupKind) -> bool:
    return namespaced(what) is False


def applied(node: Node) -> tuple[Resource, ...]:
    """What a Kustomization applies; of one whose build fails, nothing that the tree says need be in the cluster."""
    return node.building.resources if isinstance(node.building, Output) else ()


def keeper(node: Node) -> Ref:
    """The object whose inventory holds what a node applies: itself, or for a step its whole ResourceSet."""
    return node.kustomization.resource.ref


def inventory(cluster: Cluster, ref: Ref) -> tuple[Resource, ...]:
    """All that the inventory of a Kustomization or ResourceSet holds; nothing for a step of one."""
    node = cluster.nodes.get(ref)
    if node is None or keeper(node) != ref:
        return ()
    if ref.kind != RESOURCE_SET.kind:
        return applied(node)
    return tuple(one for step in cluster.nodes.values() if keeper(step) == ref for one in applied(step))


def owners(cluster: Cluster, some: Collection[tuple[str, str]] | None = None) -> Mapping[Owned, Mapping[Ref, Resource]]:
    """Each object with the Kustomizations whose inventory holds it; none whose name is not known to its end.

    ``some``: of objects with such a kind and name only, for few of them are asked for mostly.
    Objects that Flux is told to leave alone are in the inventory too (kc, ``SkippedAction``).
    """
    found: dict[Owned, dict[Ref, Resource]] = {}
    for node in cluster.nodes.values():
        for resource in applied(node):
            if some is not None and (resource.ref.kind, resource.ref.name) not in some:
                continue
            if "${" not in resource.ref.name + resource.ref.namespace:
                found.setdefault(owned(node, resource), {}).setdefault(keeper(node), resource)
    return found


def is_kept(resource: Resource) -> bool:
    """Whether Flux never deletes the object while it stands like this in the cluster (kc, ``deleteObjects``)."""
    if resource.is_skipped or resource.marked("kustomize.toolkit.fluxcd.io/prune") == "disabled":
        return True
    return resource.origin.kind == RESOURCE_SET.kind and resource.marked(f"{OPERATOR}/prune") == "disabled"


def is_harmless(base: Cluster, resource: Resource) -> bool:
    """Whether nothing goes with the object itself: Flux tears nothing down for what is suspended or orphans."""
    if is_helm_release(resource.body):
        return flag(resource.body, "spec", "suspend")
    if is_flux_kustomization(resource.body):
        node = base.nodes.get(resource.ref)
        inventory = applied(node) if node else ()
        return not empties(read_kustomization(resource)) or all(is_kept(one) for one in inventory)
    return False


def prunes(base: Cluster, head: Cluster, ref: Ref) -> bool:
    """Whether a Kustomization that stays deletes what it no longer applies.

    What could not be read, or is not built, says nothing about what left it.
    """
    before, after = base.nodes[ref].kustomization, head.nodes[ref]
    if before.suspended or after.kustomization.suspended or not isinstance(after.building, Output):
        return False
    return before.prune


def may_prune(base: Cluster, ref: Ref, resource: Resource) -> bool:
    """Whether Flux, as it runs today, deletes a live object once a Kustomization no longer applies it or is gone."""
    kustomization = base.nodes[ref].kustomization
    if kustomization.suspended or is_kept(resource):
        return False
    return kustomization.prune or empties(kustomization)


def empties(kustomization: Kustomization) -> bool:
    """Whether all that a Kustomization applied is deleted with it (kc, ``finalize``)."""
    match text(kustomization.spec, "deletionPolicy") or "MirrorPrune":
        case _ if kustomization.suspended:
            return False
        case "MirrorPrune":
            return kustomization.prune
        case policy:
            return policy != "Orphan"


def is_deleted(base: Cluster, head: Cluster, ref: Ref) -> bool:
    """Whether Flux deletes the object of a Kustomization that the head no longer has.

    One that nothing in the tree applied was made by hand or by a bootstrap, and stays.
    """
    seen: set[Ref] = set()
    pending = [ref]
    while pending:
        at = pending.pop()
        if at in seen or is_kept(base.nodes[at].kustomization.resource):
            continue
        seen.add(at)
        for parent in base.nodes[at].parents:
            after = head.nodes.get(parent)
            if after is None:
                pending += [parent] if empties(base.nodes[parent].kustomization) else []
            # One that is still applied was only not read in the head.
            elif prunes(base, head, parent) and not any(one.ref == at for one in after.resources):
                return True
    return False
