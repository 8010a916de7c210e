"""What an OCI artifact of Flux tells of the repository that it was made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pushed:
    """An artifact as ``flux push artifact`` makes it; https://fluxcd.io/flux/cmd/flux_push_artifact/.

    ``source`` is the Git URL, ``revision`` the branch or tag and the commit
    (``main@sha1:<commit>``), as its annotations say; empty where they do not.
    ``files`` are the names that git gives its files' contents, by their paths.
    """

    source: str
    revision: str
    files: Mapping[str, str]
