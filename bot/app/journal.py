"""The port Journal over the store's ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.model.config import Accepted
from bot.model.missed import Left
from bot.model.publication import Reads, Subject
from bot.model.task import Repository
from bot.store.ledger import Ledger, Published

_OPEN: Final = "in_progress"
_OVER: Final = "completed"
_MOST_LEFT: Final = 100


class LedgerJournal:
    """What was begun and what has ended, as the ledger has it. Each call is one transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def begun(self, repository: Repository, number: int) -> Sequence[Subject]:
        """What was begun for a pull request and has not ended."""
        known = await self._ledger.of_pull(repository, number)
        return [Subject(one.head, one.key, one.branch or "") for one in known if one.conclusion == _OPEN]

    async def left(self, seconds: float) -> Sequence[Left]:
        """What was begun so long ago and has not ended, the oldest first; some of it where it is much."""
        known = await self._ledger.standing(_OPEN, seconds, _MOST_LEFT)
        return [Left(one.repository, one.pull, Subject(one.head, one.key, one.branch or "")) for one in known]

    async def begin(self, repository: Repository, number: int | None, subject: Subject) -> None:
        """Remember it before GitHub hears of it: a worker may die between the two."""
        await self._write(repository, number, subject, _OPEN)

    async def end(self, repository: Repository, number: int | None, subject: Subject) -> None:
        """Nothing stands open any more."""
        await self._write(repository, number, subject, _OVER)

    async def ended(self, repository: Repository, subjects: Sequence[Subject]) -> Sequence[Subject]:
        """Those of the subjects whose review has ended."""
        ended = await self._ledger.concluded(repository, [subject.key for subject in subjects], _OVER)
        return [subject for subject in subjects if subject.key in ended]

    async def aimed_at(self, repository: Repository, branch: str, most: int) -> Sequence[int]:
        """The pull requests that were last judged as going to a branch, the newest first."""
        return await self._ledger.aimed_at(repository, branch, most)

    async def accepted(self, repository: Repository, number: int) -> Sequence[Accepted]:
        """The findings that were accepted for a pull request."""
        return await self._ledger.accepted(repository, number)

    async def accept(self, repository: Repository, number: int, accepted: Accepted) -> None:
        """Remember it; what is said later of the same finding takes its place."""
        await self._ledger.accept(repository, number, accepted)

    async def reads(self, repository: Repository, read: Reads) -> None:
        """Remember which other repositories this one has as sources."""
        await self._ledger.reads(repository, read)

    async def readers(self, repository: Repository, address: str, most: int) -> Sequence[str]:
        """The other repositories of the installation that have the one at an address as a source."""
        return await self._ledger.readers(repository, address, most)

    async def forget(self, installation: int, repository: int | None = None) -> None:
        """Delete all that is stored about an installation, or about one repository of it."""
        await self._ledger.forget(installation, repository)

    async def _write(self, repository: Repository, number: int | None, subject: Subject, conclusion: str) -> None:
        published = Published(
            subject.key, repository, subject.head, pull=number, conclusion=conclusion, branch=subject.branch
        )
        await self._ledger.publish(published)
