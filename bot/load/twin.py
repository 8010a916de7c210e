"""The HelmRelease that later takes over what a bootstrap installed.

A helmfile that prepares a cluster often leaves chart and values to it, by
templates that read its file.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from bot.flux.release import read_release
from bot.manifest.documents import read
from bot.model.flux import Release
from bot.model.ref import Ref
from bot.model.resource import Origin, Resource, resource
from bot.model.snapshot import Snapshot


class Twins:
    """Looks for objects by name in the files ``paths``: namespaces are often set far from the file."""

    def __init__(self, snapshot: Snapshot, paths: Sequence[str]) -> None:
        self._snapshot = snapshot
        self._paths = paths
        self._holding: dict[str, tuple[str, ...]] = {}

    def find(self, name: str, namespace: str) -> Release | None:
        """The HelmRelease of this name, best in a directory ``namespace/name``."""
        found = [one for one in self._named("HelmRelease", name) if one.ref.kind == "HelmRelease"]
        best = max(found, key=lambda one: _likeness(one.origin.path, namespace, name), default=None)
        if best is None:
            return None
        return read_release(best, lambda ref: self._nearest(ref, best.origin.path))

    def _nearest(self, ref: Ref, path: str) -> Resource | None:
        """The object of this kind and name that lies nearest to a file."""
        return max(self._named(ref.kind, ref.name), key=lambda one: _shared(one.origin.path, path), default=None)

    def _named(self, kind: str, name: str) -> Iterator[Resource]:
        if not name:
            return
        for path in self._paths_with(kind):
            data = self._snapshot.data(path) or b""
            if name.encode() not in data:
                continue
            for document in read(data, self._snapshot.limits.yaml).documents:
                found = resource(document.body, Origin(path, "", kind, "", name))
                if (found.ref.kind, found.ref.name) == (kind, name):
                    yield found

    def _paths_with(self, kind: str) -> tuple[str, ...]:
        """The files that mention a kind."""
        word = kind.encode()
        if kind not in self._holding:
            manifests = (path for path in self._paths if path.endswith((".yaml", ".yml")))
            self._holding[kind] = tuple(path for path in manifests if word in (self._snapshot.data(path) or b""))
        return self._holding[kind]


def _likeness(path: str, namespace: str, name: str) -> tuple[bool, bool]:
    directory = f"/{posixpath.dirname(path)}/"
    return f"/{namespace}/{name}/" in directory, f"/{name}/" in directory


def _shared(one: str, other: str) -> int:
    return len(posixpath.commonpath((f"/{one}", f"/{other}")))
