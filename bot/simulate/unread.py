"""Parts of a cluster that could not be read, and what they may bring."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache

from bot.knowledge.charts import bringer_names
from bot.model.cluster import Broken, Cluster, Node, Unresolved
from bot.model.ref import GroupKind, Ref

_GENERIC = frozenset(
    {"crd", "crds", "flux", "system", "cluster", "base", "infra", "infrastructure", "apps", "app", "common", "core"}
    | {"source", "sources", "repositories", "operators", "controllers", "platform", "addons", "bootstrap", "main"}
)
TELLING = 4
"""Letters that a word must have to tell one project from another."""

# Interfaces that many projects share. Their CRDs belong to none of them, so scripts install them before Flux starts.
_SHARED = frozenset(
    {"externaldns.k8s.io", "gateway.networking.k8s.io", "monitoring.coreos.com", "snapshot.storage.k8s.io"}
)

_CRD_FILE = re.compile(r"(?:^|[/._-])crds?(?:[/._-]|$)")
_GENERATORS = frozenset({"Subscription", "FluxInstance"})


@lru_cache(maxsize=4096)
def _words(what: GroupKind) -> tuple[str, ...]:
    """Words by which a reader would guess that a source brings the CRDs of a group."""
    labels = [
        label for label in what.group.split(".")[:-1] if len(label) >= TELLING and label not in ("toolkit", "operator")
    ]
    charts = [re.sub(r"-(operator|crds?|chart|stack)$", "", chart) for chart in bringer_names(what)]
    return (*labels, *(chart for chart in charts if len(chart) >= TELLING))


def elsewhere(cluster: Cluster, what: GroupKind) -> str | None:
    """What could not be read and may well bring a kind; None where nothing looks like it.

    A source that could not be read counts where its name or address speaks of
    the kind's project, or where its name says nothing particular at all; a
    bootstrap script of which nothing could be read counts for shared interfaces.
    What a limit cut off may bring anything.
    """
    if cluster.cut:
        return cluster.cut
    if cluster.provided.unread and what.group in _SHARED:
        return cluster.provided.unread
    words = _words(what)
    for node in cluster.nodes.values():
        for text in _unread(node):
            if _may_bring(node, text, words):
                return text
    return None


def waits_for_unknown(cluster: Cluster, ref: Ref) -> bool:
    """Whether a Kustomization waits in the end for one that the tree does not hold, and which may bring anything.

    As in a repository of which one cluster reads two roots.
    """
    seen = {ref}
    pending = [ref]
    while pending:
        node = cluster.nodes.get(pending.pop())
        if node is None:
            return True
        further = [entry.ref for entry in node.kustomization.depends_on if entry.ref not in seen]
        seen.update(further)
        pending += further
    return False


def is_as_applied(cluster: Cluster, node: Node) -> bool:
    """Whether the spec of a Kustomization is known as its parents apply it.

    Of a parent that cannot be built some patches may be missing that give its
    children a setting.
    """
    parents = (cluster.nodes.get(ref) for ref in node.parents)
    return not any(parent and isinstance(parent.building, Broken) for parent in parents)


def _may_bring(node: Node, text: str, words: tuple[str, ...]) -> bool:
    """Whether an unread part speaks of a kind; of files that a broken build lacks, only those of CRDs could matter."""
    if isinstance(node.building, Broken) and "://" not in text and not text.startswith(str(node.ref)):
        return _CRD_FILE.search(text) is not None
    return any(word in text.lower() for word in words) or _says_nothing(node, text)


def _unread(node: Node) -> Iterator[str]:
    if isinstance(node.building, Unresolved) and node.ref.kind == "ResourceSet":
        yield f"what makes of itself {node.ref}: {json.dumps(node.kustomization.resource.body)}"
    elif isinstance(node.building, Unresolved):
        yield f"{node.ref} at {node.kustomization.path}: {node.building.why}"
    if isinstance(node.building, Broken) and not node.building.resources:
        yield f"{node.ref} at {node.kustomization.path}, which cannot be built"
    yield from node.unread
    for resource in node.resources:
        if resource.ref.kind in _GENERATORS:
            yield f"{resource.ref} {json.dumps(resource.body)}"


def _says_nothing(node: Node, text: str) -> bool:
    """Whether an unread Kustomization's name and address are made of general words only, such as ``crds``."""
    named = isinstance(node.building, Unresolved) and text.startswith(str(node.ref))
    address = re.search(r"://\S*/([^/\s]+)/?$", text)
    words = f"{node.ref.name} {address.group(1) if address else ''}".lower()
    return named and set(re.split(r"[^a-z0-9]+", words)) - {""} <= _GENERIC
