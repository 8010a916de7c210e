"""What a source's artifact holds: paths of its own over the files of a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.model.snapshot import Blob, Snapshot

KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


@dataclass(frozen=True)
class Tree:
    """An artifact. ``places`` leads each of its paths to the path in the repository.

    None: they are the same, and it holds all that is not ``left_out``.
    """

    snapshot: Snapshot
    places: Mapping[str, str] | None = None
    left_out: frozenset[str] = frozenset()

    @cached_property
    def _view(self) -> Snapshot:
        if self.places is None and not self.left_out:
            return self.snapshot
        every = self.snapshot.files
        if self.places is None:
            files = {path: blob for path, blob in every.items() if path not in self.left_out}
        else:
            files = {path: every[place] for path, place in self.places.items()}
        return Snapshot(self.snapshot.label, files, limits=self.snapshot.limits)

    @cached_property
    def moves(self) -> bool:
        """Whether a path of the artifact leads to another one in the repository."""
        return self.places is not None and any(path != place for path, place in self.places.items())

    @property
    def files(self) -> Mapping[str, Blob]:
        """The contents by path of the artifact."""
        return self._view.files

    def blob(self, path: str) -> Blob | None:
        return self._view.files.get(path)

    def has_directory(self, path: str) -> bool:
        return path in self._view.directories

    def names(self, directory: str) -> tuple[str, ...]:
        """The names in a directory, sorted; sub-directories end in ``/``."""
        return self._view.directories.get(directory, ())

    def is_link(self, path: str) -> bool:
        """Whether the repository has a symbolic link there, or on the way to it."""
        links = self.snapshot.links
        return bool(links) and any(step in links for step in _steps(path))

    def kustomization_file(self, directory: str) -> str | None:
        """The path of the kustomization file in a directory, the first of the three names that kustomize knows."""
        for name in KUSTOMIZATION_NAMES:
            path = f"{directory}/{name}" if directory else name
            if path in self._view.files:
                return path
        return None

    def place(self, path: str) -> str:
        """The path in the repository; the path itself where the artifact does not hold it."""
        return path if self.places is None else self.places.get(path, path)


def _steps(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]
