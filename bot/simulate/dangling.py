"""``dependsOn`` entries whose object nobody makes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from bot.model.flux import Dependency
from bot.model.ref import Ref, kustomization, release
from bot.model.resource import Resource
from bot.model.span import Span
from bot.simulate.case import Case


@dataclass(frozen=True, slots=True)
class Dangling:
    """An entry of ``dependent`` that names nothing; ``other_kind`` is the object of that name of the other kind."""

    dependent: Ref
    entry: Dependency
    at: Span
    other_kind: Ref | None

    @property
    def predicted(self) -> str:
        """The text that Flux prints (``checkDependencies`` of kustomize-controller and of helm-controller)."""
        name = f"{self.entry.ref.namespace}/{self.entry.ref.name}"
        is_release = self.entry.ref.kind == "HelmRelease"
        return f"unable to get '{name}' dependency" if is_release else f"dependency '{name}' not found"


def dangling(case: Case) -> Iterator[Dangling]:
    """The entries of Kustomizations and HelmReleases whose object is not in the cluster."""
    for node in case.cluster.nodes.values():
        resource = node.kustomization.resource
        yield from _of(case, resource, node.kustomization.depends_on, node.parents)
    for found, owner in case.cluster.releases.values():
        yield from _of(case, found.resource, found.depends_on, (owner,))


def _of(
    case: Case, resource: Resource, entries: tuple[Dependency, ...], parents: tuple[Ref, ...]
) -> Iterator[Dangling]:
    for entry in entries:
        ref = entry.ref
        if ref in case.cluster.nodes or ref in case.cluster.releases or "${" in ref.name + ref.namespace:
            continue
        at = case.place_of_entry(resource, "dependsOn", ref.name, parents)
        yield Dangling(resource.ref, entry, at, _other_kind(case, ref))


def _other_kind(case: Case, ref: Ref) -> Ref | None:
    """The object of the same name and the other kind; in the same namespace first, else the only one there is."""
    is_kustomization = ref.kind == "Kustomization"
    candidates = [r for r in (case.cluster.releases if is_kustomization else case.cluster.nodes) if r.name == ref.name]
    if any(r.name == ref.name for r in (case.cluster.nodes if is_kustomization else case.cluster.releases)):
        return None
    exact = (release if is_kustomization else kustomization)(ref.namespace, ref.name)
    if exact in candidates:
        return exact
    return candidates[0] if len(candidates) == 1 else None


def nearest(case: Case, found: Dangling) -> Ref | None:
    """The object that was probably meant: the same name in another namespace, else a name written much alike."""
    wanted = found.entry.ref
    pool = case.cluster.nodes if wanted.kind == "Kustomization" else case.cluster.releases
    others = [ref for ref in pool if ref != found.dependent]
    same = sorted(ref for ref in others if ref.name == wanted.name)
    if same:
        return same[0]
    local = {ref.name: ref for ref in others if ref.namespace == wanted.namespace}
    names = difflib.get_close_matches(wanted.name, list(local), n=1, cutoff=0.7)
    return local[names[0]] if names else None
