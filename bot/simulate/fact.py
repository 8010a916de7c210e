"""What can be true of a cluster, and what an object needs to be true before the API server takes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from bot.knowledge.kinds import aggregated_by, config_only, flux_kind, is_builtin
from bot.knowledge.kinds import namespaced as is_namespaced
from bot.model.cluster import Cluster, Means, Node, Provision
from bot.model.finding import Missing
from bot.model.ref import GroupKind, Ref
from bot.model.resource import Resource

NAMESPACE = GroupKind("", "Namespace")
_SYSTEM_NAMESPACES = frozenset({"default", "kube-system", "kube-public", "kube-node-lease", "flux-system"})


class Fact(NamedTuple):
    """A kind is established, or (with ``name``) a namespace exists, in the target cluster ``target``."""

    target: str
    what: GroupKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """A resource that the dry-run refuses while ``fact`` does not hold."""

    fact: Fact
    resource: Resource

    @property
    def missing(self) -> Missing | None:
        """The kind and version, for a need of a kind."""
        return None if self.fact.name else Missing(self.fact.what, self.resource.version)

    @property
    def predicted(self) -> str:
        """The text that Flux prints (fluxcd/pkg ssa/errors, ``DryRunErr``)."""
        if self.fact.name:
            return f'{self.resource.ref} not found: namespaces "{self.fact.name}" not found'
        return no_match(self.resource)


def no_match(resource: Resource) -> str:
    """What Flux prints of an object whose kind the API server does not serve in its version."""
    kind, version = resource.ref.kind, resource.api_version
    return f'{resource.ref} dry-run failed: no matches for kind "{kind}" in version "{version}"'


def needs(node: Node) -> tuple[Need, ...]:
    """What the dry-run of a Kustomization's objects needs, one entry for each fact: the first object that needs it."""
    found: dict[Fact, Need] = {}
    target = node.kustomization.target
    seen: set[tuple[GroupKind, str]] = set()
    for resource in node.resources:
        key = (resource.group_kind, resource.ref.namespace)
        if key in seen or resource.is_skipped:
            continue
        seen.add(key)
        for fact in _facts_needed(resource, target):
            if fact not in found:
                found[fact] = Need(fact, resource)
    return tuple(found.values())


def needs_kind(what: GroupKind) -> bool:
    """Whether something has to bring a kind before its objects are taken."""
    return not _is_always_there(what)


def _facts_needed(resource: Resource, target: str) -> Iterator[Fact]:
    what = resource.group_kind
    if not _is_always_there(what):
        yield Fact(target, what)
    namespace = resource.ref.namespace
    if namespace and namespace not in _SYSTEM_NAMESPACES and is_namespaced(what) is not False:
        yield Fact(target, NAMESPACE, namespace)


@lru_cache(maxsize=4096)
def _is_always_there(what: GroupKind) -> bool:
    """Whether a kind needs nobody to bring it: Kubernetes' own, an aggregated API's, Flux's, or never applied."""
    if is_builtin(what) or flux_kind(what) is not None:
        return True
    return config_only(what.group, what.kind) or aggregated_by(what.group) is not None


def defined(node: Node) -> Iterator[Fact]:
    """The facts that a Kustomization makes true by itself, in its first apply stage: its CRDs and Namespaces."""
    target = node.kustomization.target
    for resource in node.resources:
        if resource.ref.kind == NAMESPACE.kind and resource.group_kind == NAMESPACE and not resource.is_skipped:
            yield Fact(target, NAMESPACE, resource.ref.name)
    for provision in node.provisions:
        if provision.means is Means.MANIFEST:
            yield Fact(target, provision.what)


def brought_by_objects(node: Node, wanted: Iterable[Fact]) -> Iterator[tuple[Ref, Fact]]:
    """The facts that the objects of a Kustomization make true later, each with the object that does.

    ``wanted`` are the facts that somebody in the cluster needs: a provision by
    pattern can only be matched against these.
    """
    target = node.kustomization.target
    patterned = [one for one in node.provisions if one.pattern]
    for provision in node.provisions:
        if provision.means is not Means.MANIFEST and not provision.pattern:
            yield provision.by, Fact(target, provision.what)
    for provision in patterned:
        yield from ((provision.by, fact) for fact in wanted if _covers(provision, fact, target))
    for release in node.releases:
        if release.creates_namespace:
            yield release.ref, Fact(release.target or target, NAMESPACE, release.target_namespace)


def _covers(provision: Provision, fact: Fact, target: str) -> bool:
    return fact.target == target and not fact.name and provision.brings(fact.what)


def provided(cluster: Cluster, fact: Fact) -> str | None:
    """What says that a fact holds before Flux starts; None where nothing does."""
    if fact.name:
        return cluster.provided.namespaces.get(fact.name)
    there = cluster.provided.kinds.get(fact.what)
    if there is not None:
        return there
    for pattern in cluster.provided.patterns:
        kind, _, group = pattern.partition(".")
        if kind in ("*", fact.what.kind) and group == fact.what.group:
            return f"provided.crds names {pattern}"
    return None
