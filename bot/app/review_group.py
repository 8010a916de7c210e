"""Reviews of a merge queue's groups, and the end of those that nobody waits for: the order of the calls."""

from __future__ import annotations

from dataclasses import replace

from bot.app.judge import Wanted, judged
from bot.app.overtaken import Watch, unless
from bot.app.world import World
from bot.github.keys import group_subject, pull_subject
from bot.github.publish import MOVED
from bot.model.publication import Publication, Run, beside
from bot.model.task import CancelGroup, ReviewGroup, ReviewPull


async def review_group(task: ReviewGroup, world: World) -> None:
    """Let the head of a merge group have one completed check run."""
    subject = group_subject(task.head, task.base)
    await world.journal.begin(task.repository, None, subject)
    run = await world.checks.begin(task.repository, subject, recheck=False)
    if not run.is_completed:
        await _reviewed(task, world, run)
    await world.journal.end(task.repository, None, subject)


async def _reviewed(task: ReviewGroup, world: World, run: Run) -> None:
    # What waits in a merge queue may come from forks; GitHub does not say.
    work = judged(task.repository, world, Wanted(task.base, task.head))
    publication = await unless(Watch(task, world), work)
    if publication is None:
        await world.checks.complete(task.repository, run, MOVED)
        return
    whole = (*publication.annotations, *beside(publication.remarks))
    await world.checks.annotate(task.repository, run, replace(publication, annotations=whole))
    await world.checks.complete(task.repository, run, publication)


async def cancel_group(task: CancelGroup, world: World) -> None:
    """Conclude what is still open for a merge group that was taken apart."""
    await world.checks.abandon(task.repository, None, task.head, MOVED)


async def give_up_review(task: ReviewPull | ReviewGroup, world: World, said: Publication) -> None:
    """Conclude the run of a task that is not tried again as failed: our failure never looks like a pass."""
    match task:
        case ReviewPull():
            subject = pull_subject(await world.pulls.pull(task.repository, task.number))
        case ReviewGroup():
            subject = group_subject(task.head, task.base)
    run = await world.checks.begin(task.repository, subject, recheck=False)
    if not run.is_completed:
        await world.checks.complete(task.repository, run, said)
    await world.journal.end(task.repository, task.number if isinstance(task, ReviewPull) else None, subject)
