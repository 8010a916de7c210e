"""When kustomize may do without its OpenAPI schema.

The first strategic-merge patch makes kustomize parse the schema of all
built-in kinds, which costs more than the rest of the build. The schema only
tells how lists of built-in kinds merge, so a build in which no
strategic-merge patch can meet a built-in kind gives the same result with an
empty one. Where that cannot be proven, the real schema is used.
"""

from __future__ import annotations

import re

from bot.flux.closure import Closure
from bot.flux.tree import Tree
from bot.knowledge.kinds import is_builtin, is_builtin_kind_name
from bot.manifest.documents import read
from bot.model.field import Body, items, mapping, mappings, text
from bot.model.ref import GroupKind, group_of
from bot.model.snapshot import joined

_PLAIN = re.compile(r"[A-Za-z0-9]+")


def small_schema_is_exact(tree: Tree, closure: Closure) -> bool:
    """Whether no strategic-merge patch of the build can meet a built-in kind. False wherever that is not proven."""
    return all(_harmless(tree, where, body) for where, body in closure.bodies.items())


def _harmless(tree: Tree, directory: str, body: Body) -> bool:
    if any(name in body for name in ("openapi", "crds", "configurations", "transformers", "validators", "generators")):
        return False
    for entry in items(body, "patchesStrategicMerge"):
        source = entry if isinstance(entry, str) else ""
        patch = source if "\n" in source else _file(tree, directory, source)
        if not _meets_no_builtin(patch, {}):
            return False
    return all(
        _meets_no_builtin(text(entry, "patch") or _file(tree, directory, text(entry, "path")), mapping(entry, "target"))
        for entry in mappings(body, "patches")
    )


def _file(tree: Tree, directory: str, path: str) -> str:
    place = joined(directory, path)
    blob = tree.blob(place) if place else None
    return blob.data.decode(errors="replace") if blob and blob.data else ""


def _meets_no_builtin(patch: str, target: Body) -> bool:
    """Whether a patch is no strategic merge (a list of JSON operations), or one that selects custom resources only."""
    reading = read(patch.encode())
    # A document with tags of its own is not read here, but kustomize reads it.
    if reading.problem or "!" in patch:
        return False
    if patch.lstrip().startswith(("-", "[")) and not reading.documents:
        return True
    if not reading.documents:
        return False
    if target:
        return _selects_custom_only(text(target, "kind"))
    return all(_is_custom(document.body) for document in reading.documents)


def _is_custom(body: Body) -> bool:
    """Whether a patch names a kind of its own; kustomize takes anything that ends in ``List`` for what is in it."""
    what = GroupKind(group_of(text(body, "apiVersion")), text(body, "kind"))
    return bool(what.group) and not is_builtin(what) and not what.kind.endswith("List")


def _selects_custom_only(kind: str) -> bool:
    """Whether a patch's target, whose fields are regular expressions, selects kinds outside Kubernetes only."""
    return bool(_PLAIN.fullmatch(kind)) and not is_builtin_kind_name(kind)
