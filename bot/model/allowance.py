"""Which files are worth reading, and how much of a tree is read at most."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from bot.model.limits import Limits

_LONGEST_PATH = 4096
# What kustomize, Flux and Helm read as configuration; anything else only gets into a ConfigMap, which holds 1 MiB.
_TEXT = (
    *(".yaml", ".yml", ".json", ".json5", ".env", ".properties", ".toml", ".ini", ".conf", ".cfg"),
    *(".txt", ".tpl", ".gotmpl", ".tmpl", ".j2", ".tf", ".hcl", ".cue", ".lock"),
)
_USUAL = (".yaml", ".yml", ".json")
# Nearly every path of a tree: no step of it can be empty or begin with a dot.
_PLAIN = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*", re.ASCII)


class Allowance:
    """Decides file by file whether its content is read, so that a tree of pictures does not fill the memory.

    ``granted`` counts the bytes of those that are, ``refused`` the files that are not.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.other_files_bytes
        self.granted = 0
        self.refused = 0

    def grants(self, path: str, size: int) -> bool:
        """Whether ``size`` bytes are read."""
        if is_configuration(path):
            if size > self._limits.file_bytes:
                self.refused += 1
                return False
        elif size > self._limits.other_file_bytes or size > self._left:
            self.refused += 1
            return False
        else:
            self._left -= size
        self.granted += size
        return True

    def without(self, files: Iterable[tuple[str, int]]) -> Allowance:
        """The same with some files less, paths with sizes in bytes, each of which it granted."""
        less = Allowance(self._limits)
        less._left, less.granted, less.refused = self._left, self.granted, self.refused
        for path, size in files:
            less.granted -= size
            less._left += 0 if is_configuration(path) else size
        return less


def size_limit(path: str, limits: Limits) -> tuple[str, int]:
    """The limit on the size of a file of this name, and how many bytes it allows."""
    if is_configuration(path):
        return "file_bytes", limits.file_bytes
    return "other_file_bytes", limits.other_file_bytes


def is_configuration(path: str) -> bool:
    """Whether kustomize, Flux or Helm may read a file of this name as configuration."""
    if path.endswith(_USUAL):
        return True
    name = posixpath.basename(path)
    return (posixpath.splitext(name)[1].lower() or name.lower()) in _TEXT


def is_usable(path: str) -> bool:
    """Whether a path is text, stays in its tree and is no part of a ``.git``; a crafted tree may hold others.

    No file system holds longer ones than 4,096 bytes, so neither Flux nor git can take such a file out of its commit.
    """
    if len(path) <= _LONGEST_PATH and _PLAIN.fullmatch(path):
        return True
    if "\0" in path or path.startswith("/") or (not path.isascii() and not _is_text(path)):
        return False
    if len(path) > _LONGEST_PATH:
        return False
    return not any(step in ("", ".", "..", ".git") for step in path.split("/"))


def _is_text(path: str) -> bool:
    """Whether all of a path could be decoded; what could not be stands in it as lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in path)
