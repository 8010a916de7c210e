"""Patches that may match nothing, for builds from which something was cut out.

A patch without a target fails the build where the object it names is not
there. If that object may stand in content that fluxbot does not fetch, the
failure says nothing of what Flux will do, and it would hide the rest of the
build. The same patch with a target selects the same object where it is there,
and nothing where it is not.
"""

from __future__ import annotations

import json
import re

from bot.flux.tree import Tree
from bot.manifest.documents import read
from bot.model.field import Body, Value, items, mapping, text
from bot.model.ref import Ref, version_of
from bot.model.resource import identity
from bot.model.snapshot import joined


def tolerant(tree: Tree, directory: str, body: Body) -> Body:
    """The kustomization with every patch that names one object turned into one that selects it."""
    merges: list[Value] = []
    operations: list[Value] = []
    left: Body = {}
    for entry in items(body, "patchesStrategicMerge"):
        content = entry if isinstance(entry, str) and "\n" in entry else _content(tree, directory, str(entry))
        merges += (found := _merges(content))
        _keep(left, "patchesStrategicMerge", entry, done=bool(found))
    for entry in items(body, "patchesJson6902"):
        selecting = _operations(tree, directory, entry)
        operations += [selecting] if selecting else []
        _keep(left, "patchesJson6902", entry, done=bool(selecting))
    patches = [one for entry in items(body, "patches") for one in _selecting(tree, directory, entry)]
    whole: Body = {
        name: value for name, value in body.items() if name not in ("patchesStrategicMerge", "patchesJson6902")
    }
    # kustomize runs patchesStrategicMerge before patches, and patchesJson6902 after them.
    everything = [*merges, *patches, *operations]
    return {**whole, **left, **({"patches": everything} if everything else {})}


def _keep(left: Body, name: str, entry: Value, *, done: bool) -> None:
    if not done:
        left[name] = [*items(left, name), entry]


def _selecting(tree: Tree, directory: str, entry: Value) -> list[Value]:
    if not isinstance(entry, dict) or mapping(entry, "target"):
        return [entry]
    content = text(entry, "patch") or _content(tree, directory, text(entry, "path"))
    others: Body = {name: value for name, value in entry.items() if name not in ("patch", "path")}
    return [{**others, **merge} for merge in _merges(content)] or [entry]


def _merges(content: str) -> list[Body]:
    """The strategic-merge patches of a text, each with a target; none where one of them names no object."""
    found: list[Body] = []
    for document in read(content.encode()).documents:
        ref = identity(document.body)
        if not ref.kind or not ref.name:
            return []
        target = _selector(ref, version_of(text(document.body, "apiVersion")))
        found.append({"patch": json.dumps(document.body), "target": target})
    return found


def _operations(tree: Tree, directory: str, entry: Value) -> Body | None:
    """An entry of ``patchesJson6902``, whose target names one object literally, as a patch that selects it."""
    content = text(entry, "patch") or _content(tree, directory, text(entry, "path"))
    target = mapping(entry, "target")
    if not content and isinstance(entry, dict) and entry.get("patch"):
        content = json.dumps(entry["patch"])
    if not content or not text(target, "kind") or not text(target, "name"):
        return None
    ref = Ref(text(target, "group"), text(target, "kind"), text(target, "namespace"), text(target, "name"))
    return {"patch": content, "target": _selector(ref, text(target, "version"))}


def _selector(ref: Ref, version: str) -> Body:
    """A target for one object; its fields are regular expressions, the empty ones match anything."""
    named = {"group": ref.group, "version": version, "kind": ref.kind, "name": ref.name, "namespace": ref.namespace}
    return {field: re.escape(value) for field, value in named.items() if value}


def _content(tree: Tree, directory: str, path: str) -> str:
    place = joined(directory, path) if path else None
    blob = tree.blob(place) if place else None
    return blob.data.decode(errors="replace") if blob and blob.data else ""
