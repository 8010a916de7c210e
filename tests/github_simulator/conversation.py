"""Issues, pull requests, comments, reactions and reviews as they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tests.github_simulator.people import Account

if TYPE_CHECKING:
    from tests.github_simulator.world import Repository


@dataclass(slots=True, eq=False)
class Issue:
    """What issues and pull requests share: the text and the number."""

    id: int
    number: int
    author: Account
    title: str
    body: str | None
    created_at: datetime
    updated_at: datetime
    state: str = "open"
    closed_at: datetime | None = None


@dataclass(slots=True, eq=False)
class Pull:
    """A pull request; ``base_sha`` is the tip of the base when the head was last pushed."""

    id: int
    issue: Issue
    repository: Repository
    base_ref: str
    base_sha: str
    head_repository: Repository
    head_ref: str
    head_sha: str
    draft: bool = False
    merged_at: datetime | None = None
    merged_by: Account | None = None
    merge_commit_sha: str | None = None
    mergeable: bool | None = None  # None until GitHub's background job has run
    merge_asked: bool = False

    @property
    def number(self) -> int:
        """Its number, shared with issues."""
        return self.issue.number

    @property
    def state(self) -> str:
        """``open`` or ``closed``."""
        return self.issue.state

    @property
    def from_fork(self) -> bool:
        """Whether the head lies in another repository."""
        return self.head_repository is not self.repository


@dataclass(frozen=True, slots=True)
class Reaction:
    """One smile of one account."""

    id: int
    content: str
    by: Account
    created_at: datetime


@dataclass(slots=True, eq=False)
class Comment:
    """A comment below an issue or pull request; ``minimized`` holds the reason in GitHub's words."""

    id: int
    number: int
    author: Account
    body: str
    created_at: datetime
    updated_at: datetime
    by_app: bool = False
    minimized: str | None = None
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Review:
    """A review; ``state`` as GitHub writes it: COMMENTED, APPROVED, CHANGES_REQUESTED, DISMISSED, PENDING."""

    id: int
    number: int
    author: Account
    body: str
    state: str
    commit_id: str
    submitted_at: datetime | None
    minimized: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a review comment was put: ``line`` None means the file as a whole."""

    path: str
    line: int | None
    side: str
    start_line: int | None
    start_side: str | None
    position: int
    diff_hunk: str


@dataclass(slots=True, eq=False)
class ReviewComment:
    """A comment on a line. The first of a thread carries the thread's ``resolved_by``."""

    id: int
    number: int
    review_id: int
    author: Account
    body: str
    place: Place
    commit_id: str
    created_at: datetime
    updated_at: datetime
    in_reply_to: int | None = None
    resolved_by: Account | None = None
    minimized: str | None = None
    reactions: list[Reaction] = field(default_factory=list)
