"""What an entry of a kustomization refers to: a path, or something on another host."""

from __future__ import annotations

import re
from functools import lru_cache

_REMOTE = re.compile(
    r"^(?:[a-z][a-z0-9+.-]*::|[a-z][a-z0-9+.-]*://|git@|[\w.-]+@[\w.-]+[:/]"
    r"|(?:github\.com|gitlab\.com|bitbucket\.org)[/:])",
    re.IGNORECASE,
)


@lru_cache(maxsize=65_536)
def is_remote(entry: str) -> bool:
    """Whether kustomize would take an entry that is no local path for a remote one."""
    return bool(_REMOTE.match(entry)) or "?ref=" in entry or ".git//" in entry or entry.endswith(".git")


def file_of(entry: str) -> str:
    """The path in a generator's ``files`` entry, which is ``path`` or ``key=path``."""
    return entry.partition("=")[2] or entry
