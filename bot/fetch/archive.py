"""The archive of a chart or of an artifact, unpacked in memory; no name in it ever becomes a path on this machine here.

Written out because ``tarfile`` follows what hostile headers say: sparse maps,
sizes that stand elsewhere, headers of any length, which it searches in time
that grows with their square. What Helm and Flux pack needs none of that.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator, Mapping
from typing import Final

from bot.fetch.limits import MEBIBYTE, FetchLimits
from bot.fetch.refusal import Refusal
from bot.model.snapshot import Blob
from bot.render.room import is_inside

_BLOCK: Final = 512
_HEADER: Final = 64 * 1024
_PIECE: Final = 256 * 1024
_FILES: Final = (b"0", b"\0")
_FOLDER: Final = b"5"
_LONG_NAME: Final = b"L"
_EXTENDED: Final = b"x"
_GLOBAL: Final = b"g"
_ABOUT_FILES: Final = frozenset({"size", "linkpath"})


def unpacked(archive: bytes, limits: FetchLimits) -> Mapping[str, Blob]:
    """The files of a .tar.gz below its one folder, by their paths there. Raise Refusal for anything unusual."""
    files: dict[str, Blob] = {}
    folders: set[str] = set()
    for name, data in _entries(io.BytesIO(_inflated(archive, limits)), limits):
        folder, _, path = name.removeprefix("./").partition("/")
        if not is_inside(path) or not is_inside(folder):
            raise Refusal("the archive holds a path that leads out of its folder")
        if path in files:
            raise Refusal("the archive holds a file twice")
        folders.add(folder)
        files[path] = Blob(_named(data), len(data), data)
        if len(files) > limits.files or len(folders) > 1:
            many = "more than one folder" if len(folders) > 1 else f"more than {limits.files:,} files"
            raise Refusal(f"the archive holds {many}")
    if "Chart.yaml" not in files:
        raise Refusal("the archive holds no Chart.yaml")
    return files


def named(archive: bytes, limits: FetchLimits) -> Mapping[str, str]:
    """The names that git gives the files' contents in a .tar.gz, by their paths. Raise Refusal for anything unusual."""
    files: dict[str, str] = {}
    for name, data in _entries(io.BytesIO(_inflated(archive, limits)), limits):
        path = name.removeprefix("./")
        if not is_inside(path):
            raise Refusal("the archive holds a path that leads out of its folder")
        files[path] = _named(data)
        if len(files) > limits.files:
            raise Refusal(f"the archive holds more than {limits.files:,} files")
    return files


def _inflated(archive: bytes, limits: FetchLimits) -> bytes:
    most = min(limits.unpacked, max(MEBIBYTE, limits.ratio * len(archive)))
    pieces: list[bytes] = []
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(archive)) as file:
            while piece := file.read(_PIECE):
                size += len(piece)
                if size > most:
                    raise Refusal(f"the archive unpacks to more than {most:,} bytes")
                pieces.append(piece)
    except (OSError, EOFError, zlib.error):
        raise Refusal("the archive is no whole .tar.gz") from None
    return b"".join(pieces)


def _entries(tar: io.BytesIO, limits: FetchLimits) -> Iterator[tuple[str, bytes]]:
    """The regular files with their names, in order."""
    longer = ""
    count = 0
    while any(header := tar.read(_BLOCK)):
        count += 1
        if len(header) < _BLOCK or count > 4 * limits.files:
            raise Refusal("the archive is no usual tar")
        kind, size = header[156:157], _number(header[124:136])
        if size > (limits.file if kind in _FILES else _HEADER):
            raise Refusal(f"the archive holds more than {limits.file:,} bytes in one file")
        data = tar.read(size + -size % _BLOCK)[:size]
        if len(data) < size:
            raise Refusal("the archive ends within a file")
        if kind in _FILES:
            yield longer or _name(header), data
            longer = ""
        elif kind == _LONG_NAME:
            longer = _text(data.rstrip(b"\0"))
        elif kind == _EXTENDED:
            longer = _extended(data) or longer
        elif kind == _FOLDER:
            longer = ""
        elif kind != _GLOBAL:
            raise Refusal("the archive holds a link, a device or something else that is no file")


def _number(field: bytes) -> int:
    """A size in octal digits. What is larger than they can say is larger than a chart."""
    digits = field.strip(b"\0 ")
    if not all(digit in b"01234567" for digit in digits):
        raise Refusal("the archive holds a file of a size that is no usual one")
    return int(digits or b"0", 8)


def _name(header: bytes) -> str:
    name, prefix = header[:100].partition(b"\0")[0], header[345:500].partition(b"\0")[0]
    is_ustar = header[257:262] == b"ustar" and header[262:263] == b"\0"
    return _text(prefix + b"/" + name if is_ustar and prefix else name)


def _text(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        raise Refusal("the archive holds a name that is not UTF-8") from None


def _extended(data: bytes) -> str:
    """The path in an extended header, whose records are ``LENGTH KEY=VALUE`` and a line break; empty if none."""
    path = ""
    while data:
        length, _, _ = data[:8].partition(b" ")
        if not length.isdigit() or not len(length) < int(length) <= len(data):
            raise Refusal("the archive holds a header that cannot be read")
        record, data = data[: int(length)], data[int(length) :]
        key, _, value = record[len(length) + 1 :].removesuffix(b"\n").partition(b"=")
        if key == b"path":
            path = _text(value)
        elif _text(key) in _ABOUT_FILES or key.startswith(b"GNU.sparse"):
            raise Refusal("the archive holds a file that is no plain one")
    return path


def _named(data: bytes) -> str:
    """The name that git gives a file of this content."""
    return hashlib.sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()
