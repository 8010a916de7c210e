"""Objects that a change hands from one Kustomization to another, where the old one deletes them.

Both are triggered by the same revision, and the old one still runs with its
live spec. Once the new owner has applied an object the old one leaves it
alone, for it bears the other's mark; the other way round it is deleted first
and made anew afterwards, with all that hung on it lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.flux.crd import CRD
from bot.model.cluster import Cluster
from bot.model.ref import HELM, KUSTOMIZE, SOURCE, GroupKind, Ref
from bot.model.resource import Resource
from bot.simulate.case import Case
from bot.simulate.fact import NAMESPACE
from bot.simulate.ownership import empties, inventory, is_deleted, is_harmless, is_kept, owned, owners, prunes

_HELM_RELEASE = GroupKind(HELM, "HelmRelease")
_KUSTOMIZATION = GroupKind(KUSTOMIZE, "Kustomization")
_LOST = {
    NAMESPACE: "everything in the namespace goes with it",
    CRD: "every custom resource of its kind goes with it",
    GroupKind("", "PersistentVolumeClaim"): "its volume goes with it unless that is retained",
    _KUSTOMIZATION: "all that it applies goes with it",
    _HELM_RELEASE: "helm-controller uninstalls the release and installs it anew",
}
"""What goes with an object that is deleted, the most first."""

# Kinds that are soon made again as they were, and of which nothing else is a part.
_REPLACED = frozenset(
    GroupKind(group, kind)
    for group, kinds in {
        "": "ConfigMap Secret ServiceAccount LimitRange ResourceQuota",
        "rbac.authorization.k8s.io": "Role RoleBinding ClusterRole ClusterRoleBinding",
        "networking.k8s.io": "NetworkPolicy",
        "policy": "PodDisruptionBudget",
        "autoscaling": "HorizontalPodAutoscaler",
        "scheduling.k8s.io": "PriorityClass",
        "storage.k8s.io": "StorageClass",
        "notification.toolkit.fluxcd.io": "Alert Provider",
        SOURCE: "HelmRepository OCIRepository GitRepository Bucket",
        "cert-manager.io": "ClusterIssuer Issuer",
        "external-secrets.io": "ClusterSecretStore SecretStore",
    }.items()
    for kind in kinds.split()
)


class Takeover(StrEnum):
    """What is known of when the new owner applies what the old one no longer does."""

    FIRST = "first"
    """The old one waits for it already today, so it leaves the objects alone."""
    AFTERWARDS = "afterwards"
    """It waits for the old one."""
    NOT_THERE_YET = "not there yet"
    """It has yet to be created, while the old one runs at once."""
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Transfer:
    """What goes from ``old`` to ``new``: the objects as the head has them, the one with most to lose first.

    ``gone`` says that the old Kustomization itself is deleted, and with it all that it applied.
    """

    old: Ref
    new: Ref
    gone: bool
    moved: tuple[Resource, ...]
    takeover: Takeover

    @property
    def is_sure(self) -> bool:
        """Whether the deletion comes first in any case; two that run at once may take either order."""
        return not self.gone and self.takeover is not Takeover.OPEN

    @property
    def objects(self) -> tuple[Resource, ...]:
        """What moves, without Kustomizations."""
        return tuple(one for one in self.moved if one.group_kind != _KUSTOMIZATION)

    @property
    def kustomizations(self) -> tuple[Resource, ...]:
        return tuple(one for one in self.moved if one.group_kind == _KUSTOMIZATION)


def transfers(case: Case) -> Iterator[Transfer]:
    """Every hand-over in which Flux deletes, or may delete, what moves; none without a change."""
    base, head = case.base, case.cluster
    if base is None:
        return
    moved: dict[tuple[Ref, Ref], list[Resource]] = {}
    for old, new, resource in _leaving(case, base):
        moved.setdefault((old, new), []).append(resource)
    for (old, new), some in sorted(moved.items()):
        takeover = _takeover(base, head, old, new)
        if takeover is not Takeover.FIRST:
            worst_first = sorted(some, key=lambda one: (_rank(case, one), one.ref))
            yield Transfer(old, new, old not in head.nodes, tuple(worst_first), takeover)


def _leaving(case: Case, base: Cluster) -> Iterator[tuple[Ref, Ref, Resource]]:
    """Old owner, new owner and object, for each live object that its old owner deletes and another one applies."""
    losing = {ref: some for ref in base.nodes if (some := left(case, base, ref)) and lets_go(case, base, ref)}
    if not losing:
        return
    names = {(one.ref.kind, one.ref.name) for some in losing.values() for one in some}
    before, after = owners(base, names), owners(case.cluster, names)
    for ref, some in losing.items():
        for resource in some:
            what = owned(base.nodes[ref], resource)
            now = after.get(what, {})
            if not now or now.keys() & before[what].keys() or is_kept(resource) or is_harmless(base, resource):
                continue
            new = _applying(now)
            if new:
                yield ref, new, now[new]


def left(case: Case, base: Cluster, ref: Ref) -> tuple[Resource, ...]:
    """The objects that a Kustomization applied and applies no longer."""
    after = case.cluster.nodes.get(ref)
    if after is base.nodes[ref] and ref.kind == "Kustomization":
        return ()
    kept = {one.ref for one in (*after.resources, *inventory(case.cluster, ref))} if after else set()
    return tuple(resource for resource in inventory(base, ref) if resource.ref not in kept)


def lets_go(case: Case, base: Cluster, ref: Ref) -> bool:
    """Whether a Kustomization deletes on the running cluster what it no longer applies, or is deleted itself."""
    if ref in case.cluster.nodes:
        return prunes(base, case.cluster, ref) and not case.running.absent(ref)
    return empties(base.nodes[ref].kustomization) and is_deleted(base, case.cluster, ref)


def _applying(now: Mapping[Ref, Resource]) -> Ref | None:
    """The first of the new owners that is not told to leave the object alone."""
    return min((ref for ref, resource in now.items() if not resource.is_skipped), default=None)


def _takeover(base: Cluster, head: Cluster, old: Ref, new: Ref) -> Takeover:
    if old in head.nodes and _waits(base, old, new):
        return Takeover.FIRST
    if old in head.nodes and _waits(head, new, old):
        return Takeover.AFTERWARDS
    return Takeover.OPEN if new in base.nodes else Takeover.NOT_THERE_YET


def _waits(cluster: Cluster, one: Ref, other: Ref) -> bool:
    """Whether one Kustomization applies a revision only when another one has applied it.

    That holds along dependencies within one source, as long as no ``readyExpr`` replaces the check.
    """
    seen: set[Ref] = set()
    pending = [one]
    while pending:
        node = cluster.nodes.get(pending.pop())
        if node is None or node.ref in seen:
            continue
        seen.add(node.ref)
        for entry in node.kustomization.depends_on:
            named = cluster.nodes.get(entry.ref)
            if named and not entry.ready_expr and named.kustomization.source == node.kustomization.source:
                if named.ref == other:
                    return True
                pending.append(named.ref)
    return False


def is_replaced(case: Case, resource: Resource) -> bool:
    """Whether the loss of an object is over as soon as it is made again."""
    return resource.group_kind in _REPLACED or str(resource.group_kind) in case.soft


def is_cascading(resource: Resource) -> bool:
    """Whether other things are deleted with such an object."""
    return resource.group_kind in _LOST


def _rank(case: Case, resource: Resource) -> int:
    """How much is lost with an object, the most first."""
    ranks = list(_LOST)
    if resource.group_kind in _LOST:
        return ranks.index(resource.group_kind)
    return len(ranks) + is_replaced(case, resource)


def lost_with(case: Case, resource: Resource) -> str:
    """What the deletion of an object does, as a clause."""
    if is_replaced(case, resource):
        return "it is missing until then"
    return _LOST.get(resource.group_kind, "what belongs to it goes with it")
