"""Files on disk as blobs; symbolic links are named, never followed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.model.allowance import MOST_FILES, Allowance, is_usable
from bot.model.snapshot import Blob, Snapshot
from bot.ports import BadQuestion, TooLarge


def folder(path: Path) -> Snapshot:
    """All files below a directory, without any ``.git``. Raise BadQuestion where it cannot be read.

    Raise TooLarge for more than 200,000 files.
    """
    root = directory(path)
    paths: list[str] = []
    for found in _walk(root, ""):
        paths.append(found)
        if len(paths) > MOST_FILES:
            raise TooLarge(f"{path} holds more than {MOST_FILES:,} files; name the repository's own folder")
    return snapshot_of(root, paths, "sha1")


def directory(path: Path) -> Path:
    """The directory with its links resolved. Raise BadQuestion where it is none."""
    if not path.is_dir():
        raise BadQuestion(f"{path} is not a directory")
    return path.resolve()


def snapshot_of(root: Path, paths: Iterable[str], algorithm: str) -> Snapshot:
    """These files of a directory as they are now; one that is gone is left out.

    ``algorithm`` is the hash of git's object names, so an unchanged file has the sha that its commit gives it.
    """
    files: dict[str, Blob] = {}
    links: set[str] = set()
    allowance = Allowance()
    is_linked = _Linked(root)
    for path in sorted(paths):
        if not is_usable(path) or is_linked(path.rpartition("/")[0]):
            continue
        try:
            facts = os.lstat(root / path)
            if stat.S_ISLNK(facts.st_mode):
                links.add(path)
            elif stat.S_ISREG(facts.st_mode):
                files[path] = _blob(root / path, algorithm, wanted=allowance.grants(path, facts.st_size))
        except (FileNotFoundError, NotADirectoryError):
            continue  # deleted, but still in git's index
        except OSError as error:
            raise BadQuestion(f"cannot read {root / path}: {error.strerror}") from error
    return Snapshot(str(root), files, frozenset(links))


def _walk(root: Path, below: str) -> Iterator[str]:
    """The paths of everything that is no directory, links to directories among them."""
    try:
        entries = list(os.scandir(root / below))
    except FileNotFoundError:
        return
    except OSError as error:
        raise BadQuestion(f"cannot read {root / below}: {error.strerror}") from error
    for entry in entries:
        path = f"{below}/{entry.name}" if below else entry.name
        if entry.name == ".git":
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(root, path)
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


def _blob(path: Path, algorithm: str, *, wanted: bool) -> Blob:
    """A regular file's blob; git names it by the hash of a header and the content."""
    # O_NOFOLLOW: the file may have become a link since it was looked at.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        if wanted:
            data = file.read()
            digest = hashlib.new(algorithm, b"blob %d\0%b" % (len(data), data), usedforsecurity=False)
            return Blob(digest.hexdigest(), len(data), data)
        size = os.fstat(file.fileno()).st_size
        digest = hashlib.new(algorithm, b"blob %d\0" % size, usedforsecurity=False)
        while piece := file.read(1 << 20):
            digest.update(piece)
        return Blob(digest.hexdigest(), size, None)
