"""What stands behind a health check on an object that no manifest shows.

Charts make Deployments and CRDs too, and manifests from other hosts hold some.
"""

from __future__ import annotations

import difflib

from bot.knowledge.kinds import by_plural, namespaced
from bot.model.cluster import Cluster, Means, Node
from bot.model.ref import Ref

_WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet"})


def behind(cluster: Cluster, check: Ref) -> Ref:
    """The HelmRelease whose chart makes the object of a health check; the object itself where no single one does.

    A workload that comes from another host and makes CRDs has no namespace here, for nobody reads it.

    The object is there only once the release is being installed, and Helm
    creates CRDs before workloads.
    """
    if check in cluster.resources:
        return check
    if check.kind == "CustomResourceDefinition":
        made_by = _bringing(cluster, check.name)
    elif check.kind in _WORKLOADS:
        made_by = _remote(cluster, check) or _named_alike(cluster, check)
    else:
        made_by = []
    return made_by[0] if len(made_by) == 1 else check


def _bringing(cluster: Cluster, crd: str) -> list[Ref]:
    plural, _, group = crd.partition(".")
    what = by_plural(group, plural)
    found = cluster.providers(what) if what else ()
    return list(dict.fromkeys(one.by for one in found if one.by in cluster.releases))


def _remote(cluster: Cluster, check: Ref) -> list[Ref]:
    makers = {one.by for node in cluster.nodes.values() for one in node.provisions if one.means is Means.CONTROLLER}
    return [ref for ref in makers if (ref.kind, ref.name, ref.namespace) == (check.kind, check.name, "")]


def _named_alike(cluster: Cluster, check: Ref) -> list[Ref]:
    """The releases of the object's namespace; those that its name begins with, where there are such."""
    here = [ref for ref, (release, _) in cluster.releases.items() if release.target_namespace == check.namespace]
    alike = [ref for ref in here if check.name == ref.name or check.name.startswith(f"{ref.name}-")]
    return alike or here


def meant(cluster: Cluster, node: Node, checked: Ref) -> Ref | None:
    """What a health check that finds nothing was probably meant for; None where nothing is called alike."""
    return twin_of(node, checked) or _nearest(cluster, checked)


def twin_of(node: Node, checked: Ref) -> Ref | None:
    """What the Kustomization applies under that kind and name, in another group or namespace.

    kustomize gives cluster-wide objects of kinds that it does not know a
    namespace too; only where a kind is known to have one does it tell anything.
    """
    same = [one.ref for one in node.resources if (one.ref.kind, one.ref.name) == (checked.kind, checked.name)]
    if any(ref.group == checked.group for ref in same) and not namespaced(checked.group_kind):
        return None
    return min(same, default=None)


def _nearest(cluster: Cluster, checked: Ref) -> Ref | None:
    pool = cluster.releases if checked.kind == "HelmRelease" else cluster.nodes
    same = sorted(ref for ref in pool if ref.name == checked.name)
    if same:
        return same[0]
    local = {ref.name: ref for ref in pool if ref.namespace == checked.namespace}
    names = difflib.get_close_matches(checked.name, list(local), n=1, cutoff=0.7)
    return local[names[0]] if names else None
