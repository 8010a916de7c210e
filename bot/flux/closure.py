"""Which files a kustomize build reads, found without running it.

kustomize opens the kustomization files along ``resources``, ``components``
and the like, and the files that their fields name. Scanning the same fields
gives the same set (compared with strace on 60 builds of real repositories).
What lies on other hosts is cut out and named: no remote reference ever reaches a kustomize process.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from bot.flux.beyond import beyond, too_deep
from bot.flux.reference import file_of, is_remote
from bot.flux.spelling import spelled
from bot.flux.tree import KUSTOMIZATION_NAMES, Tree
from bot.manifest.documents import read
from bot.model.field import Body, Value, at, items, mappings, text
from bot.model.limits import YAML, Exceeded, YamlLimits
from bot.model.snapshot import Blob, joined

DIRECTORY_FIELDS = ("resources", "bases", "components")
FILE_FIELDS = ("crds", "configurations", "generators", "transformers", "validators", "patchesStrategicMerge")
_PATH_FIELDS = (*DIRECTORY_FIELDS, *FILE_FIELDS)
NAMED_PATHS = ("patches", "patchesJson6902", "replacements")
_PLUGIN_FIELDS = ("generators", "transformers", "validators")
GENERATOR_FIELDS = ("configMapGenerator", "secretGenerator")
_NOTHING = re.compile(rb"(?:\s|#[^\n]*|---|\xef\xbb\xbf)*")


_MAY_BE_REMOTE = frozenset((*_PATH_FIELDS, *NAMED_PATHS, *GENERATOR_FIELDS, "openapi"))


@dataclass(frozen=True, slots=True)
class Remote:
    """A reference to another host, and the kustomization file that holds it.

    ``manifests`` tells what would be applied from the data of a generator.
    """

    url: str
    path: str
    manifests: bool = True


@dataclass
class Closure:
    """Everything that one build reads, as found so far.

    ``files`` are contents by path of the artifact, ``bodies`` the parsed
    kustomization files by directory (remote references cut out), ``rewritten``
    those of them that must be written anew. ``links`` are symbolic links,
    ``outside`` leaves the artifact. ``unreadable`` are kustomization files that
    are no mapping (kustomize might yet see one), ``exceeded`` passes a limit;
    none is handed on. ``plugins`` read from another host. ``looked`` are directories looked into, and paths not found.
    """

    files: dict[str, Blob] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    rewritten: set[str] = field(default_factory=set)
    remote: list[Remote] = field(default_factory=list)
    exceeded: list[Exceeded] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    plugins: list[Remote] = field(default_factory=list)
    looked: set[str] = field(default_factory=set)


Prepared: TypeAlias = Callable[[Tree, str, Body], Body]


def scan(tree: Tree, directory: str, root: Body, prepared: Prepared = lambda _tree, _directory, body: body) -> Closure:
    """The closure of the kustomization ``root`` as it would stand in ``directory``; its own file is not in it.

    ``prepared`` changes every kustomization before it is looked at.
    """
    closure = Closure()
    pending = [(directory, root, 0)]
    while pending:
        where, body, depth = pending.pop()
        if where in closure.bodies:
            continue
        if depth > tree.snapshot.limits.base_nesting:
            closure.exceeded.append(too_deep(tree, where))
            break
        clean = _without_remotes(tree, where, prepared(tree, where, body), closure)
        closure.bodies[where] = clean
        if clean is not body:
            closure.rewritten.add(where)
        for sub in _follow(tree, where, clean, closure):
            found = _kustomization(tree, sub, closure)
            if found is not None:
                pending.append((sub, found, depth + 1))
    closure.plugins += _plugins(tree, closure)
    return closure


def _kustomization(tree: Tree, directory: str, closure: Closure) -> Body | None:
    """The body of a directory's kustomization; every file that kustomize probes for goes into the closure."""
    body: Body | None = None
    for name in KUSTOMIZATION_NAMES:
        path = f"{directory}/{name}" if directory else name
        blob = tree.blob(path)
        if blob is None:
            continue
        _take(tree, path, closure)
        if body is None and blob.data is not None:
            limits = tree.snapshot.limits.yaml
            body = kustomization_body(blob.data, limits)
            if body is None and not _NOTHING.fullmatch(blob.data):
                closure.unreadable.append(path)
            elif body is not None and body is not read(blob.data, limits).documents[0].body:
                closure.rewritten.add(directory)
    return body


@lru_cache(maxsize=8192)
def kustomization_body(data: bytes, limits: YamlLimits = YAML) -> Body | None:
    """The first document of a kustomization file, its fields spelled as here; None where it cannot be read."""
    reading = read(data, limits)
    if reading.problem and reading.problem.limit:
        # Another document than the first must not stand for a first that is not read.
        return None
    return spelled(reading.documents[0].body) if reading.documents else None


def _follow(tree: Tree, directory: str, body: Body, closure: Closure) -> Iterator[str]:
    """Put the files that a kustomization names into the closure; yield the directories it names."""
    for entry in _local_entries(body):
        path = joined(directory, entry)
        if path is None:
            closure.outside.append(entry)
        elif tree.blob(path):
            _take(tree, path, closure)
        elif tree.has_directory(path):
            closure.looked.add(path)
            yield path
        else:
            _take(tree, path, closure)


def _take(tree: Tree, path: str, closure: Closure) -> None:
    blob = tree.blob(path)
    if blob is None:
        closure.looked.add(path)
        closure.links += [path] if tree.is_link(path) else []
    elif exceeded := beyond(tree, path, blob):
        closure.exceeded.append(exceeded)
    else:
        closure.files[path] = blob


