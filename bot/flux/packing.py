"""Which files source-controller packs into the artifact of a repository (fluxcd/pkg sourceignore).

Left out are by default the files of version control and CI, pictures and
archives, and the settings of sops, goreleaser and flux; then what
``.sourceignore`` files say, then ``spec.ignore`` of the source. Later
patterns win, and ``!`` takes files in again.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache

from pathspec import GitIgnoreSpec

from bot.model.snapshot import Snapshot

_DEFAULTS = (
    *(".git/", ".gitignore", ".gitmodules", ".gitattributes"),
    *("*.jpg", "*.jpeg", "*.gif", "*.png", "*.wmv", "*.flv", "*.tar.gz", "*.zip"),
    *(".github/", ".circleci/", ".travis.yml", ".gitlab-ci.yml", "appveyor.yml", ".drone.yml"),
    *("cloudbuild.yaml", "codeship-services.yml", "codeship-steps.yml"),
    *("**/.goreleaser.yml", "**/.sops.yaml", "**/.flux.yaml"),
)
_FILE = ".sourceignore"
_SUSPECT = re.compile(r"(^|/)(\.|appveyor|cloudbuild|codeship)|\.(jpe?g|gif|png|wmv|flv|gz|zip)$")


def packed(snapshot: Snapshot, ignore: str = "") -> dict[str, str]:
    """The paths of the artifact, each with the path in the repository, which is the same.

    ``ignore`` is ``spec.ignore`` of the source.
    """
    own = [*_written(snapshot), *ignore.splitlines()]
    # Only what one of the defaults may mean, or everything where the repository has patterns of its own.
    suspects = snapshot.files if own else [path for path in snapshot.files if _SUSPECT.search(path)]
    left_out = set(_read((*_DEFAULTS, *own)).match_files(suspects))
    return {path: path for path in snapshot.files if path not in left_out}


@lru_cache(maxsize=8)
def _read(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    """Most repositories have the same, and to read them takes longer than to match a small one."""
    return GitIgnoreSpec.from_lines(patterns)


def _written(snapshot: Snapshot) -> list[str]:
    """The patterns of every ``.sourceignore``, those of a sub-directory bound to it, from the root down."""
    lines: list[str] = []
    for path in sorted(path for path in snapshot.files if path == _FILE or path.endswith(f"/{_FILE}")):
        home = posixpath.dirname(path)
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
