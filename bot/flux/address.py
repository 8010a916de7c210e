"""Where a GitRepository is cloned from, and which of them a tree writes down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from bot.manifest.documents import read
from bot.model.field import Body, mappings, text
from bot.model.snapshot import Snapshot

_KIND: Final = "GitRepository"
_GROUP: Final = re.compile(r"^(source|kustomize)\.toolkit\.fluxcd\.io/")


def same_repository(one: str, other: str) -> bool:
    """Whether two Git URLs mean the same repository: ``ssh://git@host/a/b`` is ``https://host/a/b.git``."""
    return bool(one) and plain(one) == plain(other)


def plain(url: str) -> str:
    """A Git URL as ``host/owner/name``, however it is reached."""
    bare = re.sub(r"^[a-z+]+://", "", url.lower()).rpartition("@")[2].removesuffix("/").removesuffix(".git")
    return bare.replace(":", "/")


def neighbours(snapshot: Snapshot, site: str) -> tuple[str, ...]:
    """The repositories beside the one at ``site`` that GitRepositories of a tree name; see ``beside``."""
    return beside((text(body, "spec", "url") for body in written(snapshot, frozenset({_KIND}))), site)


def beside(urls: Iterable[str], site: str) -> tuple[str, ...]:
    """Those of the repositories that lie on the host of the one at ``site``, without itself; plain, sorted."""
    here = plain(site)
    host = here.rsplit("/", 2)[0]
    named = {plain(url) for url in urls}
    return tuple(sorted(one for one in named if one.rsplit("/", 2)[0] == host and one not in (here, "")))


def written(snapshot: Snapshot, kinds: frozenset[str]) -> Iterator[Body]:
    """The objects of some kinds as they are written in a tree, those in lists and ResourceSets among them."""
    names = [kind.encode() for kind in kinds]
    for path, blob in snapshot.files.items():
        data = blob.data
        if not data or not path.endswith((".yaml", ".yml")) or not any(name in data for name in names):
            continue
        for document in read(data).documents:
            body = document.body
            for one in (body, *mappings(body, "items"), *mappings(body, "spec", "resources")):
                if text(one, "kind") in kinds and _GROUP.search(text(one, "apiVersion")):
                    yield one
