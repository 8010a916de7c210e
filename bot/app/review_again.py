"""Pull requests whose base branch moved on: judged as they would be merged, and told only where that differs."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.app.judge import Wanted, judged
from bot.app.review_pull import fitted, publish, review_pull
from bot.app.world import World
from bot.github.keys import pull_subject
from bot.model.publication import Run, beside
from bot.model.pull import Pull
from bot.model.task import BaseMoved, ReviewPull
from bot.ports import Unreachable

MOST_AGAIN: Final = 20
"""Pull requests that are looked at again when their base branch moves, the newest first."""


async def base_moved(task: BaseMoved, world: World) -> None:
    """Have the newest pull requests that go to the branch looked at again."""
    for number in await world.journal.aimed_at(task.repository, task.branch, MOST_AGAIN):
        await world.defer(ReviewPull(task.repository, number, moved=task.head))


async def review_pull_again(task: ReviewPull, world: World) -> None:
    """Review it as it stands, and after that, where its base moved, as it would be merged now."""
    run = await review_pull(task, world)
    if run is None or not run.digest or not task.moved:
        return
    pull = await world.pulls.pull(task.repository, task.number)
    if pull.merges is None:
        raise Unreachable("GitHub still finds out whether the pull request can be merged")
    if pull.merges and pull.merge and pull.is_open:
        await _again(task, world, pull, run)


async def _again(task: ReviewPull, world: World, pull: Pull, run: Run) -> None:
    """Compare GitHub's trial merge with the branch; where that says something else, let a new run say so."""
    merge = pull.merge or pull.head
    base = (await world.pulls.parting(task.repository, pull.base, merge)).at
    accepted = tuple(await world.journal.accepted(task.repository, task.number))
    wanted = Wanted(base, merge, pull.is_own, accepted, pull.site, pull.base, task.number)
    publication = fitted(await judged(task.repository, world, wanted), pull)
    if publication.digest in ("", run.digest):
        return
    standing = await world.talk.standing(task.repository, task.number)
    if standing.head != pull.head:
        return  # its own event comes
    subject = pull_subject(pull)
    # What it is to replace belongs to its name: a push or a recheck since then has to be answered again.
    event = f"base-{task.moved[:12]}-{run.id}"
    other = await world.checks.begin(task.repository, subject, recheck=True, event=event)
    if other.is_completed:
        return
    # A line of the merged tree need not be one of the diff, so what is new is annotated.
    annotations = (*publication.annotations, *beside(publication.remarks))
    await publish(task, world, standing, (other, replace(publication, annotations=annotations)))
