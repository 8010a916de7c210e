"""Objects that are not ready before another one is there that they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from bot.model.cluster import Cluster, Node
from bot.model.field import FieldPath, text
from bot.model.ref import GroupKind, Ref


class Use(NamedTuple):
    """``user`` is not ready before ``used`` is there, which ``owner`` alone applies."""

    user: Ref
    used: Ref
    owner: Ref


_NAMED: Mapping[GroupKind, tuple[FieldPath, str]] = {
    GroupKind("external-secrets.io", "ExternalSecret"): (("spec", "secretStoreRef"), "SecretStore"),
    GroupKind("cert-manager.io", "Certificate"): (("spec", "issuerRef"), "Issuer"),
}
"""By kind where it names the other and which kind that is by default, of the same group: their controllers write
``Ready: False`` until it is there."""
_KINDS = frozenset(what.kind for what in _NAMED)


def uses(cluster: Cluster) -> Mapping[Ref, tuple[Use, ...]]:
    """By waiting Kustomization what it applies that only an object of another one makes ready."""
    named = {node.ref: tuple(_named(node)) for node in cluster.nodes.values() if node.kustomization.wait}
    asked = {_plain(used) for some in named.values() for _, used in some}
    owners = _owners(cluster, asked) if asked else {}
    found = {ref: tuple(_of_others(ref, some, owners)) for ref, some in named.items()}
    return {ref: some for ref, some in found.items() if some}


def _named(node: Node) -> Iterator[tuple[Ref, Ref]]:
    """The objects of a Kustomization that name another one, each with that."""
    for resource in node.resources:
        named = _NAMED.get(resource.group_kind) if resource.ref.kind in _KINDS else None
        if named and not resource.is_skipped:
            field, default = named
            group = text(resource.body, *field, "group") or resource.ref.group
            kind, name = text(resource.body, *field, "kind") or default, text(resource.body, *field, "name")
            if name and group == resource.ref.group:
                yield resource.ref, Ref(group, kind, resource.ref.namespace, name)


def _plain(ref: Ref) -> Ref:
    """Without a namespace for a cluster-wide kind; kustomize may have put one on such an object."""
    return ref._replace(namespace="") if ref.kind.startswith("Cluster") else ref


def _owners(cluster: Cluster, asked: set[Ref]) -> dict[Ref, list[tuple[Ref, Ref]]]:
    """The objects that are asked for as they are applied, each with who does."""
    found: dict[Ref, list[tuple[Ref, Ref]]] = {}
    for owner, node in cluster.nodes.items():
        for resource in node.resources:
            if _plain(resource.ref) in asked:
                found.setdefault(_plain(resource.ref), []).append((resource.ref, owner))
    return found


def _of_others(
    ref: Ref, named: Iterable[tuple[Ref, Ref]], owners: Mapping[Ref, list[tuple[Ref, Ref]]]
) -> Iterator[Use]:
    for user, wanted in named:
        made = owners.get(_plain(wanted), [])
        if len(made) == 1 and made[0][1] != ref:
            yield Use(user, *made[0])
