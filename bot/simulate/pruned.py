"""What a change makes Flux delete on the running cluster and nobody applies any more."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.cluster import Cluster, Means
from bot.model.field import text
from bot.model.flux import Release
from bot.model.ref import GroupKind, Ref
from bot.model.resource import Resource
from bot.simulate.case import Case
from bot.simulate.fact import Fact, provided
from bot.simulate.ownership import is_harmless, is_kept, owned, owners
from bot.simulate.transfer import left, lets_go


@dataclass(frozen=True, slots=True)
class Pruned:
    """An object as it is live, and the Kustomization that deletes it."""

    owner: Ref
    resource: Resource


def pruned(case: Case) -> tuple[Pruned, ...]:
    """Every live object that Flux deletes and that the head applies nowhere; none without a change.

    What is only not read in the head is not among them.
    """
    base, head = case.base, case.cluster
    if base is None or head.cut:
        return ()
    losing = {ref: some for ref in base.nodes if (some := left(case, base, ref)) and lets_go(case, base, ref)}
    names = {(one.ref.kind, one.ref.name) for some in losing.values() for one in some}
    after = owners(head, names) if losing else {}
    return tuple(
        Pruned(ref, resource)
        for ref, some in losing.items()
        for resource in some
        if resource.ref not in head.resources
        and owned(base.nodes[ref], resource) not in after
        and not (is_kept(resource) or is_harmless(base, resource))
    )


def goes(case: Case, one: Pruned) -> tuple[Ref, str]:
    """Where a finding of a deletion stands: the Kustomization that stays or the entry, and the words for it."""
    if one.owner in case.cluster.nodes:
        return one.owner, "applies it no longer"
    entry = next(ref for ref, node in case.cluster.nodes.items() if not node.parents)
    return entry, "is deleted with all that it applied"


def brought_only_by(base: Cluster, head: Cluster, by: Ref) -> tuple[GroupKind, ...]:
    """The kinds that a release, or a manifest, brings today and nothing brings after the change."""
    target = _target(base, by)
    kinds = {
        one.what
        for node in base.nodes.values()
        for one in node.provisions
        if one.by == by and not one.pattern and one.means is not Means.CONTROLLER
    }
    return tuple(
        sorted(what for what in kinds if not head.providers(what) and provided(head, Fact(target, what)) is None)
    )


def _target(base: Cluster, by: Ref) -> str:
    found = base.releases.get(by)
    return found[0].target if found else ""


def instances(cluster: Cluster, what: GroupKind) -> tuple[Resource, ...]:
    """All objects of a kind that a cluster applies."""
    return tuple(resource for ref, (resource, _) in cluster.resources.items() if ref.group_kind == what)


def helm_identity(release: Release) -> tuple[str, str, str]:
    """Name, namespace and storage namespace by which Helm knows a release (helm-controller ``GetReleaseName``)."""
    spec, ref = release.resource.body, release.ref
    target = text(spec, "spec", "targetNamespace")
    name = text(spec, "spec", "releaseName") or (f"{target}-{ref.name}" if target else ref.name)
    return name, release.target_namespace, text(spec, "spec", "storageNamespace") or ref.namespace
