"""What Flux reads and nothing makes, where the tree itself says that it was meant to be there.

Sources, ConfigMaps and Secrets made by hand are the rule, so one that is absent
is not missing: it is only where the base made it and the head no longer does,
or where the tree makes it under a name that differs in a way no human chooses.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from bot.model.cluster import Cluster, Output
from bot.model.flux import Required
from bot.model.ref import Ref
from bot.model.resource import Resource
from bot.simulate.case import Case
from bot.simulate.made import makes, making

_HASH = re.compile(r"-[2456789bcdfghkmt]{10}\Z")
"""What kustomize appends to the names of generated objects (kustomize ``hasher.go``)."""


class Unmade(NamedTuple):
    """Something that ``reader``, applied by ``owner``, reads and nothing makes.

    ``before`` is what made it in the base; ``near`` what the tree makes and
    may be meant.
    """

    reader: Resource
    owner: Ref
    required: Required
    before: Ref | None
    near: Ref | None


def unmade(case: Case, kinds: frozenset[str]) -> Iterator[Unmade]:
    """What is read of these kinds and not made, where something says that it was meant to be."""
    wanted = [one for one in _wanted(case.cluster) if one[2].ref.kind in kinds]
    made = _made(case.cluster, kinds) if wanted else {}
    own = _own_sources(case.cluster)
    unseen = (one for one in wanted if one[2].ref not in made and one[2].ref not in own)
    missing = [one for one in unseen if not _is_known(case.cluster, one[2].ref)]
    before = _made(case.base, kinds) if missing and case.base else {}
    near_to: dict[Ref, Ref | None] = {}  # many read the same
    for reader, owner, required in missing:
        maker = before.get(required.ref)
        dropped = maker if maker and _is_read(case.cluster, maker) else None
        if required.ref not in near_to:
            near_to[required.ref] = _near(required.ref, made)
        near = near_to[required.ref]
        if dropped or near:
            yield Unmade(reader, owner, required, dropped, near)


def _wanted(cluster: Cluster) -> Iterator[tuple[Resource, Ref, Required]]:
    for ref, node in cluster.nodes.items():
        for one in node.kustomization.requires if node.parents else ():
            yield node.kustomization.resource, ref, one
    for release, owner in cluster.releases.values():
        for one in release.requires:
            yield release.resource, owner, one


def _made(cluster: Cluster, kinds: frozenset[str]) -> Mapping[Ref, Ref]:
    """What the cluster makes of these kinds, with the Kustomization that applies it or what it is made of."""
    found: dict[Ref, Ref] = {}
    makers = making(kinds)
    for ref, node in cluster.nodes.items():
        for resource in node.resources:
            for one in makes(resource) if resource.ref.kind in makers else ():
                if one.kind in kinds:
                    found.setdefault(one, ref)
    return found


def _own_sources(cluster: Cluster) -> frozenset[Ref]:
    """What the cluster's entry reads: it stands in the cluster before anything is applied."""
    return frozenset(node.kustomization.source for node in cluster.nodes.values() if not node.parents)


def _is_known(cluster: Cluster, ref: Ref) -> bool:
    """Whether it is there without an object in the tree, as it is declared; or its name is open."""
    return "${" in str(ref) or not {str(ref), f"{ref.kind}/{ref.name}"}.isdisjoint(cluster.provided.objects)


def _is_read(head: Cluster, maker: Ref) -> bool:
    """Whether the head shows all that the Kustomization applies, or has it no more."""
    node = head.nodes.get(maker)
    return node is None or (isinstance(node.building, Output) and not node.unread)


def _near(wanted: Ref, made: Iterable[Ref]) -> Ref | None:
    """The object that is meant although it is called otherwise: a generated one, or a slip in a source's name."""
    if not wanted.group:
        local = (ref for ref in made if (ref.kind, ref.namespace) == (wanted.kind, wanted.namespace))
        return next((ref for ref in local if _is_hashed(ref.name, wanted.name)), None)
    same = sorted(ref for ref in made if ref.name == wanted.name)
    if same:
        return same[0]
    local_names = {ref.name: ref for ref in made if (ref.kind, ref.namespace) == (wanted.kind, wanted.namespace)}
    names = difflib.get_close_matches(wanted.name, list(local_names), n=1, cutoff=0.85)
    return local_names[names[0]] if names else None


def _is_hashed(name: str, wanted: str) -> bool:
    return name != wanted and unhashed(name) == wanted


def unhashed(name: str) -> str:
    """The name of a generated object without what kustomize appends to it."""
    found = _HASH.search(name)
    return name[: found.start()] if found else name
