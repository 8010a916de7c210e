"""Which files of a build pass a limit of fluxbot, which says nothing of Flux."""

from __future__ import annotations

from bot.flux.tree import Tree
from bot.manifest.documents import read
from bot.model.allowance import size_limit
from bot.model.limits import Exceeded, file_exceeded
from bot.model.quote import code
from bot.model.snapshot import Blob

_FEW_ALIASES = 16


def beyond(tree: Tree, path: str, blob: Blob) -> Exceeded | None:
    """The limit that a manifest or another file passes.

    One that cannot pass any is not read here: a build reads many files that
    fluxbot need not read. How deep they are shows in what it prints.
    """
    limits, data = tree.snapshot.limits, blob.data
    if data is None:
        return _too_large(tree, path, blob)
    is_small = len(data) < len(b"---") * limits.yaml_documents and len(data) <= limits.yaml_nodes
    if (is_small and b"&" not in data) or not path.endswith((".yaml", ".yml")):
        return None
    # What aliases multiply would fill the memory of kustomize.
    multiplies = b"&" in data and data.count(b"*") >= _FEW_ALIASES
    if multiplies or len(data) > limits.yaml_nodes or data.count(b"---") >= limits.yaml_documents:
        return unreadable(tree, path, blob)
    return None


def unreadable(tree: Tree, path: str, blob: Blob) -> Exceeded | None:
    """The limit for which fluxbot does not read a file that it must read itself; None where there is none."""
    limits = tree.snapshot.limits
    if blob.data is None:
        return _too_large(tree, path, blob)
    problem = read(blob.data, limits.yaml).problem
    if problem is None or not problem.limit:
        return None
    return file_exceeded(limits, problem.limit, tree.place(path), problem.line)


def _too_large(tree: Tree, path: str, blob: Blob) -> Exceeded:
    limits, place = tree.snapshot.limits, tree.place(path)
    limit, most = size_limit(path, limits)
    return file_exceeded(limits, limit if blob.size > most else "other_files_bytes", place, size=blob.size)


def too_deep(tree: Tree, directory: str) -> Exceeded:
    """The limit that the kustomization of a directory passes by how many lead to it."""
    path = tree.place(tree.kustomization_file(directory) or directory)
    most = tree.snapshot.limits.base_nesting
    return Exceeded("base_nesting", f"{code(path)} is more than {most:,} kustomization files deep", path)
