"""Where a GitRepository is cloned from."""

from __future__ import annotations

import re
from typing import Final

from bot.manifest.documents import read
from bot.model.field import mappings, text
from bot.model.snapshot import Snapshot

_KIND: Final = "GitRepository"
_GROUP: Final = "source.toolkit.fluxcd.io/"


def same_repository(one: str, other: str) -> bool:
    """Whether two Git URLs mean the same repository: ``ssh://git@host/a/b`` is ``https://host/a/b.git``."""
    return bool(one) and plain(one) == plain(other)


def plain(url: str) -> str:
    """A Git URL as ``host/owner/name``, however it is reached."""
    bare = re.sub(r"^[a-z+]+://", "", url.lower()).rpartition("@")[2].removesuffix("/").removesuffix(".git")
    return bare.replace(":", "/")


def neighbours(snapshot: Snapshot, site: str) -> tuple[str, ...]:
    """The repositories beside the one at ``site``, on its host, that GitRepositories of a tree name; plain, sorted."""
    here = plain(site)
    host = here.rsplit("/", 2)[0]
    named = {plain(url) for url in _urls(snapshot)}
    return tuple(sorted(one for one in named if one.rsplit("/", 2)[0] == host and one not in (here, "")))


def _urls(snapshot: Snapshot) -> set[str]:
    found: set[str] = set()
    for path, blob in snapshot.files.items():
        if not path.endswith((".yaml", ".yml")) or not blob.data or _KIND.encode() not in blob.data:
            continue
        for document in read(blob.data).documents:
            for body in (document.body, *mappings(document.body, "items")):
                if body.get("kind") == _KIND and text(body, "apiVersion").startswith(_GROUP):
                    found.add(text(body, "spec", "url"))
    return found
