"""Which files are worth reading, and how much of a tree is read at most."""

from __future__ import annotations

import posixpath

MEBIBYTE = 1024 * 1024
MOST_FILES = 200_000
"""Files in one folder; more is no Flux repository but somebody's disk."""

_TEXT_BYTES = 10 * MEBIBYTE
_OTHER_BYTES = 1 * MEBIBYTE
_OTHER_TOTAL = 256 * MEBIBYTE
# What kustomize, Flux and Helm read as configuration; anything else only gets into a ConfigMap, which holds 1 MiB.
_TEXT = (
    *(".yaml", ".yml", ".json", ".json5", ".env", ".properties", ".toml", ".ini", ".conf", ".cfg"),
    *(".txt", ".tpl", ".gotmpl", ".tmpl", ".j2", ".tf", ".hcl", ".cue", ".lock"),
)


class Allowance:
    """Decides file by file whether its content is read, so that a tree of pictures does not fill the memory."""

    def __init__(self) -> None:
        self._left = _OTHER_TOTAL

    def grants(self, path: str, size: int) -> bool:
        """Whether ``size`` bytes are read: of configuration up to 10 MiB, of other files up to 1 MiB and 256 in all."""
        name = posixpath.basename(path)
        suffix = posixpath.splitext(name)[1].lower() or name.lower()
        if suffix in _TEXT:
            return size <= _TEXT_BYTES
        if size > min(_OTHER_BYTES, self._left):
            return False
        self._left -= size
        return True


def is_usable(path: str) -> bool:
    """Whether a path is text and stays in its tree; a crafted git tree may hold names that do not."""
    if "\0" in path or path.startswith("/") or (not path.isascii() and not _is_text(path)):
        return False
    return not any(step in ("", ".", "..") for step in path.split("/"))


def _is_text(path: str) -> bool:
    """Whether all of a path could be decoded; what could not be stands in it as lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in path)
