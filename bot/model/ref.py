"""Identities: of a kind, and of an object."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

KUSTOMIZE = "kustomize.toolkit.fluxcd.io"
HELM = "helm.toolkit.fluxcd.io"
SOURCE = "source.toolkit.fluxcd.io"


class GroupKind(NamedTuple):
    """A kind of object, in whatever version."""

    group: str
    kind: str

    def __str__(self) -> str:
        """``ClusterIssuer.cert-manager.io``; a core kind is just ``Secret``."""
        return f"{self.kind}.{self.group}" if self.group else self.kind


class Ref(NamedTuple):
    """Identity as Flux sees it; the API version is not part of it. Unique within one cluster only.

    A tuple, because nearly every look-up of a review is by one, and tuples are hashed several times faster.
    """

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """As Flux prints it: ``Kind/namespace/name`` or ``Kind/name`` (fluxcd/pkg ssa, FmtUnstructured)."""
        middle = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind}/{middle}{self.name}"

    @property
    def group_kind(self) -> GroupKind:
        return group_kind(self.group, self.kind)


@lru_cache(maxsize=4_096)
def group_kind(group: str, kind: str) -> GroupKind:
    """The kind of that name; the very same for the same name, as it is asked for again and again."""
    return GroupKind(group, kind)


def group_of(api_version: str) -> str:
    """The group of ``cert-manager.io/v1``; empty for ``v1``."""
    return api_version.rpartition("/")[0]


def version_of(api_version: str) -> str:
    """The version of ``cert-manager.io/v1``, which is ``v1``."""
    return api_version.rpartition("/")[2]


def kustomization(namespace: str, name: str) -> Ref:
    return Ref(KUSTOMIZE, "Kustomization", namespace, name)


def release(namespace: str, name: str) -> Ref:
    return Ref(HELM, "HelmRelease", namespace, name)
