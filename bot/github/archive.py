"""A tarball of a commit → blobs. No name in it ever becomes a path on this machine."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

from bot.github.storage import Entry, Storage
from bot.model.limits import LIMITS, passed
from bot.ports import TooLarge, Unreachable

_LONGEST_NAME = 1024 * 1024
_MOST_ENDS = 16  # tarfile looks for the rest of a table of holes for ever
_NAMING = frozenset(
    (
        *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
        *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
    )
)


class _Bounded:
    """A file that can be read up to a limit."""

    def __init__(self, file: gzip.GzipFile, most: int) -> None:
        self._file = file
        self._most = most
        self._left = most
        self._ends = 0

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._ends += not data
        if self._ends > _MOST_ENDS:
            raise EOFError("it ends in the middle")
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge(f"the repository unpacks to too much: {passed('archive_unpacked_bytes', self._most)}")
        return data


class _Member(tarfile.TarInfo):
    """The head of a member. One whose name alone would fill the memory is refused before it is read."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        found = super().frombuf(buf, encoding, errors)
        if found.type in _NAMING and found.size > _LONGEST_NAME:
            raise TooLarge("a name in GitHub's archive is longer than names are")
        return found


def unpack(
    archive: Path, wanted: Mapping[str, Entry], storage: Storage, most: int = LIMITS.archive_unpacked_bytes
) -> None:
    """Keep those files of a .tar.gz that ``wanted`` (by path) names, if their content is what the tree says.

    Links, devices, directories and everything else are passed over; names are
    only looked up, so ``..`` means nothing. What git's attributes changed in
    the archive (``export-subst``, ``export-ignore``) is not kept. ``most`` is
    how many bytes it may unpack to. Raise TooLarge, Unreachable.
    """
    try:
        for path, data in _files(archive, wanted, most):
            storage.put(wanted[path].sha, data)
    except (tarfile.TarError, EOFError, ValueError, OverflowError, gzip.BadGzipFile, zlib.error) as error:
        raise Unreachable(f"GitHub's archive cannot be read: {error}") from error


def _files(archive: Path, wanted: Mapping[str, Entry], most: int) -> Iterator[tuple[str, bytes]]:
    with gzip.open(archive) as packed:
        bounded = _Bounded(packed, most)
        with tarfile.open(fileobj=bounded, mode="r|", tarinfo=_Member) as tar:  # type: ignore[call-overload]  # only read()
            for member in tar:
                # tarfile remembers every member; a million of them must not fill the memory.
                tar.members.clear()
                # All lies below one folder that GitHub names after the repository.
                path = member.name.partition("/")[2]
                entry = wanted.get(path)
                if member.isreg() and entry is not None and member.size == entry.size:
                    file = tar.extractfile(member)
                    if file is not None:
                        yield path, file.read()
