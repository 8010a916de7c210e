"""What there is to do, as values: one for each thing that an event can ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, order=True)
class Repository:
    """A repository on GitHub as one installation sees it. ``id`` survives renames, ``owner/name`` does not."""

    installation: int
    id: int
    owner: str
    name: str

    def __str__(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True)
class ReviewPull:
    """Review a pull request as it stands when the task is done, whatever it was when the event came.

    ``recheck`` asks for a new check run where a completed one stands; ``event``
    says by which request, so that the same request never makes a second one.
    ``moved`` is the commit that its base branch came to since it was judged.
    """

    repository: Repository
    number: int
    recheck: bool = False
    event: str = ""
    moved: str = ""

    @property
    def lock(self) -> str:
        """Tasks of one lock never run at once, and at most one of them waits."""
        return f"pull:{self.repository.id}:{self.number}"


@dataclass(frozen=True, slots=True)
class ReviewGroup:
    """Judge the head of a merge queue's group, compared with ``base``."""

    repository: Repository
    head: str
    base: str

    @property
    def lock(self) -> str:
        return f"group:{self.repository.id}:{self.head}"


@dataclass(frozen=True, slots=True)
class CancelGroup:
    """Nobody waits any more for the judgement of a merge queue's group."""

    repository: Repository
    head: str

    @property
    def lock(self) -> str:
        return f"group:{self.repository.id}:{self.head}"


@dataclass(frozen=True, slots=True)
class BaseMoved:
    """A branch came to another commit: the open pull requests that go there may be worth another look."""

    repository: Repository
    branch: str
    head: str

    @property
    def lock(self) -> str:
        return f"base:{self.repository.id}:{self.branch}"


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer the command in a comment."""

    repository: Repository
    number: int
    comment: int

    @property
    def lock(self) -> str:
        return f"comment:{self.repository.id}:{self.comment}"


@dataclass(frozen=True, slots=True)
class ApplyFix:
    """Put the fixes of a pull request onto its branch, as the button of the check run ``run`` of ``head`` asks.

    ``person`` is the login of who pressed it, ``person_id`` GitHub's number of them.
    """

    repository: Repository
    number: int
    head: str
    run: int
    person: str
    person_id: int

    @property
    def lock(self) -> str:
        return f"fix:{self.repository.id}:{self.number}"


@dataclass(frozen=True, slots=True)
class Welcome:
    """Look for the open pull requests of a repository that became ours, or is ours again."""

    repository: Repository

    @property
    def lock(self) -> str:
        return f"welcome:{self.repository.id}"


@dataclass(frozen=True, slots=True)
class Forget:
    """Delete all that is stored about an installation, or about one repository of it."""

    installation: int
    repository: int | None = None

    @property
    def lock(self) -> str:
        return f"forget:{self.installation}:{self.repository or ''}"


@dataclass(frozen=True, slots=True)
class TakeMissed:
    """Take in what GitHub could not deliver."""

    @property
    def lock(self) -> str:
        return "missed"


@dataclass(frozen=True, slots=True)
class LookAround:
    """Look for pull requests that nobody told us of, in all repositories of an installation; 0 for every one."""

    installation: int = 0

    @property
    def lock(self) -> str:
        return f"around:{self.installation}"


@dataclass(frozen=True, slots=True)
class LookThrough:
    """Have those open pull requests of a repository reviewed that were not."""

    repository: Repository

    @property
    def lock(self) -> str:
        return f"through:{self.repository.id}"


@dataclass(frozen=True, slots=True)
class EndLeft:
    """Conclude the check runs that were begun and that nobody works on any more."""

    @property
    def lock(self) -> str:
        return "left"


Search: TypeAlias = TakeMissed | LookAround | LookThrough | EndLeft
"""What nobody asked for: it looks for what was missed, and what an event asks for goes first."""

Task: TypeAlias = ReviewPull | ReviewGroup | CancelGroup | BaseMoved | Answer | ApplyFix | Welcome | Forget | Search
