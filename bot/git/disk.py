"""Files on disk as blobs; symbolic links are named, never followed."""

from __future__ import annotations

import errno
import hashlib
import os
import posixpath
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from bot.model.allowance import Allowance, is_usable
from bot.model.limits import LIMITS, MEBIBYTE, Limits, passed
from bot.model.snapshot import Blob, Snapshot
from bot.ports import BadQuestion, TooLarge

_LARGEST_HASHED = 256 * MEBIBYTE
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# What is no file, or is one no more: deleted but still in git's index, below a link, a link since a moment, a socket;
# and a name so long that no file system that Flux runs on could hold it.
_NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO, errno.EOPNOTSUPP, errno.ENAMETOOLONG)


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
    with closing(_Descent(root)) as descent:
        for path in sorted(filter(is_usable, paths)):
            try:
                blob = _blob(descent.into(posixpath.dirname(path)), path, algorithm, allowance)
            except OSError as error:
                if error.errno not in _NO_FILE:
                    raise BadQuestion(f"cannot read {root / path}: {error.strerror}") from error
                continue
            if blob is None:
                links.add(path)
            else:
                files[path] = blob
            check_size(root, allowance.granted, limits)
    return Snapshot(str(root), files, frozenset(links), limits)


def write(root: Path, before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """Give the files of a directory the content that they have in ``after``; the paths of those that were changed.

    Raise BadQuestion, before anything is written, where a file is not what it was in ``before`` any more.
    """
    paths = sorted(path for path in before.files.keys() | after.files.keys() if before.data(path) != after.data(path))
    for path in paths:
        place = root / path
        if place.is_symlink() or (place.read_bytes() if place.exists() else None) != before.data(path):
            raise BadQuestion(f"{place} has changed in the meantime; nothing is written")
    for path in paths:
        data = after.data(path)
        if data is None:
            (root / path).unlink()
        else:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
    return tuple(paths)


def _walk(root: Path) -> Iterator[str]:
    """The paths of everything that is no directory, links to directories among them."""
    waiting = [""]
    while waiting:
        below = waiting.pop()
        try:
            entries = list(os.scandir(root / below))
        except OSError as error:
            if error.errno in _NO_FILE:
                continue
            raise BadQuestion(f"cannot read {root / below}: {error.strerror}") from error
        for entry in entries:
            path = f"{below}/{entry.name}" if below else entry.name
            if entry.name == ".git":
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            else:
                yield path


class _Descent:
    """Directories below a root, each opened in the one above it: a link on the way is never followed.

    git's index still lists what once lay below a directory that is a link now, and another process may put one there
    at any moment.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = ""
        self._open = os.open(root, _DIRECTORY)

    def into(self, path: str) -> int:
        """The descriptor of a directory, good until the next call. Raise OSError where it is none."""
        if path != self._path:
            self.close()
            self._path = ""
            self._open = os.open(self._root, _DIRECTORY)
            for step in path.split("/") if path else ():
                above = self._open
                self._open = os.open(step, _DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
                os.close(above)
            self._path = path
        return self._open

    def close(self) -> None:
        os.close(self._open)


def _blob(directory: int, path: str, algorithm: str, allowance: Allowance) -> Blob | None:
    """The blob of a regular file, None for a link. Raise OSError where it is neither, or is gone.

    git names a blob by the hash of a header and the content. A file so large that this would take minutes gets a name
    of its own; its content is not read anyway.
    """
    name = posixpath.basename(path)
    if _is_link(os.stat(name, dir_fd=directory, follow_symlinks=False)):
        return None
    # It may have become a link or a pipe just now: O_NOFOLLOW refuses the one, and only O_NONBLOCK keeps the other
    # from waiting for a writer.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(name, flags, dir_fd=directory), "rb") as file:
        facts = os.fstat(file.fileno())
        if _is_link(facts):
            return None
        if allowance.grants(path, facts.st_size):
            data = file.read(facts.st_size)
            digest = hashlib.new(algorithm, b"blob %d\0%b" % (len(data), data), usedforsecurity=False)
            return Blob(digest.hexdigest(), len(data), data)
        digest = hashlib.new(algorithm, b"blob %d\0" % facts.st_size, usedforsecurity=False)
        if facts.st_size > _LARGEST_HASHED:
            digest.update(b"%d" % facts.st_mtime_ns)
        else:
            while piece := file.read(1 << 20):
                digest.update(piece)
        return Blob(digest.hexdigest(), facts.st_size, None)


def _is_link(facts: os.stat_result) -> bool:
    """Whether it is a link, else a regular file. Raise OSError for a directory, a device, a pipe, a socket."""
    if stat.S_ISLNK(facts.st_mode):
        return True
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(errno.ENXIO, "no regular file")
    return False
