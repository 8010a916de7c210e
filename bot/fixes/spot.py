"""Where a human wrote a field of an object, so that an edit there has the effect that is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.fixes.draft import Unfixable
from bot.manifest.documents import read
from bot.manifest.spans import located
from bot.model.cluster import Cluster
from bot.model.field import Body, FieldPath, Value, at, items, mapping, text
from bot.model.fix import Spot
from bot.model.quote import code
from bot.model.ref import Ref
from bot.model.resource import Origin, Resource, identity
from bot.simulate.case import Case
from bot.simulate.order import waiting
from bot.simulate.ownership import Owned, owners


@dataclass(frozen=True, slots=True)
class Written:
    """The mapping that a human wrote for an object (its manifest, or a patch of it), and its values."""

    spot: Spot
    body: Body


@dataclass(frozen=True)
class Ground:
    """A case that fixes are drafted for, with what is found out about its texts on the way."""

    case: Case

    @property
    def cluster(self) -> Cluster:
        return self.case.cluster

    @cached_property
    def waits(self) -> Callable[[Ref, Ref], bool]:
        """Whether one Kustomization does not start before another is ready."""
        return waiting(self.cluster)

    @cached_property
    def living(self) -> Mapping[Owned, Mapping[Ref, Resource]]:
        """What Flux has in its inventories today, with those that have it; nothing without a base."""
        return owners(self.case.base) if self.case.base else {}

    @cached_property
    def users(self) -> Mapping[Origin, frozenset[Ref]]:
        """By the place of a manifest, the objects that come of it."""
        found: dict[Origin, set[Ref]] = {}
        for node in self.cluster.nodes.values():
            found.setdefault(node.kustomization.resource.origin, set()).add(node.ref)
            for resource in node.resources:
                found.setdefault(resource.origin, set()).add(resource.ref)
        return {origin: frozenset(refs) for origin, refs in found.items()}

    def written(self, ref: Ref, field: FieldPath) -> Written | Unfixable:
        """Where ``field`` of a Kustomization or HelmRelease is decided: in its manifest, or in the patch that sets it.

        Unfixable where the text is not the object's own: a template of
        several, generated, or out of sight.
        """
        resource, parents = self._applied(ref)
        if resource is None:
            return Unfixable(f"{code(ref)} is not in the tree")
        own = self.manifest(resource)
        if isinstance(own, Unfixable) or _same(at(own.body, *field), at(resource.body, *field)):
            return own
        found = list(_patches(self.cluster, resource, field, parents))
        if len(found) == 1:
            return found[0]
        return Unfixable(f"a patch sets {code('.'.join(map(str, field)))} of {code(ref)}")

    def _applied(self, ref: Ref) -> tuple[Resource | None, tuple[Ref, ...]]:
        node = self.cluster.nodes.get(ref)
        if node:
            return node.kustomization.resource, node.parents
        found = self.cluster.resources.get(ref)
        return (found[0], (found[1],)) if found else (None, ())

    def manifest(self, resource: Resource, *, alone: bool = True) -> Written | Unfixable:
        """The manifest of an object in the tree; ``alone`` refuses one that several objects come of."""
        origin = resource.origin
        data = self.cluster.snapshot.data(origin.path)
        if data is None or origin.generated:
            return Unfixable(f"no file of the repository holds the manifest of {code(resource.ref)}")
        limits = self.cluster.snapshot.limits.yaml
        found = located(data, Ref(origin.group, origin.kind, origin.namespace, origin.name), limits)
        if found is None:
            return Unfixable(f"the manifest of {code(resource.ref)} is not found in {code(origin.path)}")
        users = self.users.get(origin, frozenset())
        if alone and len(users) > 1:
            return Unfixable(f"{len(users):,} objects share the text of {code(resource.ref)} in {code(origin.path)}")
        body = next((one.body for one in read(data, limits).documents if one.index == found.index), {})
        inner = at(body, *found.within)
        return Written(Spot(origin.path, found.index, found.within), inner if isinstance(inner, dict) else {})

    @cached_property
    def _samples(self) -> tuple[Body, ...]:
        """The manifests of Kustomizations and HelmReleases as people wrote them, keys in their order."""
        limits = self.cluster.snapshot.limits.yaml
        nodes = (node.kustomization.resource for node in self.cluster.nodes.values())
        releases = (found.resource for found, _ in self.cluster.releases.values())
        paths = dict.fromkeys(one.origin.path for one in (*nodes, *releases) if not one.origin.generated)
        datas = (self.cluster.snapshot.data(path) for path in paths)
        return tuple(one.body for data in datas if data is not None for one in read(data, limits).documents)

    def order(self, own: Body, *way: str) -> tuple[str, ...]:
        """How the repository orders the keys beside the last of ``way``: as in the manifest most like this one."""
        *above, key = way
        mine = mapping(own, *above).keys()
        best: tuple[str, ...] = ()
        most = -1
        for body in self._samples:
            found = at(body, *above)
            if text(body, "kind") == text(own, "kind") and isinstance(found, dict) and key in found:
                common = len(mine & found.keys())
                if common > most:
                    most, best = common, tuple(found)
        return best


def _same(raw: Value, rendered: Value) -> bool:
    """Whether a rendered value may be what stands in the manifest; what holds a variable may be anything."""
    if isinstance(raw, str) and "$" in raw:
        return True
    if isinstance(raw, dict) and isinstance(rendered, dict):
        return raw.keys() == rendered.keys() and all(_same(raw[key], rendered[key]) for key in raw)
    if isinstance(raw, list) and isinstance(rendered, list):
        return len(raw) == len(rendered) and all(map(_same, raw, rendered))
    return raw == rendered or (not raw and not rendered)


def _patches(cluster: Cluster, resource: Resource, field: FieldPath, parents: tuple[Ref, ...]) -> Iterator[Written]:
    """The strategic-merge patches that set a field of an object as it is rendered."""
    rendered = at(resource.body, *field)
    for path in sorted({path for parent in parents if (node := cluster.nodes.get(parent)) for path in node.read}):
        data = cluster.snapshot.data(path)
        if path == resource.origin.path or data is None or str(field[-1]).encode() not in data:
            continue
        for document in read(data, cluster.snapshot.limits.yaml).documents:
            for spot, body in _patching(path, document.index, document.body):
                if _names(body, resource) and _same(at(body, *field), rendered) and at(body, *field):
                    yield Written(spot, body)


def _patching(path: str, index: int, body: Body) -> Iterator[tuple[Spot, Body]]:
    """The document itself, and the patches that a kustomization or a Flux Kustomization holds inline."""
    yield Spot(path, index), body
    for way in (("patches",), ("spec", "patches")):
        for number, patch in enumerate(items(body, *way)):
            for inner in read(text(patch, "patch").encode()).documents:
                if inner.index == 0:
                    yield Spot(path, index, (*way, number, "patch"), ()), inner.body
    for number, patch in enumerate(items(body, "patchesStrategicMerge")):
        if isinstance(patch, str) and "\n" in patch:
            yield from (
                (Spot(path, index, ("patchesStrategicMerge", number), ()), one.body)
                for one in read(patch.encode()).documents
                if one.index == 0
            )


def _names(body: Body, resource: Resource) -> bool:
    """Whether a patch is for this object and no other."""
    ref = identity(body)
    origin = resource.origin
    return ref.group_kind == resource.group_kind and ref.name in (origin.name, resource.ref.name) and bool(ref.name)
