"""One commit's files, as values.

Paths are strings relative to the repository root, normalised, with ``/``; the
root itself is the empty string. Symbolic links are kept by name only: Flux's
source-controller packs regular files and directories and leaves links out of
its artifacts (source-controller ``Storage.Archive``), so a link is a file that
the cluster never sees.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from bot.model.limits import LIMITS, Limits

# A file's name, or a path of such names; nearly all that a kustomization lists. Nothing in it needs to be resolved.
_PLAIN = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*", re.ASCII)


class Blob(NamedTuple):
    """A file's content; ``data`` is None where the file is larger than fluxbot reads."""

    sha: str
    size: int
    data: bytes | None


MOUNT: Final = ".fluxbot-linked/"
"""Where the files of another repository lie that a snapshot holds besides its own."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An OCI artifact: the directory of a repository that it is made of, and its revision by its annotation."""

    directory: str
    revision: str


@dataclass(frozen=True, slots=True)
class Mount:
    """Another repository below MOUNT: where it is cloned from, and the branch that its files are to come to.

    ``artifacts`` are the OCI artifacts that are made of it, by the key of the Fetch for each.
    """

    url: str
    branch: str
    artifacts: Mapping[str, Placed] = field(default_factory=dict)


@dataclass(frozen=True)
class Snapshot:
    """All files of one revision. ``label`` says which one (a commit's sha, or a folder).

    ``limits`` are those under which it was taken, and under which it is to be
    read. ``mount`` is the other repository whose files it holds, if it does.
    """

    label: str
    files: Mapping[str, Blob]
    links: frozenset[str] = field(default=frozenset())
    limits: Limits = LIMITS
    mount: Mount | None = None

    @cached_property
    def directories(self) -> Mapping[str, tuple[str, ...]]:
        """Each directory with the names in it, sorted; sub-directories end in ``/``."""
        found: dict[str, set[str]] = {"": set()}
        for path in self.files:
            parent, _, name = path.rpartition("/")
            known = found.get(parent)
            if known is not None:
                known.add(name)
                continue
            found[parent] = {name}
            while parent:
                above, _, name = parent.rpartition("/")
                is_new = above not in found
                found.setdefault(above, set()).add(name + "/")
                if not is_new:
                    break
                parent = above
        return {path: tuple(sorted(names)) for path, names in found.items()}

    def changed(self, label: str, files: Mapping[str, Blob], gone: Collection[str], links: frozenset[str]) -> Snapshot:
        """Another revision: with ``files`` that are new or hold something else, without those that are ``gone``.

        In git's order, which is that of the paths; the directories are listed anew only where there are other names.
        """
        if not gone and files.keys() <= self.files.keys():
            other = replace(self, label=label, files={**self.files, **files}, links=links)
            other.__dict__["directories"] = self.directories
            return other
        left = {path: blob for path, blob in self.files.items() if path not in gone} | dict(files)
        return replace(self, label=label, files={path: left[path] for path in sorted(left)}, links=links)

    def data(self, path: str) -> bytes | None:
        """The content of a file, or None where it is absent or too large."""
        blob = self.files.get(path)
        return blob.data if blob else None


def mounted(whole: Snapshot, other: Snapshot, mount: Mount) -> Snapshot:
    """A snapshot that holds the files of another one besides its own."""
    files = {**whole.files, **{f"{MOUNT}{path}": blob for path, blob in other.files.items()}}
    links = whole.links | {f"{MOUNT}{path}" for path in other.links}
    return Snapshot(other.label, files, links, whole.limits, mount)


def joined(directory: str, path: str) -> str | None:
    """``path`` as seen from ``directory``; None where it leaves the tree. The root is the empty string."""
    if _is_plain(path) and (not directory or _is_plain(directory)):
        return f"{directory}/{path}" if directory else path
    whole = posixpath.normpath(posixpath.join("/", directory, path))
    steps = posixpath.normpath(posixpath.join(directory or ".", path))
    if steps == ".." or steps.startswith("../"):
        return None
    return whole.lstrip("/")


@lru_cache(maxsize=65_536)
def _is_plain(path: str) -> bool:
    """Whether nothing in a path needs to be resolved; the same names stand in most directories."""
    return _PLAIN.fullmatch(path) is not None


def clamped(path: str) -> str:
    """A path joined to the root the way Flux does: ``..`` never climbs above it.

    kustomize-controller resolves ``spec.path`` with securejoin, so
    ``../components/x`` is ``components/x`` and valid.
    """
    return posixpath.normpath("/" + path).lstrip("/")
