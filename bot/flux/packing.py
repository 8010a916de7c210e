"""Which files source-controller packs into the artifact of a repository (fluxcd/pkg sourceignore).

Left out are by default the files of version control and CI, pictures and
archives, and the settings of sops, goreleaser and flux; then what
``.sourceignore`` files say, then ``spec.ignore`` of the source. Later
patterns win, and ``!`` takes files in again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.model.snapshot import Snapshot

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_DEFAULTS = (
    *(".git/", ".gitignore", ".gitmodules", ".gitattributes"),
    *("*.jpg", "*.jpeg", "*.gif", "*.png", "*.wmv", "*.flv", "*.tar.gz", "*.zip"),
    *(".github/", ".circleci/", ".travis.yml", ".gitlab-ci.yml", "appveyor.yml", ".drone.yml"),
    *("cloudbuild.yaml", "codeship-services.yml", "codeship-steps.yml"),
    *("**/.goreleaser.yml", "**/.sops.yaml", "**/.flux.yaml"),
)
_FILE = ".sourceignore"
# What one of the defaults may mean: a step of a path that begins so, or ends so.
_SUSPECT = re.compile(r"(^|[/\n])(\.|appveyor|cloudbuild|codeship)|\.(jpe?g|gif|png|wmv|flv|gz|zip)([/\n]|$)")


def packed(snapshot: Snapshot, ignore: str = "") -> dict[str, str]:
    """The paths of the artifact, each with the path in the repository, which is the same.

    ``ignore`` is ``spec.ignore`` of the source.
    """
    without = unpacked(snapshot, ignore)
    return {path: path for path in snapshot.files if path not in without}


def unpacked(snapshot: Snapshot, ignore: str = "") -> frozenset[str]:
    """The paths of the repository that are left out of the artifact."""
    own = [*_written(snapshot), *ignore.splitlines()]
    # Everything may be meant where the repository has patterns of its own.
    suspects = snapshot.files if own else tuple(_suspects(snapshot))
    return frozenset(_read((*_DEFAULTS, *own)).match_files(suspects)) if suspects else frozenset()


def _suspects(snapshot: Snapshot) -> Iterator[str]:
    """The files that one of the defaults may mean; most directories are looked at as a whole, and hold none."""
    for directory, names in snapshot.directories.items():
        if _SUSPECT.search(directory) or _SUSPECT.search("\n".join(names)):
            way = f"{directory}/" if directory else ""
            yield from (way + name for name in names if not name.endswith("/"))


@lru_cache(maxsize=8)
def _read(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    """Most repositories have the same, and to read them takes longer than to match a small one."""
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - takes a twentieth of the start, and not every tree needs it

    return GitIgnoreSpec.from_lines(patterns)


def _written(snapshot: Snapshot) -> list[str]:
    """The patterns of every ``.sourceignore``, those of a sub-directory bound to it, from the root down."""
    lines: list[str] = []
    for home in sorted(home for home, names in snapshot.directories.items() if _FILE in names):
        path = f"{home}/{_FILE}" if home else _FILE
        written = (snapshot.data(path) or b"").decode(errors="replace").splitlines()
        lines += (_bound(line.rstrip(), home) if home else line for line in written)
    return lines


def _bound(pattern: str, home: str) -> str:
    """A pattern of a sub-directory as the root would write it."""
    if not pattern or pattern.startswith("#"):
        return pattern
    sign, bare = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    anchored = bare.startswith("/") or "/" in bare.rstrip("/")
    return f"{sign}/{home}/{bare.lstrip('/')}" if anchored else f"{sign}/{home}/**/{bare}"
