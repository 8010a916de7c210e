"""Variables without a value and what Flux makes of them, which depends on its version."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from bot.model.cluster import Cluster, Node, Unset
from bot.model.ref import GroupKind, Ref

STRICT_SINCE = (2, 9)
"""``StrictPostBuildSubstitutions`` is on by default from there (kustomize-controller 1.9, features.go)."""

_GATE = "StrictPostBuildSubstitutions=false"
_TEXTS = frozenset(
    {
        GroupKind("", "ConfigMap"),
        GroupKind("", "Secret"),
        GroupKind("apiextensions.k8s.io", "CustomResourceDefinition"),
        GroupKind("grafana.integreatly.org", "GrafanaDashboard"),
    }
)


class Strictness(StrEnum):
    """What becomes of such a variable: the build fails, it is empty, or nobody can say."""

    FAILS = "fails"
    EMPTY = "empty"
    UNKNOWN = "unknown"


def strictness(cluster: Cluster) -> Strictness:
    """By the cluster's version of Flux and the gate that turns strictness off."""
    if cluster.flux is None:
        return Strictness.UNKNOWN
    if minor_of(cluster.flux) < STRICT_SINCE:
        return Strictness.EMPTY
    return Strictness.EMPTY if _is_off(cluster) else Strictness.FAILS


def minor_of(version: str) -> tuple[int, ...]:
    """``2.9`` as numbers."""
    return tuple(int(part) for part in version.split("."))


def _is_off(cluster: Cluster) -> bool:
    """Whether anything that configures Flux here turns the gate off."""
    flux = ("Kustomization", "FluxInstance", "HelmRelease", "Deployment")
    bodies = (one.body for one, _ in cluster.resources.values() if one.ref.kind in flux)
    entries = (path for path in cluster.snapshot.files if path.endswith("flux-system/kustomization.yaml"))
    return any(_GATE in json.dumps(body) for body in bodies) or any(
        _GATE.encode() in (cluster.snapshot.data(path) or b"") for path in entries
    )


def is_text(by: Ref) -> bool:
    """Whether such an object carries texts of other programs, scripts and dashboards with a ``${…}`` of their own."""
    return by.group_kind in _TEXTS


def alike(name: str, known: Iterable[str]) -> str | None:
    """The variable that is probably meant, of those that are defined."""
    every = sorted(known)
    same = [one for one in every if one.lower() == name.lower()]
    return next(iter(same or difflib.get_close_matches(name, every, n=1, cutoff=0.8)), None)


def unset(cluster: Cluster, *, in_texts: bool) -> Iterator[tuple[Node, Mapping[Ref, tuple[Unset, ...]]]]:
    """Per Kustomization its variables without a value, by the object in which they stand."""
    for node in cluster.nodes.values():
        found: dict[Ref, list[Unset]] = {}
        for one in node.unset:
            if is_text(one.by) is in_texts:
                found.setdefault(one.by, []).append(one)
        if found:
            yield node, {by: tuple(some) for by, some in found.items()}
