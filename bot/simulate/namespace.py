"""Who makes a namespace."""

from __future__ import annotations

from typing import NamedTuple

from bot.model.cluster import Cluster
from bot.model.ref import Ref
from bot.simulate.fact import NAMESPACE, Fact


class Maker(NamedTuple):
    """A Namespace object or a HelmRelease with ``createNamespace``, and the Kustomization that applies it."""

    owner: Ref
    by: Ref


def makers(cluster: Cluster, fact: Fact) -> tuple[Maker, ...]:
    """Everything that makes the namespace, Namespace objects first."""
    plain = Ref(NAMESPACE.group, NAMESPACE.kind, "", fact.name)
    found = [Maker(ref, plain) for ref, node in cluster.nodes.items() if any(r.ref == plain for r in node.resources)]
    found += [
        Maker(owner, release.ref)
        for release, owner in cluster.releases.values()
        if release.creates_namespace and release.target_namespace == fact.name
    ]
    return tuple(found)
