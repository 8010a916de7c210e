"""Files on disk as blobs; symbolic links are named, never followed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.model.allowance import Allowance, is_usable
from bot.model.limits import LIMITS, Limits, passed
from bot.model.snapshot import Blob, Snapshot
from bot.ports import BadQuestion, TooLarge


def folder(path: Path, limits: Limits = LIMITS) -> Snapshot:
    """All files below a directory, without any ``.git``. Raise BadQuestion where it cannot be read.

    Raise TooLarge where that passes the limits of a repository.
    """
    root = directory(path)
    paths: list[str] = []
    for found in _walk(root):
        paths.append(found)
        check_files(path, len(paths), limits)
    return snapshot_of(root, paths, "sha1", limits)


def check_files(path: Path, number: int, limits: Limits) -> None:
    """Raise TooLarge where a tree has more files than are read."""
    most = limits.repository_files
    if number > most:
        raise TooLarge(f"{path} holds too many files: {passed('repository_files', most)}")


def check_size(path: Path, granted: int, limits: Limits) -> None:
    """Raise TooLarge where the files of a tree that are read have more bytes together than are read."""
    most = limits.repository_bytes
    if granted > most:
        raise TooLarge(f"{path} holds too much to be read: {passed('repository_bytes', most)}")


def directory(path: Path) -> Path:
    """The directory with its links resolved. Raise BadQuestion where it is none."""
    if not path.is_dir():
        raise BadQuestion(f"{path} is not a directory")
    return path.resolve()


def snapshot_of(root: Path, paths: Iterable[str], algorithm: str, limits: Limits = LIMITS) -> Snapshot:
    """These files of a directory as they are now; one that is gone is left out.

    ``algorithm`` is the hash of git's object names, so an unchanged file has the sha that its commit gives it.
    Raise TooLarge.
    """
    files: dict[str, Blob] = {}
    links: set[str] = set()
    allowance = Allowance(limits)
    is_linked = _Linked(root)
    for path in sorted(paths):
        if not is_usable(path) or is_linked(path.rpartition("/")[0]):
            continue
        try:
            facts = os.lstat(root / path)
            if stat.S_ISLNK(facts.st_mode):
                links.add(path)
            elif stat.S_ISREG(facts.st_mode):
                wanted = allowance.grants(path, facts.st_size)
                check_size(root, allowance.granted, limits)
                files[path] = _blob(root / path, algorithm, most=facts.st_size if wanted else None)
        except (FileNotFoundError, NotADirectoryError):
            continue  # deleted, but still in git's index
        except OSError as error:
            raise BadQuestion(f"cannot read {root / path}: {error.strerror}") from error
    return Snapshot(str(root), files, frozenset(links), limits)


def _walk(root: Path) -> Iterator[str]:
    """The paths of everything that is no directory, links to directories among them."""
    pending = [""]
    while pending:
        below = pending.pop()
        try:
            entries = list(os.scandir(root / below))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise BadQuestion(f"cannot read {root / below}: {error.strerror}") from error
        for entry in entries:
            path = f"{below}/{entry.name}" if below else entry.name
            if entry.name == ".git":
                continue
            if entry.is_dir(follow_symlinks=False):
                pending.append(path)
            else:
                yield path


class _Linked:
    """Whether a directory, or one above it, is a link: git's index still lists what once lay below it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known = {"": False}

    def __call__(self, path: str) -> bool:
        if path not in self._known:
            self._known[path] = self(path.rpartition("/")[0]) or (self._root / path).is_symlink()
        return self._known[path]


def _blob(path: Path, algorithm: str, *, most: int | None) -> Blob:
    """A regular file's blob; git names it by the hash of a header and the content.

    ``most`` is how many bytes it had when it was looked at, None for content that is not wanted.
    """
    # O_NOFOLLOW: the file may have become a link since it was looked at.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        if most is not None:
            data = file.read(most)  # no more than was granted: somebody may write to it meanwhile
            digest = hashlib.new(algorithm, b"blob %d\0%b" % (len(data), data), usedforsecurity=False)
            return Blob(digest.hexdigest(), len(data), data)
        size = os.fstat(file.fileno()).st_size
        digest = hashlib.new(algorithm, b"blob %d\0" % size, usedforsecurity=False)
        while piece := file.read(1 << 20):
            digest.update(piece)
        return Blob(digest.hexdigest(), size, None)
