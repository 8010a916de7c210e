"""Custom resources in a version that their CRD does not serve."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.model.cluster import Cluster, Confidence, Provision
from bot.model.flux import ChartRef
from bot.model.ref import GroupKind, Ref
from bot.model.resource import Resource
from bot.simulate.fact import Fact, needs_kind, provided
from bot.simulate.order import best, has_target
from bot.simulate.unread import elsewhere

_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")
_NEWEST = re.compile(r"(?:[*xX]|>=?\s*v?\d[\w.-]*)?")


@dataclass(frozen=True, slots=True)
class Unserved:
    """The first object of a Kustomization in a version that is not among the ``served`` ones, the newest first."""

    owner: Ref
    resource: Resource
    provider: Provision
    served: tuple[str, ...]


def unserved(cluster: Cluster) -> Iterator[Unserved]:
    """Every Kustomization with a kind and version that nothing serves, as far as all that bring the kind are known."""
    brought = {what for what in cluster.kinds if needs_kind(what)}
    for ref, node in cluster.nodes.items() if brought else ():
        seen: set[tuple[GroupKind, str]] = set()
        for resource in node.resources:
            what = resource.group_kind
            key = (what, resource.version)
            if what not in brought or key in seen or resource.is_skipped:
                continue
            seen.add(key)
            fact = Fact(node.kustomization.target, what)
            providers = _serving(cluster, fact)
            if providers and _serves_not(providers, resource.version) and not elsewhere(cluster, fact.what):
                served = {version for one in providers for version in one.versions or ()}
                newest_first = sorted(served, key=_age, reverse=True)
                yield Unserved(ref, resource, best(list(providers)), tuple(newest_first))


def _serving(cluster: Cluster, fact: Fact) -> tuple[Provision, ...]:
    """What brings a kind, where nothing else is known to and the versions of each are known; else nothing."""
    found = tuple(one for one in cluster.providers(fact.what) if has_target(cluster, one, fact.target))
    if not found or not all(_is_known(cluster, one) for one in found) or provided(cluster, fact) is not None:
        return ()
    return found


def _is_known(cluster: Cluster, provision: Provision) -> bool:
    """Whether the versions are those that the cluster will serve.

    The catalogue shows one commit of each chart, near its newest release, so
    it says nothing of a chart that is held at a version.
    """
    if not provision.versions:
        return False
    if provision.confidence is Confidence.PROVEN:
        return True
    release = cluster.releases.get(provision.by)
    chart = release[0].chart if release else None
    return provision.confidence is Confidence.LIKELY and chart is not None and _follows_the_newest(chart)


def _follows_the_newest(chart: ChartRef) -> bool:
    return bool(chart.url) and _NEWEST.fullmatch(chart.version.strip()) is not None


def _serves_not(providers: Sequence[Provision], version: str) -> bool:
    """Whether no CRD serves a version; a newer one than the catalogue knows may be there by now."""
    served = {one for provision in providers for one in provision.versions or ()}
    proven = all(one.confidence is Confidence.PROVEN for one in providers)
    return version not in served and (proven or _age(version) < max(map(_age, served)))


def _age(version: str) -> tuple[int, int, int]:
    """The rank of an API version as Kubernetes sorts them, older ones lower: ``v1alpha1``, ``v1beta1``, ``v1``, ``v2``.

    Kubernetes puts every stable version above every beta; here the major number comes first, as projects count.
    """
    found = _VERSION.fullmatch(version)
    if found is None:
        return (0, 0, 0)
    major, stage, minor = found.groups()
    return (int(major), ("alpha", "beta", None).index(stage), int(minor or 0))
