"""What the callers of the core need from the world, and how it may fail.

::

    FluxbotError
    ├─ Transient            try again with a delay
    │  ├─ RateLimited
    │  └─ Unreachable
    │     └─ Interrupted what did the work died of it, or was killed
    └─ Permanent            say it once
       ├─ BadQuestion       the user asked for what is not there: one line, exit 2
       ├─ NotPermitted
       ├─ NotFound
       ├─ Moved           what was to be changed is no longer as it was
       └─ TooLarge

Anything else that is raised is a bug and reaches the boundary (the queue's
worker, one rule inside the engine, ``cli.main``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a command for a tree has nothing to do with most of these, and to load them takes its time
    from collections.abc import Callable, Mapping, Sequence

    from bot.model.ask import Answers, Ask, Fetch, Refused
    from bot.model.commit import Commit
    from bot.model.config import Accepted
    from bot.model.missed import Left
    from bot.model.publication import Line, Publication, Reads, Run, Subject
    from bot.model.pull import Comment, Elsewhere, Hunks, OwnThread, Parting, Pull, Role, Standing, SuiteState
    from bot.model.pushed import Pushed
    from bot.model.task import Repository


class FluxbotError(Exception):
    """The root of all errors that fluxbot raises on purpose."""


class Transient(FluxbotError):
    """May work later."""


class RateLimited(Transient):
    """Refused for now; ``until`` is a Unix time in seconds."""

    def __init__(self, until: float) -> None:
        super().__init__(f"rate limited until {until:.0f}")
        self.until = until


class Unreachable(Transient):
    """No answer, or not a usable one."""


class Interrupted(Unreachable):
    """What did the work died in the middle: of the work itself, or because somebody killed it."""


class Permanent(FluxbotError):
    """Will not work later either."""


class BadQuestion(Permanent):
    """The question names something that does not exist or cannot be read; the message is one line."""


class NotPermitted(Permanent):
    """The permission that is missing stands in ``permission``."""

    def __init__(self, permission: str) -> None:
        super().__init__(f"not permitted: {permission} is missing")
        self.permission = permission


class NotFound(Permanent):
    """The thing asked for does not exist."""


class Moved(Permanent):
    """What was to be changed is no longer as it was when that was decided."""


class TooLarge(Permanent):
    """A limit was passed; the message names it."""


class Answerer(Protocol):
    """Answers the engine's questions: builds and renders."""

    def answer(self, asks: Sequence[Ask], progress: Callable[[int], None] | None = None) -> Answers:
        """An answer for each question, by its key. Never raises for bad input; each process has its limits.

        ``progress`` is told how many questions have been answered since the last call.
        """
        ...


class OutsideAnswerer(Answerer, Protocol):
    """Answers the engine's questions, those for charts of other places among them."""

    def pushed(self, asks: Sequence[Fetch]) -> Mapping[str, Pushed | Refused]:
        """What OCI artifacts tell of the repositories that they are made of, by the key of each question."""
        ...


class Pulls(Protocol):
    """Reads pull requests. Raises NotFound, NotPermitted, Transient."""

    async def pull(self, repository: Repository, number: int) -> Pull: ...

    async def open_pulls(self, repository: Repository) -> Sequence[Pull]: ...

    async def parting(self, repository: Repository, base: str, head: str) -> Parting:
        """Where ``head`` left the branch ``base``; the newest commit of ``base`` where they share no history."""
        ...

    async def named(self, here: Repository, name: str) -> Elsewhere:
        """Another repository of the installation, by ``owner/name``. Raises NotFound where it has none of it."""
        ...

    async def is_private(self, repository: Repository) -> bool: ...

    async def suite_state(self, repository: Repository, head: str) -> SuiteState: ...


class Talk(Protocol):
    """What is said on a pull request. Raises NotFound, NotPermitted, Transient."""

    async def standing(self, repository: Repository, number: int) -> Standing: ...

    async def comment(self, repository: Repository, comment: int) -> Comment: ...

    async def role(self, repository: Repository, login: str) -> Role: ...

    async def react(self, repository: Repository, comment: int) -> None:
        """Show that a comment was seen; once, however often it is called."""
        ...

    async def say(self, repository: Repository, number: int, standing: Standing, said: str) -> None:
        """Let ``said`` be the comment of its marker, which is its first line: written, edited or left as it is."""
        ...


class Remarks(Protocol):
    """Our comments on lines of the diff. Raises NotFound, NotPermitted, Transient."""

    async def hunks(self, repository: Repository, number: int) -> Mapping[str, Hunks]:
        """Where comments can stand, by path."""
        ...

    async def review(self, repository: Repository, number: int, head: str, lines: Sequence[Line]) -> bool:
        """One review with all these comments; False where GitHub refused it, and then none stands."""
        ...

    async def rewrite(self, repository: Repository, thread: OwnThread, body: str) -> None: ...

    async def retire(self, repository: Repository, thread: OwnThread) -> None:
        """Resolve it, or hide it where that is not permitted."""
        ...

    async def revive(self, repository: Repository, thread: OwnThread) -> None:
        """Show it again."""
        ...


