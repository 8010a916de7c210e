"""Custom resources in a version that only an upgrade of the same Kustomization makes the running cluster serve."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from bot.model.cluster import Cluster, Confidence, Means, Node, Provision
from bot.model.flux import Release
from bot.model.ref import GroupKind, Ref
from bot.model.resource import Resource
from bot.model.snapshot import clamped
from bot.simulate.case import Case


@dataclass(frozen=True, slots=True)
class Bumped:
    """An object of ``owner`` in a version that its own ``release`` is to bring; the cluster serves ``served``."""

    owner: Ref
    resource: Resource
    release: Ref
    served: tuple[str, ...]


def bumped(case: Case) -> Iterator[Bumped]:
    """Every Kustomization that the running cluster refuses until it has applied an upgrade that it carries itself."""
    base = case.base
    if base is None:
        return
    for ref, node in case.cluster.nodes.items():
        carried = [one for one in node.releases if ref in base.nodes and _is_carried(case.cluster, base, node, one)]
        seen: set[tuple[GroupKind, str]] = set()
        for resource in node.resources if carried else ():
            key = (resource.group_kind, resource.version)
            if key in seen or resource.is_skipped:
                continue
            seen.add(key)
            release = _only_bringer(case.cluster, resource, ref)
            served = _live(base, resource) if release in {one.ref for one in carried} else ()
            if release and served and resource.version not in served:
                yield Bumped(ref, resource, release, served)


def _is_carried(head: Cluster, base: Cluster, node: Node, release: Release) -> bool:
    """Whether a live release is upgraded only when this Kustomization is applied.

    That is so where the change is in the HelmRelease. A chart in a repository
    that gets another version is built and installed without it.
    """
    before = base.nodes[node.ref]
    live = next((one for one in before.releases if one.ref == release.ref), None)
    if live is None or live.resource.body == release.resource.body or release.suspended:
        return False
    return not release.chart or not release.chart.path or _is_same_chart(head, base, release.chart.path)


def _is_same_chart(head: Cluster, base: Cluster, path: str) -> bool:
    file = posixpath.join(clamped(path), "Chart.yaml")
    return head.snapshot.data(file) == base.snapshot.data(file)


def _only_bringer(head: Cluster, resource: Resource, owner: Ref) -> Ref | None:
    """The release of the Kustomization that alone brings the kind in that version, as a rendered chart says."""
    found = head.providers(resource.group_kind)
    serving = [one for one in found if one.versions is None or resource.version in one.versions]
    if len(serving) != 1 or serving[0].owner != owner or serving[0].confidence is not Confidence.PROVEN:
        return None
    return serving[0].by if serving[0].means is Means.RELEASE else None


def _live(base: Cluster, resource: Resource) -> tuple[str, ...]:
    """The versions that the running cluster serves; none where they are not all known."""
    found: tuple[Provision, ...] = base.providers(resource.group_kind)
    if any(one.confidence is not Confidence.PROVEN or one.versions is None for one in found):
        return ()
    if resource.group_kind in base.provided.kinds or base.provided.patterns:
        return ()
    return tuple(sorted({version for one in found for version in one.versions or ()}))
