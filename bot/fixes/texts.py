"""Which objects come of the same text, whatever names the kustomizations of other clusters give them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from bot.manifest.spans import located
from bot.model.field import FieldPath
from bot.model.ref import GroupKind, Ref
from bot.model.resource import Resource
from bot.model.snapshot import Snapshot


class Place(NamedTuple):
    """The mapping of a manifest: its file, the number of the document, and the way to an item of a list."""

    path: str
    document: int
    within: FieldPath


def place_of(snapshot: Snapshot, resource: Resource) -> Place | None:
    """Where the manifest of an object stands; None where the file does not tell."""
    origin = resource.origin
    data = snapshot.data(origin.path)
    if data is None or origin.generated:
        return None
    found = located(data, Ref(origin.group, origin.kind, origin.namespace, origin.name), snapshot.limits.yaml)
    return Place(origin.path, found.index, found.within) if found else None


@dataclass(frozen=True, slots=True)
class Texts:
    """The manifests of some objects."""

    places: frozenset[Place]
    kinds: frozenset[tuple[str, GroupKind]]
    """Their files, each with the kinds that they have in it."""

    @staticmethod
    def of(snapshot: Snapshot, resources: Iterable[Resource]) -> Texts:
        resources = tuple(resources)
        places = (place_of(snapshot, one) for one in resources)
        return Texts(
            frozenset(one for one in places if one), frozenset((one.origin.path, one.group_kind) for one in resources)
        )

    def make(self, snapshot: Snapshot, resource: Resource) -> bool:
        """Whether an object comes of one of them; where its file does not tell, whether it may."""
        if (resource.origin.path, resource.group_kind) not in self.kinds:
            return False
        place = place_of(snapshot, resource)
        return place is None or place in self.places
