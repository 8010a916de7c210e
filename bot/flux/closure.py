"""Which files a kustomize build reads, found without running it.

kustomize opens the kustomization files along ``resources``, ``components``
and the like, and the files that their fields name. Scanning the same fields
gives the same set (compared with strace on 60 builds of real repositories).
What lies on other hosts is cut out and named: no remote reference ever
reaches a kustomize process.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from bot.flux.tree import KUSTOMIZATION_NAMES, Tree
from bot.manifest.documents import read
from bot.model.field import Body, Value, at, items, mappings, text
from bot.model.snapshot import Blob, joined

_DIRECTORY_FIELDS = ("resources", "bases", "components")
_FILE_FIELDS = ("crds", "configurations", "generators", "transformers", "validators", "patchesStrategicMerge")
_NAMED_PATHS = ("patches", "patchesJson6902", "replacements")
_REMOTE = re.compile(
    r"^(?:[a-z][a-z0-9+.-]*::|[a-z][a-z0-9+.-]*://|git@|[\w.-]+@[\w.-]+:|(?:github\.com|gitlab\.com|bitbucket\.org)[/:])"
)


@dataclass(frozen=True, slots=True)
class Remote:
    """A reference to another host, and the kustomization file that holds it."""

    url: str
    path: str


@dataclass
class Closure:
    """Everything that one build reads, as found so far.

    ``files`` are contents by path of the artifact, ``bodies`` the parsed
    kustomization files by directory (remote references cut out), ``rewritten``
    those of them that must be written anew. ``links`` are entries that are
    symbolic links, ``outside`` those that leave the artifact.
    """

    files: dict[str, Blob] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    rewritten: set[str] = field(default_factory=set)
    remote: list[Remote] = field(default_factory=list)
    too_large: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)


def is_remote(entry: str) -> bool:
    """Whether kustomize would take an entry that is no local path for a remote one."""
    return bool(_REMOTE.match(entry)) or "?ref=" in entry or ".git//" in entry or entry.endswith(".git")


def scan(tree: Tree, directory: str, root: Body) -> Closure:
    """The closure of the kustomization ``root`` as it would stand in ``directory``; its own file is not in it."""
    closure = Closure()
    pending = [(directory, root)]
    while pending:
        where, body = pending.pop()
        if where in closure.bodies:
            continue
        clean = _without_remotes(tree, where, body, closure)
        closure.bodies[where] = clean
        if clean is not body:
            closure.rewritten.add(where)
        for sub in _follow(tree, where, clean, closure):
            found = _kustomization(tree, sub, closure)
            if found is not None:
                pending.append((sub, found))
    return closure


def _kustomization(tree: Tree, directory: str, closure: Closure) -> Body | None:
    """The body of a directory's kustomization; every file that kustomize probes for goes into the closure."""
    body: Body | None = None
    for name in KUSTOMIZATION_NAMES:
        path = posixpath.join(directory, name)
        blob = tree.blob(path)
        if blob is None:
            continue
        _take(tree, path, closure)
        if body is None and blob.data is not None:
            body = kustomization_body(blob.data)
    return body


@lru_cache(maxsize=8192)
def kustomization_body(data: bytes) -> Body | None:
    """The first document of a kustomization file; None where it cannot be read."""
    found = read(data).documents
    return found[0].body if found else None


def _follow(tree: Tree, directory: str, body: Body, closure: Closure) -> Iterator[str]:
    """Put the files that a kustomization names into the closure; yield the directories it names."""
    for entry in _local_entries(body):
        path = joined(directory, entry)
        if path is None:
            closure.outside.append(entry)
        elif tree.has_directory(path):
            yield path
        else:
            _take(tree, path, closure)


def _take(tree: Tree, path: str, closure: Closure) -> None:
    blob = tree.blob(path)
    if blob is None:
        if tree.is_link(path):
            closure.links.append(path)
    elif blob.data is None:
        closure.too_large.append(path)
    else:
        closure.files[path] = blob


def _local_entries(body: Body) -> Iterator[str]:
    for name in (*_DIRECTORY_FIELDS, *_FILE_FIELDS):
        for entry in items(body, name):
            if isinstance(entry, str) and "\n" not in entry:
                yield entry
    for name in _NAMED_PATHS:
        yield from (text(entry, "path") for entry in mappings(body, name) if text(entry, "path"))
    if text(body, "openapi", "path"):
        yield text(body, "openapi", "path")
    for generator in _generators(body):
        yield from (_file_of(entry) for entry in items(generator, "files") if isinstance(entry, str))
        yield from (entry for entry in items(generator, "envs") if isinstance(entry, str))
        if text(generator, "env"):
            yield text(generator, "env")


def _generators(body: Value) -> Iterator[Body]:
    yield from mappings(body, "configMapGenerator")
    yield from mappings(body, "secretGenerator")


def _file_of(entry: str) -> str:
    """The path in a generator's ``files`` entry, which is ``path`` or ``key=path``."""
    return entry.partition("=")[2] or entry


def _without_remotes(tree: Tree, directory: str, body: Body, closure: Closure) -> Body:
    """The body without references to other hosts; the very same object where it has none."""
    path = tree.kustomization_file(directory) or posixpath.join(directory, KUSTOMIZATION_NAMES[0])

    def keep(entry: Value) -> bool:
        if not isinstance(entry, str) or "\n" in entry or not is_remote(entry):
            return True
        local = joined(directory, entry)
        if local is not None and (tree.blob(local) or tree.has_directory(local)):
            return True
        closure.remote.append(Remote(entry, tree.place(path)))
        return False

    def keep_file(entry: Value) -> bool:
        return keep(_file_of(entry)) if isinstance(entry, str) else True

    clean: Body = dict(body)
    changed = False
    for name in (*_DIRECTORY_FIELDS, *_FILE_FIELDS):
        changed |= _filter(clean, name, keep)
    for name in _NAMED_PATHS:
        changed |= _filter(clean, name, lambda entry: keep(at(entry, "path")))
    for name in ("configMapGenerator", "secretGenerator"):
        changed |= _filter_generators(clean, name, keep_file, keep)
    return clean if changed else body


def _filter(body: Body, name: str, keep: Callable[[Value], bool]) -> bool:
    entries = body.get(name)
    if not isinstance(entries, list):
        return False
    kept = [entry for entry in entries if keep(entry)]
    if len(kept) == len(entries):
        return False
    body[name] = kept
    return True


def _filter_generators(
    body: Body, name: str, keep_file: Callable[[Value], bool], keep: Callable[[Value], bool]
) -> bool:
    entries = body.get(name)
    if not isinstance(entries, list):
        return False
    copies: list[Value] = [dict(entry) if isinstance(entry, dict) else entry for entry in entries]
    changed = False
    for copy in copies:
        if isinstance(copy, dict):
            changed |= _filter(copy, "files", keep_file)
            changed |= _filter(copy, "envs", keep)
            if "env" in copy and not keep(copy["env"]):
                del copy["env"]
                changed = True
    if changed:
        body[name] = copies
    return changed
