"""A judgement of two commits: brought here, analysed, and put into words where that is not possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.app.asked import Change, Judge
from bot.app.linked import analysed, readers
from bot.app.world import World
from bot.model.config import Accepted
from bot.model.publication import Ending, Publication
from bot.model.task import Repository
from bot.ports import Permanent
from bot.report.escape import prose


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which two commits are compared, and how: see Change. ``base`` is a merge base."""

    base: str
    head: str
    fetches: bool = False
    accepted: tuple[Accepted, ...] = ()
    site: str = ""
    branch: str = ""
    number: int = 0


async def judged(repository: Repository, world: World, wanted: Wanted) -> Publication:
    """What is to be said of a change; where it cannot be judged, why."""
    try:
        with world.phase("fetch"):
            folder = await world.snapshots.fetch(repository, (wanted.base, wanted.head))
        change = Change(
            folder,
            wanted.base,
            wanted.head,
            world.today(),
            wanted.fetches,
            wanted.accepted,
            wanted.site,
            await world.defaults(repository),
            wanted.branch,
            await readers(repository, world, wanted.site),
            number=wanted.number if world.pages else 0,
        )
        with world.phase("analyse"):
            answer = await analysed(repository, world, Judge(change))
    except Permanent as error:
        return unjudged(str(error))
    if not isinstance(answer, Publication):
        raise TypeError("the analysis answered another question")
    if world.tally:
        world.tally.told(answer.rules)
    return answer


def unjudged(why: str, tries: int = 1) -> Publication:
    """What a run says that ended without a judgement; of several ``tries``, why the last one did."""
    again = f"\n\nfluxbot tried {tries} times. `Recheck` below has it reviewed again." if tries > 1 else ""
    summary = f"{prose(f'{why}.')}\n\nNothing is known about the change itself.{again}"
    return Publication(Ending.FAILURE, "fluxbot could not judge this change", summary)


UNFINISHED: Final = Publication(
    Ending.TIMED_OUT,
    "fluxbot did not finish",
    "The review of this commit was begun and never ended. Nothing is known about the change itself.\n\n"
    "`Recheck` below has it reviewed again.",
)
"""What a run says that nobody works on any more."""
