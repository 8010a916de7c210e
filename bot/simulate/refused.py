"""Objects that are refused whatever else is in the cluster, and with them all that their Kustomization applies.

The API server refuses what its schema does not take and what lacks its
namespace, at the dry-run; kustomize-controller itself an encrypted Secret
that it is not told to decrypt, before it applies anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from bot.knowledge.kinds import namespaced
from bot.knowledge.schemas import Invalid
from bot.manifest.documents import is_encrypted
from bot.model.cluster import Cluster, Node
from bot.model.field import FieldPath, mapping
from bot.model.ref import GroupKind, Ref
from bot.model.resource import Resource
from bot.simulate.ownership import applied
from bot.simulate.unfit import is_of_kubernetes, unfit
from bot.simulate.unread import is_as_applied

_SECRET = GroupKind("", "Secret")


class Grounds(StrEnum):
    """Why an object is refused."""

    INVALID = "invalid"
    NO_NAMESPACE = "no namespace"
    ENCRYPTED = "encrypted"


@dataclass(frozen=True, slots=True)
class Refused:
    """An object with the grounds on which it is refused; ``invalid`` is the first field that its schema refuses."""

    resource: Resource
    grounds: Grounds
    invalid: Invalid | None = None

    @property
    def predicted(self) -> str:
        """The text that Flux prints (kustomize-controller ``CheckEncryptedSecrets``; fluxcd/pkg ssa ``DryRunErr``)."""
        ref = self.resource.ref
        if self.grounds is Grounds.ENCRYPTED:
            return f"{ref} is SOPS encrypted, configuring decryption is required for this secret to be reconciled"
        if self.grounds is Grounds.NO_NAMESPACE:
            return f"{ref} namespace not specified: the server could not find the requested resource"
        if self.invalid and self.invalid.undeclared:
            return f".{_after_lists(self.invalid.field)}: field not declared in schema"
        if self.invalid and not self.invalid.lacks and is_of_kubernetes(self.resource):
            return f"{ref} dry-run failed: failed to create typed patch object"
        return f"{ref} dry-run failed (Invalid)"

    @property
    def path(self) -> str:
        """The field that is invalid, as the API server writes it."""
        return ".".join(str(step) for step in self.invalid.field) if self.invalid else ""


RefusedBy: TypeAlias = Mapping[Ref, tuple[Refused, ...]]


def refused(cluster: Cluster, before: tuple[Cluster, RefusedBy] | None = None) -> RefusedBy:
    """By Kustomization what of it is refused; those of which nothing is are left out.

    ``before`` is another tree with what is refused there: a Kustomization that both have is looked at once.
    """
    known, told = before if before and before[0].flux == cluster.flux else (None, {})
    found: dict[Ref, tuple[Refused, ...]] = {}
    for ref, node in cluster.nodes.items():
        is_known = known is not None and known.nodes.get(ref) is node
        same = (one for one in told.get(ref, ()) if one.grounds is not Grounds.ENCRYPTED)
        some = (*_encrypted(cluster, node), *(same if is_known else _own(cluster, node)))
        if some:
            found[ref] = some
    return found


def _own(cluster: Cluster, node: Node) -> Iterator[Refused]:
    """What is refused whatever the other Kustomizations are."""
    for resource in applied(node):
        if resource.is_skipped:
            continue
        if not resource.ref.namespace and node.ref.kind == "Kustomization" and namespaced(resource.group_kind):
            yield Refused(resource, Grounds.NO_NAMESPACE)
        wrong = unfit(resource, cluster.flux)
        if wrong:
            yield Refused(resource, Grounds.INVALID, wrong)


def _encrypted(cluster: Cluster, node: Node) -> list[Refused]:
    some = [one for one in applied(node) if one.ref.kind == "Secret" and one.group_kind == _SECRET]
    closed = [one for one in some if is_encrypted(one.body)]
    return [Refused(one, Grounds.ENCRYPTED) for one in closed] if closed and not _may_decrypt(cluster, node) else []


def _after_lists(field: FieldPath) -> str:
    """The end of a path; the API server names what stands in a list by a key, not by its place."""
    last = max((index for index, step in enumerate(field) if isinstance(step, int)), default=-1)
    return ".".join(str(step) for step in field[last + 1 :])


def _may_decrypt(cluster: Cluster, node: Node) -> bool:
    """Whether its spec decrypts; that of an entry point as something in the tree applies it, if anything does.

    What a bootstrap makes of an entry point, with its patches, the tree need not show.
    """
    if node.parents:
        return bool(mapping(node.kustomization.spec, "decryption")) or not is_as_applied(cluster, node)
    found = cluster.resources.get(node.ref)
    return found is None or bool(mapping(found[0].body, "spec", "decryption"))
