"""The entry of a kustomization that generates an object, so that it can be changed there."""

from __future__ import annotations

from bot.fixes.draft import Unfixable
from bot.fixes.spot import Ground, Written
from bot.manifest.documents import read
from bot.model.field import mappings, text
from bot.model.fix import Spot
from bot.model.quote import code
from bot.model.resource import Resource
from bot.simulate.unmade import unhashed

_FIELDS = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}


def generator_of(ground: Ground, made: Resource) -> Written | Unfixable:
    """The entry by the name that it gives, without the hash that kustomize appends."""
    path, field = made.origin.path, _FIELDS.get(made.ref.kind, "")
    snapshot = ground.cluster.snapshot
    for document in read(snapshot.data(path) or b"", snapshot.limits.yaml).documents:
        for index, entry in enumerate(mappings(document.body, field)):
            if text(entry, "name") == unhashed(made.origin.name):
                return Written(Spot(path, document.index, (field, index)), entry)
    return Unfixable(f"the generator of {code(made.ref)} is not found in {code(path)}")