def _local_entries(body: Body) -> Iterator[str]:
    for name in _PATH_FIELDS:
        for entry in items(body, name) if name in body else ():
            if isinstance(entry, str) and "\n" not in entry:
                yield entry
    for name in NAMED_PATHS:
        if name in body:
            yield from (text(entry, "path") for entry in mappings(body, name) if text(entry, "path"))
    if text(body, "openapi", "path"):
        yield text(body, "openapi", "path")
    for generator in (entry for name in GENERATOR_FIELDS if name in body for entry in mappings(body, name)):
        yield from (file_of(entry) for entry in items(generator, "files") if isinstance(entry, str))
        yield from (entry for entry in items(generator, "envs") if isinstance(entry, str))
        if text(generator, "env"):
            yield text(generator, "env")


def _without_remotes(tree: Tree, directory: str, body: Body, closure: Closure) -> Body:
    """The body without references to other hosts; the very same object where it has none."""
    if body.keys().isdisjoint(_MAY_BE_REMOTE):
        return body
    path = tree.kustomization_file(directory) or posixpath.join(directory, KUSTOMIZATION_NAMES[0])
    sieve = _Sieve(tree, directory, tree.place(path), closure.remote)
    clean: Body = dict(body)
    changed = False
    for name in DIRECTORY_FIELDS:
        changed |= _filter(clean, name, sieve.keeps)
    for name in FILE_FIELDS:
        changed |= _filter(clean, name, sieve.keeps_inline)
    for name in NAMED_PATHS:
        changed |= _filter(clean, name, sieve.keeps_path)
    for name in GENERATOR_FIELDS:
        changed |= _filter_generators(clean, name, sieve)
    if not sieve.keeps_path(clean.get("openapi")):
        del clean["openapi"]
        changed = True
    return clean if changed else body


@dataclass(frozen=True, slots=True)
class _Sieve:
    """Tells the entries of one kustomization file that lie in the tree from those on other hosts, and notes these."""

    tree: Tree
    directory: str
    path: str
    remote: list[Remote]

    def keeps(self, entry: Value, *, manifests: bool = True) -> bool:
        if not isinstance(entry, str) or not is_remote(entry):
            return True
        local = joined(self.directory, entry)
        if local is not None and (self.tree.blob(local) or self.tree.has_directory(local)):
            return True
        self.remote.append(Remote(entry, self.path, manifests))
        return False

    def keeps_inline(self, entry: Value) -> bool:
        """An entry that may be a manifest itself instead of a path."""
        inline = isinstance(entry, str) and "\n" in entry and bool(read(entry.encode()).documents)
        return inline or self.keeps(entry)

    def keeps_path(self, entry: Value) -> bool:
        return self.keeps(at(entry, "path"))

    def keeps_file(self, entry: Value) -> bool:
        if not isinstance(entry, str):
            return True
        return self.keeps(entry, manifests=False) and self.keeps(file_of(entry), manifests=False)


def _filter(body: Body, name: str, keeps: Callable[[Value], bool]) -> bool:
    entries = body.get(name)
    if not isinstance(entries, list) or not any(map(_may_be_remote, entries)):
        return False
    kept = [entry for entry in entries if keeps(entry)]
    if len(kept) == len(entries):
        return False
    body[name] = kept
    return True


def _may_be_remote(entry: Value) -> bool:
    """Whether an entry has to be looked at; one of a generator may have a key before the path."""
    return not isinstance(entry, str) or is_remote(entry) or ("=" in entry and is_remote(file_of(entry)))


def _filter_generators(body: Body, name: str, sieve: _Sieve) -> bool:
    entries = body.get(name)
    if not isinstance(entries, list):
        return False
    copies: list[Value] = [dict(entry) if isinstance(entry, dict) else entry for entry in entries]
    changed = False
    for copy in copies:
        if isinstance(copy, dict):
            changed |= _filter(copy, "files", sieve.keeps_file)
            changed |= _filter(copy, "envs", sieve.keeps)
            if "env" in copy and not sieve.keeps(copy["env"]):
                del copy["env"]
                changed = True
    if changed:
        body[name] = copies
    return changed


def _plugins(tree: Tree, closure: Closure) -> Iterator[Remote]:
    """What kustomize's own transformers and generators would read from another host, where files configure them.

    The local files that they read go into the closure.
    """
    homes = [where for where, body in closure.bodies.items() if any(name in body for name in _PLUGIN_FIELDS)]
    if not homes:
        return
    texts = [(path, blob.data or b"") for path, blob in closure.files.items()]
    for where in homes:
        entries = (entry for name in _PLUGIN_FIELDS for entry in items(closure.bodies[where], name))
        texts += [(tree.kustomization_file(where) or where, str(entry).encode()) for entry in entries]
    for path, data in texts:
        for document in read(data, tree.snapshot.limits.yaml).documents if b"builtin" in data else ():
            if text(document.body, "apiVersion") != "builtin":
                continue
            for told in _texts_in(document.body):
                if is_remote(told) or is_remote(file_of(told)):
                    yield Remote(told, tree.place(path))
                _take_from(tree, homes, file_of(told), closure)


def _take_from(tree: Tree, directories: list[str], entry: str, closure: Closure) -> None:
    for where in directories:
        path = joined(where, entry)
        if path and tree.blob(path):
            _take(tree, path, closure)
        elif path:
            closure.looked.add(path)


def _texts_in(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    for one in inner:
        yield from _texts_in(one)
