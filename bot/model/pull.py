"""Pull requests, comments and people as GitHub tells of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from bot.model.task import Repository


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request at one moment. ``head`` is the sha of its newest commit, ``base`` the branch that it goes to.

    ``is_own`` is whether its branch lies in the repository itself and not in a
    fork, so that somebody who may push there wrote it. ``site`` is where the
    repository can be looked at. ``merge`` is GitHub's own trial merge with the
    base branch and ``merges`` whether there is one; None while GitHub makes it.
    ``branch`` is its own branch.
    """

    number: int
    head: str
    base: str
    is_open: bool
    is_own: bool = False
    is_draft: bool = False
    site: str = ""
    merge: str | None = None
    merges: bool | None = None
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Parting:
    """Where a commit left a branch; ``tip`` is the newest commit of that branch."""

    at: str
    tip: str


Hunks: TypeAlias = tuple[tuple[int, int], ...]
"""The pieces of a diff in one file: first and last line of each, as the file is after the change."""


@dataclass(frozen=True, slots=True)
class OwnComment:
    """A comment of ours."""

    id: int
    body: str


@dataclass(frozen=True, slots=True)
class OwnThread:
    """A thread on a line that a comment of ours began.

    ``id`` and ``node`` are GraphQL's names of the thread and of its first
    comment, ``comment`` is the number of that comment. ``is_outdated``: the
    line is no longer in the diff.
    """

    id: str
    node: str
    comment: int
    body: str
    is_resolved: bool
    is_minimised: bool
    is_outdated: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands on a pull request just now: its newest commit, and the comments and threads of ours."""

    head: str
    is_open: bool
    comments: tuple[OwnComment, ...]
    threads: tuple[OwnThread, ...] = ()

    def marked(self, marker: str) -> OwnComment | None:
        """The oldest comment of ours that begins with ``marker``."""
        return next((comment for comment in self.comments if comment.body.startswith(marker)), None)


@dataclass(frozen=True, slots=True)
class Comment:
    """Somebody's comment; ``by_person`` is false where a bot or an App wrote it. ``author_id`` is GitHub's number."""

    id: int
    author: str
    body: str
    by_person: bool
    author_id: int = 0


class Role(StrEnum):
    """What a person may do in a repository, as far as fluxbot asks."""

    NONE = "none"
    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"

    @property
    def reads(self) -> bool:
        return self is not Role.NONE

    @property
    def writes(self) -> bool:
        """Whether the person may push, and so decide about what is merged."""
        return self is Role.WRITE


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A repository by its name, the newest commit of its default branch, and where it can be looked at."""

    repository: Repository
    head: str
    is_private: bool
    site: str = ""


class SuiteState(StrEnum):
    """How our check suite of a commit stands."""

    ABSENT = "absent"
    UNDER_WAY = "under way"
    ASKED_AGAIN = "asked again"
    DONE = "done"
