"""What one build of kustomize-controller consists of (fluxcd/pkg kustomize, kustomize_generator.go)."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from bot.flux.beyond import unreadable
from bot.flux.closure import Closure, Remote, kustomization_body, scan
from bot.flux.partial import Present
from bot.flux.schema import small_schema_is_exact
from bot.flux.tolerant import tolerant
from bot.flux.tree import KUSTOMIZATION_NAMES, Tree
from bot.manifest.documents import read
from bot.model.ask import Build
from bot.model.cluster import Break, Broken, Unresolved
from bot.model.field import Body, Value, flag, items, mapping, mappings, strings, text
from bot.model.flux import Kustomization
from bot.model.quote import code
from bot.model.snapshot import Blob, joined

SCHEMA_FILE = "fluxbot-openapi.json"
_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902")
_AMENDING = frozenset(("targetNamespace", "namePrefix", "nameSuffix", *_PATCHES, "components", "images"))
"""What of a Flux object changes the kustomization."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A build that can be asked for.

    ``read`` are the files of the repository that it consists of, ``remote``
    the references that were cut out, ``root_file`` its root kustomization in
    the repository (or where it would stand). ``looked`` are the directories of
    the artifact that were looked into, and its paths where nothing was found.
    ``absent`` are the entries that were left out of a partial build.
    """

    build: Build
    tree: Tree
    root_file: str
    read: frozenset[str]
    remote: tuple[Remote, ...]
    looked: frozenset[str]
    absent: tuple[str, ...] = ()


def plan(kustomization: Kustomization, tree: Tree, *, partial: bool = False) -> Plan | Broken | Unresolved:
    """The build that Flux runs for a Kustomization whose source holds ``tree``.

    ``partial``: the build without what cannot be read, where the whole one fails.
    """
    directory = kustomization.path
    if not tree.has_directory(directory):
        return _path_not_found(kustomization, tree)
    existing = tree.kustomization_file(directory)
    body = _existing(tree, existing) if existing else _generated(tree, directory)
    place = tree.place(existing) if existing else tree.place(directory)
    if body is None:
        return _unreadable(tree, existing or directory)
    amended = _amended(body, kustomization.spec, tree, directory)
    present = Present()
    closure = scan(tree, directory, amended, present) if partial else scan(tree, directory, amended)
    if closure.outside:
        message = f"{closure.outside[0]} is not within the source"
        return Broken(Break.BUILD_FAILS, message, f"kustomize build failed: {message}", place)
    if closure.exceeded:
        return Unresolved(closure.exceeded[0].reason, closure.exceeded[0])
    if closure.unreadable:
        return _unreadable(tree, closure.unreadable[0])
    if closure.plugins:
        return Unresolved(f"{closure.plugins[0].path} reads {closure.plugins[0].url}, which is not in the tree")
    cut = partial or any(remote.manifests for remote in closure.remote)
    question = _question(tree, directory, existing, closure, cut=cut)
    looked = frozenset((directory, *closure.looked))
    return Plan(question, tree, place, _read(tree, closure), tuple(closure.remote), looked, tuple(present.absent))


def _unreadable(tree: Tree, path: str) -> Broken | Unresolved:
    """The build fails at a file that is no YAML, or no mapping. What exactly Flux prints depends on how it reads it.

    A file that only fluxbot's own limits keep from being read says nothing of Flux.
    """
    blob = tree.blob(path)
    exceeded = unreadable(tree, path, blob) if blob else None
    if exceeded:
        return Unresolved(exceeded.reason, exceeded)
    problem = read(blob.data, tree.snapshot.limits.yaml).problem if blob and blob.data else None
    message = f"{posixpath.basename(path)} {problem.message if problem else 'is no mapping of fields'}"
    return Broken(Break.BUILD_FAILS, message, "", tree.place(path), problem.line if problem else 1)


def _question(tree: Tree, directory: str, existing: str | None, closure: Closure, *, cut: bool) -> Build:
    files = dict(closure.files)
    small = small_schema_is_exact(tree, closure)
    for where, scanned in closure.bodies.items():
        root = where == directory
        if not root and where not in closure.rewritten and not cut:
            continue
        body = tolerant(tree, where, scanned) if cut else scanned
        extra: Body = {"openapi": {"path": SCHEMA_FILE}} if root and small else {}
        path = (existing if root else tree.kustomization_file(where)) or posixpath.join(where, KUSTOMIZATION_NAMES[0])
        files[path] = written(json.dumps({**body, **extra}).encode())
    for path in (f"{directory}/{name}" if directory else name for name in KUSTOMIZATION_NAMES):
        if path not in files and tree.blob(path):
            # kustomize refuses a directory with two kustomization files, whatever stands in them.
            files[path] = written(b"")
    if small:
        files[posixpath.join(directory, SCHEMA_FILE)] = _SMALL_SCHEMA
    return Build(directory, files, small)


def written(data: bytes) -> Blob:
    """A file that fluxbot made, with a digest of its own as identity."""
    return Blob(hashlib.sha256(data).hexdigest(), len(data), data)


_SMALL_SCHEMA = written(b"{}")


def _read(tree: Tree, closure: Closure) -> frozenset[str]:
    kustomizations = (tree.kustomization_file(where) for where in closure.bodies)
    return frozenset(tree.place(path) for path in (*closure.files, *kustomizations) if path)


def _path_not_found(kustomization: Kustomization, tree: Tree) -> Broken:
    path = kustomization.path
    if tree.blob(path):
        # Flux only asks whether the path exists; what its generator then says of a file is not modelled.
        return Broken(Break.PATH_NOT_FOUND, f"{code('./' + path)} is a file, not a directory", "", path)
    message = f"the path {code('./' + path)} is not in the source"
    if tree.is_link(path):
        message += ": it is a symbolic link, and Flux leaves links out of its artifacts"
    predicted = f"kustomization path not found: stat {path}: no such file or directory"
    origin = kustomization.resource.origin
    return Broken(Break.PATH_NOT_FOUND, message, predicted, origin.path)


def _existing(tree: Tree, path: str) -> Body | None:
    blob = tree.blob(path)
    if blob is None or blob.data is None:
        return None
    if not blob.data.strip():
        return {}
    return kustomization_body(blob.data, tree.snapshot.limits.yaml)


def _generated(tree: Tree, directory: str) -> Body:
    """What Flux writes where no kustomization file is: every manifest below, sub-directories with one as a whole."""
    listed: list[Value] = list(_manifests(tree, directory))
    return {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": listed}


def _manifests(tree: Tree, directory: str) -> Iterator[str]:
    # No recursion: a tree may be deeper than a stack.
    pending = list(reversed(tree.names(directory)))
    while pending:
        entry = pending.pop()
        if entry.endswith("/"):
            whole = posixpath.join(directory, entry.rstrip("/"))
            if tree.kustomization_file(whole):
                yield entry.rstrip("/")
            else:
                pending += (entry + name for name in reversed(tree.names(whole)))
        elif entry.endswith((".yaml", ".yml")):
            yield entry


def _amended(body: Body, spec: Body, tree: Tree, directory: str) -> Body:
    """The root kustomization with the fields of the Flux object merged in, as ``WriteFile`` of fluxcd/pkg does."""
    amended: Body = dict(body)
    if not spec.keys().isdisjoint(_AMENDING):
        _amend(amended, spec, tree, directory)
    metadata = [entry for entry in items(body, "buildMetadata") if entry != "originAnnotations"]
    amended["buildMetadata"] = [*metadata, "originAnnotations"]
    return amended


def _amend(amended: Body, spec: Body, tree: Tree, directory: str) -> None:
    for field, flux_field in (
        ("namespace", "targetNamespace"),
        ("namePrefix", "namePrefix"),
        ("nameSuffix", "nameSuffix"),
    ):
        if text(spec, flux_field):
            amended[field] = text(spec, flux_field)
    patches: list[Value] = [
        {k: v for k, v in patch.items() if k in ("patch", "target")} for patch in mappings(spec, "patches")
    ]
    patches += [{"patch": json.dumps(patch)} for patch in mappings(spec, "patchesStrategicMerge")]
    patches += [
        {"patch": json.dumps(items(patch, "patch")), "target": mapping(patch, "target")}
        for patch in mappings(spec, "patchesJson6902")
    ]
    _append(amended, "patches", patches)
    _append(amended, "components", list(_components(spec, tree, directory)))
    if items(spec, "images"):
        amended["images"] = _images(items(amended, "images"), items(spec, "images"))


def _append(body: Body, field: str, more: list[Value]) -> None:
    if more:
        body[field] = [*items(body, field), *more]


def _components(spec: Body, tree: Tree, directory: str) -> Iterator[str]:
    """``spec.components``; absent ones are left out where ``ignoreMissingComponents`` allows (Flux 2.7)."""
    for entry in strings(spec, "components"):
        path = joined(directory, entry)
        if flag(spec, "ignoreMissingComponents") and (path is None or not tree.has_directory(path)):
            continue
        yield entry


def _images(own: list[Value], more: list[Value]) -> list[Value]:
    """The images of both, those of the Flux object winning by name; its fields are laid over the file's."""
    merged = list(own)
    for image in more:
        name = text(image, "name")
        places = [index for index, entry in enumerate(merged) if text(entry, "name") == name]
        if places and isinstance(image, dict):
            merged[places[0]] = {**mapping(merged[places[0]]), **image}
        else:
            merged.append(image)
    return merged
