"""OCI artifacts that are made of a Git repository: which there are, and of which of its directories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.flux.address import written
from bot.flux.following import UNKNOWN, Followed, named
from bot.model.ask import Fetch
from bot.model.field import Body, mapping, text
from bot.model.pushed import Pushed
from bot.model.snapshot import Blob, Snapshot

_KIND = "OCIRepository"
_PROBES = 20
"""Paths of an artifact by which the directory is looked for; one of them may be new, or gone since."""


def artifact_of(body: Body) -> Fetch | None:
    """What an OCIRepository reads; None where its URL or reference holds a variable.

    A ``semverFilter`` is left aside: what the tags that it leaves out are made of is not another repository.
    """
    url, ref = text(body, "spec", "url"), mapping(body, "spec", "ref")
    parts = (url, text(ref, "semver"), text(ref, "tag"), text(ref, "digest"))
    if not url.startswith("oci://") or any(sign in part for part in parts for sign in ("$", "<<")):
        return None
    return Fetch(url, "", text(ref, "semver"), text(ref, "tag"), text(ref, "digest"))


def artifacts_in(snapshot: Snapshot) -> tuple[Fetch, ...]:
    """The artifacts that Kustomizations are made from, as far as a tree writes both down without variables."""
    found: dict[str, Fetch] = {}
    read: set[str] = set()
    for body in written(snapshot, frozenset({"Kustomization", _KIND})):
        if text(body, "kind") != _KIND:
            if text(body, "spec", "sourceRef", "kind") == _KIND:
                read.add(text(body, "spec", "sourceRef", "name"))
        elif ask := artifact_of(body):
            found[text(body, "metadata", "name")] = ask
    return tuple(ask for name, ask in found.items() if name in read)


def made_of(revision: str) -> Followed:
    """The branch that an artifact was made of, by its annotation: ``main@sha1:<commit>``, once ``main/<commit>``.

    A tag stands there as a branch does, and is another name than the branch that a change goes to.
    """
    name, separator, _ = revision.rpartition("@")
    name = name if separator else revision.rpartition("/")[0]
    if not name:
        return UNKNOWN
    return named(name) if name.startswith("refs/") else Followed(name)


def directory_of(pushed: Pushed, tree: Mapping[str, Blob]) -> str | None:
    """The directory of a tree that an artifact was made of, the root as the empty string; None where none fits.

    The one that holds most of its files, at least half of them; of several
    with as many the one that holds most as they are in the artifact. None
    where that leaves more than one.
    """
    probes = sorted(pushed.files, key=lambda path: (-path.count("/"), -len(path), path))[:_PROBES]
    found = set(_candidates(probes, tree))
    ranked = sorted(((*_fits(pushed, tree, directory), directory) for directory in found), reverse=True)
    if not ranked or 2 * ranked[0][0] < len(pushed.files):
        return None
    if len(ranked) > 1 and ranked[0][:2] == ranked[1][:2]:
        return None
    return ranked[0][2]


def _candidates(probes: list[str], tree: Mapping[str, Blob]) -> Iterator[str]:
    for path in tree:
        for probe in probes:
            if path == probe:
                yield ""
            elif path.endswith(f"/{probe}"):
                yield path.removesuffix(f"/{probe}")


def _fits(pushed: Pushed, tree: Mapping[str, Blob], directory: str) -> tuple[int, int]:
    """How many of the artifact's files are there, and how many of them as they are."""
    prefix = f"{directory}/" if directory else ""
    there = {path: tree[prefix + path].sha for path in pushed.files if prefix + path in tree}
    return len(there), sum(pushed.files[path] == sha for path, sha in there.items())
