"""Which tree a Kustomization's source holds, as far as the repository shows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from bot.flux.address import same_repository
from bot.flux.artifact import artifact, copies_of
from bot.flux.entry import Entry
from bot.flux.following import Followed, followed
from bot.flux.kustomization import SOURCE_EXTENSIONS
from bot.flux.packing import packed, unpacked
from bot.flux.pushed import artifact_of, made_of
from bot.flux.tree import Tree
from bot.model.cluster import Unresolved
from bot.model.field import Body, mapping, mappings, text
from bot.model.flux import Kustomization
from bot.model.quote import shortened
from bot.model.ref import GroupKind, Ref
from bot.model.resource import Resource
from bot.model.snapshot import MOUNT, Snapshot

LONGEST_URL = 120


class Found(Protocol):
    """The objects of a cluster that are known so far."""

    def find(self, ref: Ref) -> Resource | None:
        """The object of that identity."""
        ...

    def every(self, what: GroupKind) -> Iterable[Resource]:
        """All objects of a kind."""
        ...


class Sources:
    """What each source of one cluster holds."""

    def __init__(self, entry: Entry, snapshot: Snapshot, found: Found, branch: str | None) -> None:
        self._entry = entry
        self._snapshot = snapshot
        self._found = found
        self._branch = branch
        self._packed: dict[str, Tree] = {}

    def tree(self, kustomization: Kustomization) -> Tree | Unresolved:
        """The tree of a Kustomization's source, or why it is not known."""
        source = kustomization.source
        if source == self._entry.source:
            return self._whole(source)
        if source.kind == "ExternalArtifact":
            return self._artifact(source)
        return self._repository(source)

    def is_this_repository(self, source: Ref) -> bool:
        """Whether a source holds this very repository as it is."""
        if source == self._entry.source:
            return True
        tree = self._repository(source)
        return isinstance(tree, Tree) and not tree.moves

    def _repository(self, source: Ref) -> Tree | Unresolved:
        found = self._found.find(source)
        if found is None:
            if source.kind == self._entry.source.kind and source.name == self._entry.source.name:
                return self._whole(source)
            return Unresolved(f"the source {source} is not in the tree")
        url, follows = text(found.body, "spec", "url"), followed(mapping(found.body, "spec", "ref"))
        own, here = self._own()
        if source.kind != "GitRepository":
            return self._pushed(source, found) or Unresolved(f"{source} is not read: {_shortened(url)}")
        mount = self._snapshot.mount
        if mount and same_repository(url, mount.url):
            is_other = follows.differs(Followed(mount.branch))
            return Unresolved(f"{source} reads {follows.words}") if is_other else self._mounted(source)
        if not own or same_repository(url, own):
            if follows.differs(here):
                return Unresolved(f"{source} reads {follows.words}")
            if not own and source.name != self._entry.source.name:
                return Unresolved(f"{source} may be another repository: {_shortened(url)}")
            return self._whole(source)
        return Unresolved(f"{source} is another repository: {_shortened(url)}")

    def _whole(self, source: Ref) -> Tree:
        """The artifact of a source that is this repository."""
        found = self._found.find(source)
        ignore = text(found.body, "spec", "ignore") if found else ""
        if ignore not in self._packed:
            foreign = (path for path in self._snapshot.files if path.startswith(MOUNT)) if self._snapshot.mount else ()
            self._packed[ignore] = Tree(self._snapshot, left_out=unpacked(self._snapshot, ignore).union(foreign))
        return self._packed[ignore]

    def _pushed(self, source: Ref, found: Resource) -> Tree | Unresolved | None:
        """The tree of an OCI artifact made of the other repository that the snapshot holds; None for others."""
        mount, ask = self._snapshot.mount, artifact_of(found.body) if source.kind == "OCIRepository" else None
        placed = mount.artifacts.get(ask.key) if mount and ask else None
        if mount is None or placed is None:
            return None
        follows = made_of(placed.revision)
        if follows.differs(Followed(mount.branch)):
            return Unresolved(f"{source} is made of {follows.words}")
        return self._mounted(source, placed.directory)

    def _mounted(self, source: Ref, directory: str = "") -> Tree:
        """The artifact of a source that is the repository which the snapshot holds besides its own, or a part of it."""
        found = self._found.find(source)
        prefix = f"{MOUNT}{directory}/" if directory else MOUNT
        files = {
            path.removeprefix(prefix): blob for path, blob in self._snapshot.files.items() if path.startswith(prefix)
        }
        inner = Snapshot(self._snapshot.label, files, limits=self._snapshot.limits)
        places = packed(inner, text(found.body, "spec", "ignore") if found else "")
        return Tree(self._snapshot, {path: f"{prefix}{path}" for path in places})

    def _own(self) -> tuple[str, Followed]:
        """The URL of the cluster's own source, empty where the tree does not say, and what it follows."""
        found = self._found.find(self._entry.source)
        spec = mapping(found.body, "spec") if found else {}
        follows = self._entry.follows if self._entry.follows.words else followed(mapping(spec, "ref"))
        return self._entry.url or text(spec, "url"), Followed(self._branch) if self._branch else follows

    def _artifact(self, source: Ref) -> Tree | Unresolved:
        for resource in self._found.every(GroupKind(SOURCE_EXTENSIONS, "ArtifactGenerator")):
            generator = resource.body
            copies = copies_of(generator, source.name) if resource.ref.namespace == source.namespace else None
            if copies is None:
                continue
            aliases = {
                text(entry, "alias"): self._is_own(entry, source) for entry in mappings(generator, "spec", "sources")
            }
            return artifact(self._snapshot, aliases, copies) or Unresolved(f"{source} is made of another repository")
        return Unresolved(f"no ArtifactGenerator in the tree makes {source}")

    def _is_own(self, entry: Body, artifact_ref: Ref) -> bool:
        namespace = text(entry, "namespace") or artifact_ref.namespace
        return self.is_this_repository(Ref(artifact_ref.group, text(entry, "kind"), namespace, text(entry, "name")))


def _shortened(url: str) -> str:
    return shortened(url, LONGEST_URL)