class Checks(Protocol):
    """Our check runs. Each call looks before it writes, so a job that runs twice leaves one of each."""

    async def begin(self, repository: Repository, subject: Subject, *, recheck: bool, event: str = "") -> Run:
        """The run that judges ``subject``, in progress: the one that is there, or a new one.

        A completed one is given back as it is, unless ``recheck`` asks for a new one and ``event``, the request
        for it, has not made one yet.
        """
        ...

    async def annotate(self, repository: Repository, run: Run, publication: Publication) -> None:
        """Add those annotations that the run lacks."""
        ...

    async def complete(self, repository: Repository, run: Run, publication: Publication) -> None:
        """Conclude a run; to do it twice changes nothing."""
        ...

    async def abandon(self, repository: Repository, number: int | None, head: str, said: Publication) -> None:
        """Conclude what is still open for a pull request at a head; without a number, for the merge group there."""
        ...


class Commits(Protocol):
    """Our commits on the branches of pull requests."""

    async def made(self, repository: Repository, pull: Pull, request: str) -> str:
        """The sha of the newest commit of a pull request where it is ours and answers a request; else nothing."""
        ...

    async def commit(self, repository: Repository, pull: Pull, commit: Commit) -> str:
        """The sha of the commit that now is the newest of the pull request's branch.

        To do it twice makes one. Raises Moved where the branch is not at ``pull.head`` any more, NotPermitted
        where the App may not write there, Permanent where a rule of the branch keeps it out, Transient.
        """
        ...


class Snapshots(Protocol):
    """Brings commits to this machine."""

    async def fetch(self, repository: Repository, commits: Sequence[str]) -> str:
        """The folder that holds these commits afterwards. Raises NotFound, TooLarge, Transient."""
        ...

    async def paths(self, repository: Repository, commit: str) -> Sequence[str]:
        """The files of a commit, by path; none of them is brought."""
        ...

    async def forget(self, installation: int, repository: int | None) -> None:
        """Delete what was brought of one repository, or of a whole installation."""
        ...


class Journal(Protocol):
    """Remembers which reviews were begun, so that the run of a head that was left behind does not stay open.

    And what people accepted, and which repository reads which.
    """

    async def begun(self, repository: Repository, number: int) -> Sequence[Subject]:
        """What was begun for a pull request and has not ended."""
        ...

    async def begin(self, repository: Repository, number: int | None, subject: Subject) -> None:
        """Remember it before GitHub hears of it; ``number`` is None for a merge group."""
        ...

    async def left(self, seconds: float) -> Sequence[Left]:
        """What was begun so long ago and has not ended, the oldest first; some of it where it is much."""
        ...

    async def ended(self, repository: Repository, subjects: Sequence[Subject]) -> Sequence[Subject]:
        """Those of the subjects whose review has ended."""
        ...

    async def aimed_at(self, repository: Repository, branch: str, most: int) -> Sequence[int]:
        """The pull requests that were last judged as going to a branch, the newest first."""
        ...

    async def end(self, repository: Repository, number: int | None, subject: Subject) -> None: ...

    async def accepted(self, repository: Repository, number: int) -> Sequence[Accepted]:
        """The findings that were accepted for a pull request."""
        ...

    async def accept(self, repository: Repository, number: int, accepted: Accepted) -> None:
        """Remember it; what is said later of the same finding takes its place."""
        ...

    async def reads(self, repository: Repository, read: Reads) -> None:
        """Remember which other repositories this one has as sources, in place of what was known where that is all."""
        ...

    async def readers(self, repository: Repository, address: str, most: int) -> Sequence[str]:
        """The other repositories of the installation that have the one at an address as a source, by ``owner/name``."""
        ...

    async def forget(self, installation: int, repository: int | None = None) -> None:
        """Delete all that is remembered of an installation, or of one repository of it."""
        ...


class Tally(Protocol):
    """Is told what reviews cost and say."""

    def phase(self, name: str, seconds: float) -> None:
        """A phase of a review has ended: ``fetch``, ``analyse`` or ``publish``."""
        ...

    def told(self, rules: Sequence[tuple[str, str]]) -> None:
        """A review told findings of these rules, each with its severity."""
        ...

    def looked_up(self, hits: int, misses: int) -> None:
        """So many builds were known, and so many were run."""
        ...


class PageShelf(Protocol):
    """The pages of reviews. Raises Transient."""

    async def keep(self, repository: Repository, number: int, head: str, page: bytes) -> str: ...
