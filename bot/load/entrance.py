"""Which clusters to load, and which Kustomizations of the tree belong to none."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.flux.beyond import unreadable
from bot.flux.entry import Entry, entries, entry_at, kustomizations
from bot.flux.following import Followed
from bot.flux.tree import Tree
from bot.model.cluster import Cluster, Incomplete
from bot.model.config import Config
from bot.model.field import mapping, text
from bot.model.limits import Exceeded
from bot.model.ref import Ref
from bot.model.resource import identity
from bot.model.snapshot import Snapshot


def entrances(snapshot: Snapshot, config: Config, roots: tuple[str, ...]) -> tuple[Entry, ...]:
    """The entry points: those that the user names, else the configuration's, else the ones found."""
    named = roots or tuple(cluster.root for cluster in config.clusters if cluster.repository is None)
    found = tuple(entry_at(snapshot, root) for root in named) if named else entries(snapshot)
    unique = {entry.root: entry for entry in found if entry.root in snapshot.directories}
    return tuple(unique.values())


def following(entries: Iterable[Entry], config: Config, branch: str) -> Mapping[str, str]:
    """The clusters that a change to a branch does not reach: by root, what their own source follows instead.

    Of an entry that was only guessed, and of one whose source says nothing, nobody knows.
    """
    told = {cluster.root: cluster.branch for cluster in config.clusters if cluster.repository is None}
    found: dict[str, str] = {}
    for entry in entries if branch else ():
        follows = Followed(told[entry.root] or "") if told.get(entry.root) else entry.follows
        if follows.differs(Followed(branch)):
            found[entry.root] = follows.words
    return found


def hidden_entries(
    snapshot: Snapshot, found: Iterable[Entry], before: Iterable[Entry]
) -> Mapping[str, tuple[Entry, Exceeded]]:
    """The entry points of the tree before whose file is still there, but passes a limit: by root, with that limit.

    A change must not make a cluster vanish by making the file unreadable that
    says where it begins.
    """
    roots = {entry.root for entry in found if not entry.guessed}
    tree = Tree(snapshot)
    hidden: dict[str, tuple[Entry, Exceeded]] = {}
    for entry in before:
        path = entry.sync.origin.path
        blob = tree.blob(path)
        if blob and entry.root not in roots and entry.root in snapshot.directories:
            exceeded = unreadable(tree, path, blob)
            if exceeded:
                hidden[entry.root] = (entry, exceeded)
    return hidden


def named_unapplied(snapshot: Snapshot, clusters: Mapping[str, Cluster]) -> dict[str, Cluster]:
    """The clusters, each with the Kustomizations of the tree that nothing applies and that lie nearest to it."""
    homes: dict[str, dict[Ref, str]] = {root: {} for root in clusters}
    for ref, path in _unapplied(snapshot, clusters.values()).items():
        nearest = max(homes, key=lambda root: len(posixpath.commonprefix([root, path])), default=None)
        if nearest is not None:
            homes[nearest][ref] = path
    return {root: _with(cluster, homes[root]) for root, cluster in clusters.items()}


def _with(cluster: Cluster, unapplied: Mapping[Ref, str]) -> Cluster:
    more = (Incomplete(ref, f"nothing applies it ({path})") for ref, path in unapplied.items())
    return replace(cluster, unapplied=unapplied, incomplete=(*cluster.incomplete, *more))


def _unapplied(snapshot: Snapshot, clusters: Iterable[Cluster]) -> Mapping[Ref, str]:
    """The whole Kustomizations of the tree that no cluster applies, with their files.

    Patches look like Kustomizations without a source; they are not meant, nor
    are files that some build reads. None where a cluster was not read to its
    end: it may well apply them.
    """
    applied: set[str] = set()
    for cluster in clusters:
        if cluster.cut:
            return {}
        for node in cluster.nodes.values():
            applied |= node.read | {node.kustomization.resource.origin.path}
    found: dict[Ref, str] = {}
    for path, body in kustomizations(snapshot, applied):
        if mapping(body, "spec", "sourceRef") and text(body, "spec", "path"):
            found.setdefault(identity(body), path)
    return found
