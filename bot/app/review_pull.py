"""Reviews of pull requests and merge groups: the order of the calls, nothing else.

Every step looks before it writes and the run is completed last, so a task
that was killed anywhere may simply be done again.
"""

from __future__ import annotations

from contextlib import suppress

from bot.app.verdict import Change, Judge
from bot.app.world import World
from bot.github.keys import group_subject, pull_subject
from bot.github.publish import MOVED
from bot.model.publication import Ending, Publication, Run
from bot.model.pull import Pull, SuiteState
from bot.model.task import Forget, Repository, ReviewGroup, ReviewPull, Welcome
from bot.ports import NotFound, Permanent
from bot.report.check import MARKER, WELL
from bot.report.escape import prose


async def review_pull(task: ReviewPull, world: World) -> None:
    """Let the newest commit of a pull request have one completed check run, and the pull request its comment."""
    pull = await world.pulls.pull(task.repository, task.number)
    await _end_others(task, world, pull)
    if not pull.is_open:
        return
    subject = pull_subject(task.number, pull.head, pull.base)
    await world.journal.begin(task.repository, task.number, subject)
    run = await world.checks.begin(task.repository, subject, recheck=task.recheck, event=task.event)
    if not run.is_completed:
        await _publish(task, world, pull, run)
    await world.journal.end(task.repository, task.number, subject)


async def review_group(task: ReviewGroup, world: World) -> None:
    """Let the head of a merge group have one completed check run."""
    subject = group_subject(task.head, task.base)
    run = await world.checks.begin(task.repository, subject, recheck=False)
    if not run.is_completed:
        # What waits in a merge queue may come from forks; GitHub does not say.
        publication = await _judged(task.repository, world, task.base, task.head, fetches=False)
        await world.checks.annotate(task.repository, run, publication)
        await world.checks.complete(task.repository, run, publication)


async def give_up_review(task: ReviewPull | ReviewGroup, world: World, why: str) -> None:
    """Conclude the run of a task that is not tried again as failed: our failure never looks like a pass."""
    match task:
        case ReviewPull():
            pull = await world.pulls.pull(task.repository, task.number)
            subject = pull_subject(task.number, pull.head, pull.base)
        case ReviewGroup():
            subject = group_subject(task.head, task.base)
    run = await world.checks.begin(task.repository, subject, recheck=False)
    if not run.is_completed:
        await world.checks.complete(task.repository, run, unjudged(why))
    if isinstance(task, ReviewPull):
        await world.journal.end(task.repository, task.number, subject)


async def welcome(task: Welcome, world: World) -> None:
    """Have those open pull requests reviewed that lack a check run of ours, or whose suite was asked for again."""
    for pull in await world.pulls.open_pulls(task.repository):
        match await world.pulls.suite_state(task.repository, pull.head):
            case SuiteState.ABSENT | SuiteState.UNDER_WAY:
                await world.defer(ReviewPull(task.repository, pull.number))
            case SuiteState.ASKED_AGAIN:
                await world.defer(ReviewPull(task.repository, pull.number, recheck=True))
            case SuiteState.DONE:
                continue


async def forget(task: Forget, world: World) -> None:
    """Delete what is kept of an installation, or of one repository of it."""
    await world.journal.forget(task.installation, task.repository)
    await world.snapshots.forget(task.installation, task.repository)


async def _end_others(task: ReviewPull, world: World, pull: Pull) -> None:
    """Conclude the runs of heads that were begun and left behind, by a push or by somebody who killed us."""
    for begun in await world.journal.begun(task.repository, task.number):
        if begun.head != pull.head or not pull.is_open:
            with suppress(NotFound):  # a force-push may have taken the commit away, and its run with it
                await world.checks.abandon(task.repository, task.number, begun.head)
            await world.journal.end(task.repository, task.number, begun)


async def _publish(task: ReviewPull, world: World, pull: Pull, run: Run) -> None:
    base = await world.pulls.merge_base(task.repository, pull.base, pull.head)
    publication = await _judged(task.repository, world, base, pull.head, fetches=pull.is_own)
    standing = await world.talk.standing(task.repository, task.number)
    if standing.head != pull.head:
        await world.checks.complete(task.repository, run, MOVED)
        await world.defer(ReviewPull(task.repository, task.number))
        return
    await world.checks.annotate(task.repository, run, publication)
    if publication.comment:
        await world.talk.say(task.repository, task.number, standing, publication.comment)
    elif publication.ending is Ending.SUCCESS and standing.marked(MARKER):
        await world.talk.say(task.repository, task.number, standing, WELL)
    await world.checks.complete(task.repository, run, publication)


async def _judged(repository: Repository, world: World, base: str, head: str, *, fetches: bool) -> Publication:
    """What is to be said of a change; where it cannot be judged, why."""
    try:
        folder = await world.snapshots.fetch(repository, (base, head))
        answer = await world.analyse(Judge(Change(folder, base, head, world.today(), fetches)))
    except Permanent as error:
        return unjudged(str(error))
    if not isinstance(answer, Publication):
        raise TypeError("the analysis answered another question")
    return answer


def unjudged(why: str) -> Publication:
    """What a run says that ended without a judgement."""
    summary = f"{prose(f'{why}.')}\n\nNothing is known about the change itself."
    return Publication(Ending.FAILURE, "fluxbot could not judge this change", summary)
