"""A commit that is to be made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: contents by path, None for what is deleted. Its text is plain.

    ``request`` says which request it answers, so that the same one never makes
    two; ``person`` is the login of who asked, and ``person_id`` GitHub's number of them, 0 where that is not known.
    """

    headline: str
    body: str
    files: tuple[tuple[str, bytes | None], ...]
    request: str
    person: str
    person_id: int = 0
