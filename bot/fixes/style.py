"""How a repository names and lays out its Kustomizations, so that a new one looks like its neighbours."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator

from bot.fixes.leaving import Grounds, Leaving, Owner
from bot.fixes.relocation import is_built, listings
from bot.model.cluster import Node
from bot.model.ref import Ref

_SUFFIXES = ("config", "configs", "cr", "crs", "resources", "custom-resources")
"""How people call a Kustomization with the custom resources of another one."""
_PARTS = frozenset(
    ["app", "apps", "operator", "controller", "controllers", "release", "install", "chart", "helm", "deploy", "manager"]
)
"""How they call the directory of one part of an application."""


def suffixes(grounds: Grounds) -> tuple[str, ...]:
    """What names of such Kustomizations end in, the most usual in this repository first."""
    names = {node.ref.name for node in _nodes(grounds)}
    found = Counter(
        suffix
        for name in names
        for suffix in _SUFFIXES
        if name.endswith(f"-{suffix}") and name.removesuffix(f"-{suffix}") in names
    )
    usual = [suffix for suffix, _ in found.most_common()]
    return tuple(dict.fromkeys((*usual, *_SUFFIXES)))


def stem_of(owner: Owner, model: Node) -> str:
    """What the name of a new Kustomization begins with: that of the old one, or of the only provider among many."""
    providers = {by.name for _, by in owner.heads}
    name = model.ref.name
    if len(model.releases) > 1 and len(providers) == 1 and not any(one in name for one in providers):
        return next(iter(providers))
    return name


def is_taken(grounds: Grounds, ref: Ref) -> bool:
    return any(node.ref == ref for node in _nodes(grounds))


def directories(grounds: Grounds, leaving: Leaving, suffix: str) -> Iterator[str]:
    """Where the new directory may lie, the most natural place first; never in what somebody builds as a whole."""
    owner = leaving.owners[0]
    path, snapshot = owner.node.kustomization.path, owner.ground.cluster.snapshot
    files = [one.origin.path for one in leaving.resources]
    listed = listings(snapshot, [owner.node], files)
    own = posixpath.dirname(listed[0].kustomization) if listed else path
    above, name = posixpath.split(own)
    if name in _SUFFIXES:
        suffix = next(one for one in ("custom-resources", "resources") if one != name)
    nested, sibling, beside = (posixpath.join(own, suffix), posixpath.join(above, suffix), f"{own}-{suffix}")
    usual = (sibling, nested, beside) if name in _PARTS or name in _SUFFIXES else (nested, beside, sibling)
    for one in usual:
        if one not in snapshot.directories and not is_built(snapshot, _nodes(grounds), one):
            yield one


def shares_file(grounds: Grounds, path: str, documents: int) -> bool:
    """Whether a further Kustomization comes into the same file: it holds several, or is named like others elsewhere."""
    alike = {
        origin.path
        for node in _nodes(grounds)
        if posixpath.basename((origin := node.kustomization.resource.origin).path) == posixpath.basename(path)
    }
    return documents > 1 or len(alike) > 1 or posixpath.splitext(posixpath.basename(path))[0] in ("ks", "kustomization")


def file_name(model: Node, path: str, name: str) -> str:
    """The file of a new Kustomization beside that of another one, named as that is."""
    directory, file = posixpath.split(path)
    stem, extension = posixpath.splitext(file)
    prefix = model.ref.name.removesuffix(stem) if stem and model.ref.name.endswith(stem) else ""
    return posixpath.join(directory, name.removeprefix(prefix) + extension)


def _nodes(grounds: Grounds) -> Iterator[Node]:
    for ground in grounds.values():
        yield from ground.cluster.nodes.values()
