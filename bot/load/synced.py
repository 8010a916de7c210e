"""The Kustomization that a cluster begins with, patched: by a FluxInstance's ``spec.kustomize`` or by its own build."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from bot.flux.build import written
from bot.flux.entry import Entry
from bot.flux.kustomization import is_flux_kustomization
from bot.manifest.documents import read
from bot.model.ask import Build, Conversation, Rendered
from bot.model.cluster import Incomplete
from bot.model.field import Body, mapping, text
from bot.model.quote import code, shortened
from bot.model.resource import Resource, resource

_DIRECTORY: Final = "sync"
_LONGEST: Final = 200


def synced(entry: Entry) -> Conversation[tuple[Entry, tuple[Incomplete, ...]]]:
    """The entry as the operator makes it, and what kustomize says where the patches do not fit.

    The operator applies them to all that it installs; here they meet only the
    Kustomization, so one that names another object by its own text is left out,
    and one whose ``target`` selects nothing changes nothing.
    """
    patches = list(_fitting(entry.patches))
    if not patches:
        return entry, ()
    listed: Body = {"resources": ["sync.yaml"], "patches": [*patches]}
    files = {"sync.yaml": entry.sync.body, "kustomization.yaml": listed}
    build = Build(
        _DIRECTORY, {f"{_DIRECTORY}/{name}": written(json.dumps(body).encode()) for name, body in files.items()}
    )
    answer = (yield (build,))[build.key]
    bodies = [one.body for one in answer.documents] if isinstance(answer, Rendered) else []
    if len(bodies) == 1 and is_flux_kustomization(bodies[0]):
        return replace(entry, sync=resource(bodies[0], entry.sync.origin)), ()
    said = "they leave no Kustomization" if isinstance(answer, Rendered) else getattr(answer, "message", "")
    why = f"the patches of the FluxInstance in {code(entry.sync.origin.path)} are not applied: {said}"
    return entry, (Incomplete(entry.sync.ref, shortened(why, _LONGEST)),)


def begun(entry: Entry, applied: Resource) -> Resource:
    """The Kustomization that a cluster begins with, where its own build holds it, too.

    Bootstrapping applies that build, and its ``kustomization.yaml`` often patches ``gotk-sync.yaml``. One that reads
    another place would not be this cluster any more, and what the operator makes it makes again.
    """
    here, there = mapping(applied.body, "spec"), mapping(entry.sync.body, "spec")
    is_same = all(here.get(field) == there.get(field) for field in ("path", "sourceRef"))
    return applied if is_same and entry.sync.origin.kind else entry.sync


def _fitting(patches: Iterable[Body]) -> Iterable[Body]:
    for patch in patches:
        if mapping(patch, "target") or any(
            text(one.body, "kind") == "Kustomization" for one in read(text(patch, "patch").encode()).documents
        ):
            yield patch
