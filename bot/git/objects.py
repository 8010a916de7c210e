"""A commit's tree and its blobs, read from git's object store in few calls."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bot.git.process import git_output
from bot.model.allowance import is_usable
from bot.model.limits import MEBIBYTE, Limits, passed
from bot.model.snapshot import Blob
from bot.ports import BadQuestion, TooLarge

_LINK = "120000"
_FILES = ("100644", "100755", "100664")
_KINDS = {_LINK: "link", **dict.fromkeys(_FILES, "file")}
_BATCH = 32 * MEBIBYTE
_FEW = 2_000
"""Names that differ, up to which what two commits differ in is read instead of a second tree."""


class Entry(NamedTuple):
    """One file of a tree; ``size`` in bytes."""

    path: str
    sha: str
    size: int


@dataclass(frozen=True, slots=True)
class Tree:
    """All files of a commit, and the names of its symbolic links. Submodules and unusable names are left out."""

    files: Sequence[Entry]
    links: frozenset[str]


@dataclass(frozen=True, slots=True)
class Changes:
    """What another commit has otherwise: names that are gone, files that are new or hold something else, new links.

    A name that becomes another kind of thing is among both the ``gone`` and the new ones.
    """

    gone: frozenset[str]
    files: Sequence[Entry]
    links: frozenset[str]


def read_tree(repository: Path, commit: str, limits: Limits) -> Tree:
    """The tree of a commit that is known to exist. Raise BadQuestion where an object of it is missing.

    Raise TooLarge for more files than are read: a few trees that hold each other many times can name billions.
    """
    most = limits.repository_files
    try:
        listing = git_output(repository, "ls-tree", "-r", "-z", "-l", "--full-tree", commit, most=most)
    except TooLarge as more:
        raise TooLarge(f"{repository} holds too many files: {passed('repository_files', most)}") from more
    files: list[Entry] = []
    links: list[str] = []
    for line in os.fsdecode(listing).split("\0")[:-1]:
        entry = _entry(repository, line)
        if isinstance(entry, Entry):
            files.append(entry)
        elif entry:
            links.append(entry)
    return Tree(files, frozenset(links))


def _entry(repository: Path, line: str) -> Entry | str:
    """What a line of the listing says: a file, the name of a symbolic link, or nothing that is of use."""
    facts, _, path = line.partition("\t")
    mode, _, sha, size = facts.split()
    if not is_usable(path):
        return ""
    if mode == _LINK:
        return path
    if mode not in _FILES:
        return ""
    if not size.isdigit():
        raise _missing(repository, sha)
    return Entry(path, sha, int(size))


def read_changes(repository: Path, before: str, after: str) -> Changes | None:
    """What two commits that are known to exist differ in; None where that is so much that a tree is read as fast.

    Raise BadQuestion where an object is missing.
    """
    try:
        listing = git_output(
            repository, "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", before, after, most=2 * _FEW
        )
    except TooLarge:
        return None
    parts = os.fsdecode(listing).split("\0")[:-1]
    gone: set[str] = set()
    links: set[str] = set()
    files: list[tuple[str, str]] = []
    for facts, path in zip(parts[::2], parts[1::2], strict=True):
        old, mode, _, sha, _ = facts.removeprefix(":").split()
        if not is_usable(path):
            continue
        if old in _KINDS and _KINDS.get(old) != _KINDS.get(mode):
            gone.add(path)
        if mode == _LINK:
            links.add(path)
        elif mode in _FILES:
            files.append((path, sha))
    sizes = _sizes(repository, {sha for _, sha in files})
    return Changes(frozenset(gone), [Entry(path, sha, sizes[sha]) for path, sha in files], frozenset(links))


def _sizes(repository: Path, shas: Iterable[str]) -> Mapping[str, int]:
    """The size of each blob in bytes. Raise BadQuestion where one is missing."""
    names = "".join(f"{sha}\n" for sha in sorted(shas)).encode()
    found: dict[str, int] = {}
    for line in git_output(repository, "cat-file", "--batch-check", stdin=names).decode().splitlines() if names else ():
        sha, kind, *size = line.split()
        if kind == "missing" or not size:
            raise _missing(repository, sha)
        found[sha] = int(size[0])
    return found


def read_blobs(repository: Path, wanted: Mapping[str, int]) -> Mapping[str, Blob]:
    """The blobs of these names, whose sizes are known, some megabytes at a time.

    Raise BadQuestion where the object store lacks one, as in a partial clone.
    """
    found: dict[str, Blob] = {}
    for shas in _batches(wanted.items()):
        names = "".join(f"{sha}\n" for sha in shas).encode()
        stream = git_output(repository, "cat-file", "--batch", "--buffer", stdin=names)
        found.update((sha, blob) for sha, blob in zip(shas, _blobs(repository, stream, shas, wanted), strict=True))
    return found


def _batches(wanted: Iterable[tuple[str, int]]) -> Iterator[Sequence[str]]:
    batch: list[str] = []
    together = 0
    for sha, size in wanted:
        batch.append(sha)
        together += size
        if together >= _BATCH:
            yield batch
            batch, together = [], 0
    if batch:
        yield batch


def _blobs(repository: Path, stream: bytes, shas: Iterable[str], sizes: Mapping[str, int]) -> Iterator[Blob]:
    """The blobs of a ``cat-file --batch`` stream: ``sha type size``, line feed, content, line feed."""
    at = 0
    for sha in shas:
        size = sizes[sha]
        head = f"{sha} blob {size}\n".encode()
        if not stream.startswith(head, at):
            raise _missing(repository, sha)
        start = at + len(head)
        at = start + size + 1
        yield Blob(sha, size, stream[start : at - 1])


def _missing(repository: Path, sha: str) -> BadQuestion:
    return BadQuestion(f"{repository} lacks the content of object {sha}: fetch the whole repository first")
