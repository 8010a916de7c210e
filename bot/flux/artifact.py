"""What the artifacts of an ArtifactGenerator hold (source-watcher, ``spec.artifacts[].copy``)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from bot.flux.tree import Tree
from bot.model.field import Body, mappings, strings, text
from bot.model.snapshot import Snapshot

_GLOB = re.compile(r"[*?\[{]")


def artifact(snapshot: Snapshot, sources: Mapping[str, bool], copies: Iterable[Body]) -> Tree | None:
    """The artifact that a list of copies makes.

    ``sources`` tells for each alias whether it is this repository. None where
    a copy takes from a source that is not: the artifact is not known then.
    """
    places: dict[str, str] = {}
    for copy in copies:
        alias, _, pattern = text(copy, "from").removeprefix("@").partition("/")
        if not sources.get(alias, False):
            return None
        places.update(_copied(snapshot, pattern, _destination(text(copy, "to")), strings(copy, "exclude")))
    return Tree(snapshot, places)


def copies_of(generator: Body, name: str) -> list[Body] | None:
    """The copies that make the artifact ``name``; None where the generator makes no such artifact."""
    for entry in mappings(generator, "spec", "artifacts"):
        if text(entry, "name") == name:
            return list(mappings(entry, "copy"))
    return None


def _destination(to: str) -> str:
    return to.removeprefix("@artifact").removeprefix("/")


def _copied(snapshot: Snapshot, pattern: str, to: str, excluded: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    base = _static(pattern, to)
    matches = glob(pattern)
    refused = [glob(entry) for entry in excluded]
    whole = not _GLOB.search(pattern)
    for path in snapshot.files:
        if whole:
            if path == pattern:
                yield posixpath.join(to, posixpath.basename(path)) if to.endswith("/") or not to else to, path
                continue
            if not path.startswith(f"{pattern.rstrip('/')}/"):
                continue
        elif not matches.fullmatch(path):
            continue
        relative = posixpath.relpath(path, base or ".")
        if not any(rule.fullmatch(relative) or rule.fullmatch(path) for rule in refused):
            yield posixpath.normpath(posixpath.join(to, relative)), path


def _static(pattern: str, to: str) -> str:
    """The directory that copied paths are relative to.

    It is the one above the first wildcard. A plain directory is copied as
    ``cp -r`` does: into a destination that ends in ``/``, else as that destination.
    """
    found = _GLOB.search(pattern)
    if found:
        return posixpath.dirname(pattern[: found.start()])
    plain = pattern.rstrip("/")
    return posixpath.dirname(plain) if to.endswith("/") or not to else plain


def glob(pattern: str) -> re.Pattern[str]:
    """A regular expression for a doublestar pattern: ``**`` crosses directories, ``*`` does not."""
    out = ""
    for part in re.split(r"(\*\*/|\*\*|\*|\?|\{[^}]*\})", pattern):
        if part == "**/":
            out += "(?:.*/)?"
        elif part == "**":
            out += ".*"
        elif part == "*":
            out += "[^/]*"
        elif part == "?":
            out += "[^/]"
        elif part.startswith("{"):
            out += "(?:" + "|".join(re.escape(choice) for choice in part[1:-1].split(",")) + ")"
        else:
            out += re.escape(part)
    return re.compile(out)
