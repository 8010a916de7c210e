"""Objects that two Kustomizations apply at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.model.cluster import Cluster
from bot.model.ref import Ref
from bot.model.resource import Resource
from bot.simulate.case import Case
from bot.simulate.ownership import applied, is_kept, owners
from bot.simulate.transfer import is_cascading


@dataclass(frozen=True, slots=True)
class Shared:
    """What two Kustomizations both apply, as the second does; those that they write differently first.

    ``differs`` says that some object is not alike on both sides, ``is_pruned``
    that one of the two would delete it, ``is_grave`` that other things go with it.
    """

    first: Ref
    second: Ref
    objects: tuple[Resource, ...]
    differs: bool
    is_pruned: bool
    is_grave: bool


@dataclass(frozen=True, slots=True)
class _Copy:
    """An object as the second writes it."""

    resource: Resource
    differs: bool
    is_pruned: bool


def shared(case: Case) -> Iterator[Shared]:
    """Each pair of Kustomizations with the objects that both apply and that one changes or deletes for the other.

    Of more than two that apply an object, the first makes a pair with each of the others.
    """
    pairs: dict[tuple[Ref, Ref], list[_Copy]] = {}
    for found in owners(case.cluster, _twice(case.cluster)).values():
        if len(found) == 1:
            continue
        applying = {ref: one for ref, one in found.items() if _applies(case, ref, one)}
        for first, second in ((min(applying), other) for other in sorted(applying)[1:]):
            copy = _copy(case, (first, applying[first]), (second, applying[second]))
            if copy.differs or copy.is_pruned:
                pairs.setdefault((first, second), []).append(copy)
    for (first, second), copies in sorted(pairs.items()):
        ordered = sorted(copies, key=lambda one: (not is_cascading(one.resource), not one.differs, one.resource.ref))
        yield Shared(
            first,
            second,
            tuple(one.resource for one in ordered),
            any(one.differs for one in ordered),
            any(one.is_pruned for one in ordered),
            any(one.is_pruned and is_cascading(one.resource) for one in ordered),
        )


def _twice(cluster: Cluster) -> set[tuple[str, str]]:
    """The kinds and names that more than one object has: only of these can one be applied by two."""
    seen: set[tuple[str, str]] = set()
    twice: set[tuple[str, str]] = set()
    for node in cluster.nodes.values():
        for resource in applied(node):
            what = (resource.ref.kind, resource.ref.name)
            (twice if what in seen else seen).add(what)
    return twice


def _applies(case: Case, ref: Ref, resource: Resource) -> bool:
    """Whether a Kustomization writes an object that is there already."""
    seeds = resource.marked("kustomize.toolkit.fluxcd.io/ssa") == "ifnotpresent"
    return not (seeds or resource.is_skipped or case.cluster.nodes[ref].kustomization.suspended)


def _copy(case: Case, first: tuple[Ref, Resource], second: tuple[Ref, Resource]) -> _Copy:
    pruned = any(case.cluster.nodes[ref].kustomization.prune and not is_kept(one) for ref, one in (first, second))
    return _Copy(second[1], first[1].body != second[1].body, pruned)
