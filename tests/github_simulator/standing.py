"""What stands on GitHub at one moment: copies that later changes do not touch."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.github_simulator.conversation import Comment, Review, ReviewComment
from tests.github_simulator.verdicts import CheckRun
from tests.github_simulator.world import Repository


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation on a line: the first comment and its replies."""

    path: str
    line: int | None
    resolved: bool
    comments: tuple[ReviewComment, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Check runs (oldest first), comments, reviews and threads."""

    check_runs: tuple[CheckRun, ...]
    comments: tuple[Comment, ...]
    reviews: tuple[Review, ...]
    threads: tuple[Thread, ...]

    def runs_at(self, sha: str, name: str | None = None) -> tuple[CheckRun, ...]:
        """The runs for one commit, of one name when it is given."""
        return tuple(each for each in self.check_runs if each.head_sha == sha and name in {None, each.name})


def standing(where: Repository, number: int | None = None) -> Standing:
    """All of ``where``, or what belongs to pull request ``number``: its comments, and the runs of its head."""

    def ours(of: int) -> bool:
        return number in {None, of}

    head = None if number is None else where.pulls[number].head_sha
    remarks = [
        replace(each, reactions=list(each.reactions)) for each in where.review_comments.values() if ours(each.number)
    ]
    return Standing(
        tuple(
            replace(each, annotations=list(each.annotations))
            for each in where.check_runs.values()
            if head in {None, each.head_sha}
        ),
        tuple(replace(each, reactions=list(each.reactions)) for each in where.comments.values() if ours(each.number)),
        tuple(replace(each) for each in where.reviews.values() if ours(each.number)),
        tuple(
            Thread(
                first.place.path,
                first.place.line,
                first.resolved_by is not None,
                (first, *(each for each in remarks if each.in_reply_to == first.id)),
            )
            for first in remarks
            if first.in_reply_to is None
        ),
    )
