"""Commits of one repository on disk: their trees, and blobs by git's own names, whose content is what the name says."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cachetools import LRUCache

from bot.model.allowance import Allowance
from bot.model.limits import LIMITS, Limits, passed
from bot.model.snapshot import Blob, Snapshot
from bot.ports import TooLarge, Unreachable

MOST_TREES: Final = 60
"""Commits that are kept of a repository; beyond, the longest unused third goes, with what only it holds."""

_IN_MEMORY = 128 * 1024 * 1024
_NAME = re.compile(r"[0-9a-f]{40,64}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a tree; ``size`` in bytes; ``wanted`` is whether its content is read under today's limits."""

    path: str
    sha: str
    size: int
    wanted: bool


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a commit and the names of its symbolic links."""

    files: tuple[Entry, ...]
    links: tuple[str, ...]


def tree_of(files: Iterable[tuple[str, str, int]], links: Iterable[str], limits: Limits = LIMITS) -> Tree:
    """The tree of files as (path, sha, size), in git's order."""
    allowance = Allowance(limits)
    entries = (Entry(path, sha, size, allowance.grants(path, size)) for path, sha, size in files)
    return Tree(tuple(entries), tuple(links))


def check_size(tree: Tree, limits: Limits) -> Tree:
    """The tree. Raise TooLarge where more of it is wanted than is read."""
    most = limits.repository_bytes
    if sum(entry.size for entry in tree.files if entry.wanted) > most:
        raise TooLarge(f"the repository holds too much to be read: {passed('repository_bytes', most)}")
    return tree


def named(data: bytes, sha: str) -> bool:
    """Whether git would give ``data`` this name."""
    algorithm = "sha1" if len(sha) == 40 else "sha256"  # noqa: PLR2004 - hex digits of SHA-1
    digest = hashlib.new(algorithm, b"blob %d\0%b" % (len(data), data), usedforsecurity=False)
    return digest.hexdigest() == sha


class Storage:
    """One repository's folder. Nothing here is shared between repositories: a name must not lead to others' files."""

    def __init__(self, folder: Path, limits: Limits = LIMITS) -> None:
        self.folder = folder
        self._limits = limits
        self._trees = folder / "trees"
        self._blobs = folder / "blobs"

    def tree(self, commit: str) -> Tree | None:
        """The tree of a commit, which is now the last used one; None where it is not here."""
        path = self._trees / _checked(commit)
        try:
            held = json.loads(path.read_bytes())
            os.utime(path)
        except (OSError, ValueError):
            return None
        # What is wanted may have changed with the limits since it was kept.
        return tree_of(((path, sha, size) for path, sha, size, *_ in held["files"]), held["links"], self._limits)

    def put_tree(self, commit: str, tree: Tree) -> None:
        """Keep a tree."""
        files = [[entry.path, entry.sha, entry.size] for entry in tree.files]
        text = json.dumps({"files": files, "links": list(tree.links)})
        _write(self._trees / _checked(commit), text.encode())

    def missing(self, trees: Iterable[Tree]) -> Mapping[str, Entry]:
        """The wanted blobs of these trees that are not here, by name."""
        wanted = {entry.sha: entry for tree in trees for entry in tree.files if entry.wanted}
        there: set[str] = set()
        for drawer in {sha[:2] for sha in wanted}:
            with suppress(FileNotFoundError):
                there.update(path.name for path in (self._blobs / drawer).iterdir())
        return {sha: entry for sha, entry in wanted.items() if sha not in there}

    def put(self, sha: str, data: bytes) -> bool:
        """Keep a blob, if the content is what its name says."""
        if not named(data, sha):
            return False
        _write(self._blobs / _checked(sha)[:2] / sha, data)
        return True

    def blob(self, sha: str) -> bytes:
        """The content of a blob. Raise Unreachable where it was swept away in the meantime."""
        try:
            return (self._blobs / _checked(sha)[:2] / sha).read_bytes()
        except FileNotFoundError as error:
            raise Unreachable(f"blob {sha} is gone from this machine") from error

    def sweep(self) -> None:
        """Let go of the commits that were not used for the longest time."""
        with suppress(FileNotFoundError):
            named_trees = [path for path in self._trees.iterdir() if _NAME.fullmatch(path.name)]
            trees = sorted(named_trees, key=lambda path: path.stat().st_mtime)
            if len(trees) > MOST_TREES:
                for path in trees[: MOST_TREES // 3]:
                    path.unlink()
                self._sweep_blobs(self.tree(path.name) for path in trees[MOST_TREES // 3 :])

    def _sweep_blobs(self, trees: Iterable[Tree | None]) -> None:
        used = {entry.sha for tree in trees if tree for entry in tree.files}
        for drawer in list(self._blobs.iterdir()):
            for path in list(drawer.iterdir()):
                if path.name not in used:
                    with suppress(FileNotFoundError):
                        path.unlink()

    def delete(self) -> None:
        """Let go of everything. Raise Unreachable where something stays."""
        try:
            shutil.rmtree(self.folder)
        except FileNotFoundError:
            return
        except OSError as error:
            raise Unreachable("the files of a repository that is to be forgotten cannot be deleted") from error


class Reader:
    """Makes snapshots of what storages hold; what two snapshots share is read once."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._limits = limits
        self._held: LRUCache[tuple[str, str], Blob] = LRUCache(_IN_MEMORY, getsizeof=lambda blob: blob.size + 200)

    def snapshot(self, folder: str, commit: str) -> Snapshot:
        """A commit that was brought here. Raise Unreachable where it is gone, TooLarge."""
        storage = Storage(Path(folder), self._limits)
        tree = storage.tree(commit)
        if tree is None:
            raise Unreachable(f"commit {commit} is gone from this machine")
        files = {entry.path: self._blob(storage, entry) for entry in check_size(tree, self._limits).files}
        return Snapshot(commit, files, frozenset(tree.links), self._limits)

    def _blob(self, storage: Storage, entry: Entry) -> Blob:
        if not entry.wanted:
            return Blob(entry.sha, entry.size, None)
        key = (str(storage.folder), entry.sha)
        held = self._held.get(key)
        if held is None:
            held = Blob(entry.sha, entry.size, storage.blob(entry.sha))
            if entry.size < _IN_MEMORY // 2:
                self._held[key] = held
        return held


def _checked(name: str) -> str:
    """A name that is safe as a file's."""
    if not _NAME.fullmatch(name):
        raise ValueError("not the name of a git object")
    return name


def _write(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(unfinished).replace(path)
    except OSError:
        with suppress(OSError):
            Path(unfinished).unlink()
        raise
