"""Where a cluster begins: the Kustomization that nobody else applies.

Found without configuration, from what bootstrapping leaves behind:
``gotk-sync.yaml`` (also an empty one), a FluxInstance, the values of the
chart ``flux-instance`` in a HelmRelease, a values file or a helmfile; failing
all of these, a Kustomization that applies its own directory, or a directory
of Kustomizations that no other Kustomization applies.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.flux.following import UNKNOWN, Followed, followed, named
from bot.flux.kustomization import is_flux_kustomization, is_helm_release
from bot.manifest.documents import read
from bot.model.field import Body, at, items, mapping, mappings, text
from bot.model.ref import KUSTOMIZE, SOURCE, Ref
from bot.model.resource import Origin, Resource, identity, resource
from bot.model.snapshot import Snapshot, clamped

SYSTEM = "flux-system"
_INSTANCE = (b"fluxcd.controlplane.io", b"instance:")
_KUSTOMIZATION = (b"kustomize.toolkit.fluxcd.io",)
_SYNC = ("gotk-sync.yaml", "gotk-sync.yml")
_VERSION = re.compile(rb"(?:app\.kubernetes\.io/version:\s*[\"']?v|Flux [Vv]ersion: v)(\d+\.\d+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """The start of one cluster.

    ``sync`` is the Kustomization object that Flux starts with, as written or
    as the flux-operator makes it; ``source`` the source it reads, whose
    ``url`` is empty where the tree does not say, ``follows`` what of it. ``guessed``
    means that no sign of bootstrapping names it: the tree may be an example of
    one, and need not be what the source holds. ``patches`` are those that a
    FluxInstance has for what the flux-operator makes of it.
    """

    root: str
    sync: Resource
    source: Ref
    url: str = ""
    follows: Followed = UNKNOWN
    flux: str | None = None
    guessed: bool = False
    patches: tuple[Body, ...] = ()


def entries(snapshot: Snapshot) -> tuple[Entry, ...]:
    """The clusters that a repository holds, one for each root, sorted by root."""
    signed = [*_from_sync_files(snapshot), *_from_instances(snapshot)]
    if not any(snapshot.directories.get(entry.root) is not None for entry in signed):
        signed = [*_from_self_applying(snapshot)] or [*_from_orphans(snapshot)]
    found: dict[str, Entry] = {}
    for entry in signed:
        if entry.root in snapshot.directories:
            found.setdefault(entry.root, entry)
    return tuple(found[root] for root in sorted(found))


def entry_at(snapshot: Snapshot, root: str) -> Entry:
    """The cluster at a root that the user named; what bootstrapping left behind there still counts."""
    path = clamped(root)
    known = {entry.root: entry for entry in entries(snapshot)}
    return known.get(path) or synthesised(snapshot, path, path)


def synthesised(snapshot: Snapshot, root: str, evidence: str, sync: Body | None = None, name: str = SYSTEM) -> Entry:
    """The entry that a sync declaration (of a FluxInstance) stands for."""
    kind = text(sync, "kind") or "GitRepository"
    body: Body = {
        "apiVersion": f"{KUSTOMIZE}/v1",
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": SYSTEM},
        "spec": {"path": root, "prune": True, "sourceRef": {"kind": kind, "name": name}},
    }
    origin = Origin(evidence, "", "", "", "")
    source = Ref(SOURCE, kind, SYSTEM, name)
    follows = named(text(sync, "ref")) if kind == "GitRepository" else UNKNOWN
    return Entry(root, resource(body, origin), source, text(sync, "url"), follows, flux_version(snapshot, root))


def kustomizations(snapshot: Snapshot, known: Collection[str] = ()) -> Iterator[tuple[str, Body]]:
    """Every Flux Kustomization in the tree, patches of them included, with its file; hidden directories left out.

    The files ``known`` are not even read.
    """
    documents = _documents(snapshot, _KUSTOMIZATION, known)
    return ((path, body) for path, body in documents if is_flux_kustomization(body))


def _documents(snapshot: Snapshot, signs: Sequence[bytes], known: Collection[str] = ()) -> Iterator[tuple[str, Body]]:
    """The documents of the manifests in which a sign stands: most of a tree need not be read to find its clusters."""
    first, *others = signs
    for path, blob in snapshot.files.items():
        data = blob.data
        if not data or not (first in data or (others and any(sign in data for sign in others))):
            continue
        if path not in known and path.endswith((".yaml", ".yml")) and not is_hidden(path):
            for document in read(data, snapshot.limits.yaml).documents:
                yield path, document.body


def is_hidden(path: str) -> bool:
    """Whether a path lies in a directory such as ``.archive/``: nothing there is ever an entry."""
    return path.startswith(".") or "/." in path


@lru_cache(maxsize=256)
def _version_in(data: bytes) -> str | None:
    found = _VERSION.search(data)
    return found.group(1).decode() if found else None


def flux_version(snapshot: Snapshot, root: str) -> str | None:
    """The minor version such as ``2.9`` that ``gotk-components.yaml`` below a root says; None where none does."""
    for path, blob in snapshot.files.items():
        if path.endswith("gotk-components.yaml") and path.startswith(f"{root}/" if root else "") and blob.data:
            return _version_in(blob.data)
    return None


def _from_sync_files(snapshot: Snapshot) -> Iterator[Entry]:
    for path, blob in snapshot.files.items():
        is_sync = path.endswith(_SYNC) and posixpath.basename(path) in _SYNC
        if not is_sync or is_hidden(path):
            continue
        documents = [document.body for document in read(blob.data or b"", snapshot.limits.yaml).documents]
        written = [body for body in documents if is_flux_kustomization(body)]
        for body in written:
            yield _written(snapshot, path, body, documents)
        if not written:
            yield synthesised(snapshot, posixpath.dirname(posixpath.dirname(path)), path)


def _written(snapshot: Snapshot, path: str, body: Body, documents: list[Body]) -> Entry:
    """The entry that a Kustomization in the tree is."""
    found = identity(body)
    sync = resource(body, Origin(path, found.group, found.kind, found.namespace, found.name))
    reference = mapping(body, "spec", "sourceRef")
    namespace = text(reference, "namespace") or found.namespace
    source = Ref(SOURCE, text(reference, "kind") or "GitRepository", namespace, text(reference, "name"))
    spec: Body = {}
    for document in documents:
        if text(document, "kind") == source.kind and text(document, "metadata", "name") == source.name:
            spec = mapping(document, "spec")
    root = clamped(text(body, "spec", "path"))
    follows = followed(mapping(spec, "ref")) if source.kind == "GitRepository" else UNKNOWN
    return Entry(root, sync, source, text(spec, "url"), follows, flux_version(snapshot, root))


def _from_instances(snapshot: Snapshot) -> Iterator[Entry]:
    for path, body in _documents(snapshot, _INSTANCE):
        for sync, version, patches in _syncs(body):
            if not text(sync, "path"):
                continue
            entry = synthesised(snapshot, clamped(text(sync, "path")), path, sync, text(sync, "name") or SYSTEM)
            major_minor = re.fullmatch(r"v?(\d+\.\d+)(\..*)?", version)
            flux = major_minor.group(1) if major_minor else entry.flux
            yield replace(entry, flux=flux, patches=patches)


def _syncs(body: Body) -> Iterator[tuple[Body, str, tuple[Body, ...]]]:
    """The sync declarations in a document with the Flux version and the patches beside them."""
    kind = text(body, "kind")
    if kind == "FluxInstance":
        yield _declared(mapping(body, "spec"))
    elif is_helm_release(body):
        yield from _in_values(mapping(body, "spec", "values"))
    elif not kind:
        yield from _in_values(body)
        for release in mappings(body, "releases"):
            for values in mappings(release, "values"):
                yield from _in_values(values)


def _in_values(values: Body) -> Iterator[tuple[Body, str, tuple[Body, ...]]]:
    if isinstance(at(values, "instance", "sync"), dict):
        yield _declared(mapping(values, "instance"))


def _declared(spec: Body) -> tuple[Body, str, tuple[Body, ...]]:
    return mapping(spec, "sync"), text(spec, "distribution", "version"), tuple(mappings(spec, "kustomize", "patches"))


def _from_self_applying(snapshot: Snapshot) -> Iterator[Entry]:
    """Kustomizations whose path holds their own file."""
    for path, body in _with_path(snapshot):
        root = clamped(text(body, "spec", "path"))
        is_git = text(body, "spec", "sourceRef", "kind") == "GitRepository"
        if is_git and _within(posixpath.dirname(path), root):
            found = read(snapshot.data(path) or b"", snapshot.limits.yaml).documents
            documents = [document.body for document in found]
            yield _written(snapshot, path, body, documents)


def _from_orphans(snapshot: Snapshot) -> Iterator[Entry]:
    """The topmost directories of Kustomizations that no other Kustomization's path covers."""
    applied = {clamped(text(body, "spec", "path")) for _, body in _with_path(snapshot)}
    homes = {posixpath.dirname(path) for path, _ in _with_path(snapshot)}
    orphans = {home for home in homes if not any(_within(home, path) for path in applied if path)}
    for home in sorted(orphans):
        top = _listing(snapshot, home)
        if not any(other != home and _within(home, other) for other in orphans):
            yield replace(synthesised(snapshot, top, top), guessed=True)


def _listing(snapshot: Snapshot, directory: str) -> str:
    """The topmost directory whose kustomization files lead down to this one."""
    top = directory
    while top:
        parent, name = posixpath.split(top)
        blob = snapshot.files.get(posixpath.join(parent, "kustomization.yaml"))
        bodies = read(blob.data, snapshot.limits.yaml).documents if blob and blob.data else ()
        if not bodies or name not in {str(entry).strip("./") for entry in items(bodies[0].body, "resources")}:
            break
        top = parent
    return top


def _with_path(snapshot: Snapshot) -> Iterator[tuple[str, Body]]:
    for path, body in kustomizations(snapshot):
        if isinstance(body.get("spec"), dict) and text(body, "spec", "path"):
            yield path, body


def _within(directory: str, path: str) -> bool:
    """Whether a directory is another one or lies below it."""
    return not path or directory == path or directory.startswith(f"{path}/")
