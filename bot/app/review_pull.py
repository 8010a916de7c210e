"""Reviews of pull requests: the order of the calls, nothing else.

Every step looks before it writes and the run is completed last, so a task
that was killed anywhere may simply be done again.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from structlog.contextvars import bind_contextvars

from bot.app.judge import Wanted, judged
from bot.app.linked import survey
from bot.app.overtaken import Watch, unless
from bot.app.remarks import remark
from bot.app.world import World
from bot.github.keys import pull_subject
from bot.github.publish import MOVED
from bot.model.publication import Ending, Publication, Run, beside
from bot.model.pull import Parting, Pull, Standing, SuiteState
from bot.model.task import Forget, ReviewPull, Welcome
from bot.ports import NotFound
from bot.report.notice import MARKER, WELL


async def review_pull(task: ReviewPull, world: World) -> Run | None:
    """Let the newest commit of a pull request have one completed check run, and the pull request its comments.

    The run, where there is one and it was completed with a judgement.
    """
    pull = await world.pulls.pull(task.repository, task.number)
    await _end_others(task, world, pull)
    if not pull.is_open:
        return None
    bind_contextvars(sha=pull.head)  # for the lines of the log that follow
    subject = pull_subject(pull)
    await world.journal.begin(task.repository, task.number, subject)
    run = await world.checks.begin(task.repository, subject, recheck=task.recheck, event=task.event)
    said = None if run.is_completed else await _reviewed(task, world, pull, run)
    await world.journal.end(task.repository, task.number, subject)
    return run if run.is_completed else said


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
    await survey(task.repository, world)


async def forget(task: Forget, world: World) -> None:
    """Delete what is kept of an installation, or of one repository of it."""
    await world.journal.forget(task.installation, task.repository)
    await world.snapshots.forget(task.installation, task.repository)


async def _end_others(task: ReviewPull, world: World, pull: Pull) -> None:
    """Conclude the runs of heads that were begun and left behind, by a push or by somebody who killed us."""
    for begun in await world.journal.begun(task.repository, task.number):
        if begun.head != pull.head or not pull.is_open:
            with suppress(NotFound):  # a force-push may have taken the commit away, and its run with it
                await world.checks.abandon(task.repository, task.number, begun.head, MOVED)
            await world.journal.end(task.repository, task.number, begun)


async def _reviewed(task: ReviewPull, world: World, pull: Pull, run: Run) -> Run | None:
    """The run as it was completed; None where the pull request moved on meanwhile."""
    parting = await world.pulls.parting(task.repository, pull.base, pull.head)
    publication = await unless(Watch(task, world, pull), _judgement(task, world, pull, parting))
    if publication is None:
        await world.checks.complete(task.repository, run, MOVED)
        return None
    await world.journal.reads(task.repository, publication.reads)
    standing = await world.talk.standing(task.repository, task.number)
    if standing.head != pull.head:
        await world.checks.complete(task.repository, run, MOVED)
        await world.defer(ReviewPull(task.repository, task.number))
        return None
    if parting.at != parting.tip and not (task.moved or publication.is_irrelevant):
        # Before the run is completed, for nothing is done after that once we are killed.
        await world.defer(ReviewPull(task.repository, task.number, moved=parting.tip))
    with world.phase("publish"):
        others = await remark(task.repository, world, pull, standing, publication)
        publication = replace(publication, annotations=(*publication.annotations, *others))
        await publish(task, world, standing, (run, publication))
    return replace(run, is_completed=True, digest=publication.digest)


async def _judgement(task: ReviewPull, world: World, pull: Pull, parting: Parting) -> Publication:
    accepted = tuple(await world.journal.accepted(task.repository, task.number))
    wanted = Wanted(parting.at, pull.head, pull.is_own, accepted, pull.site, pull.base, task.number)
    return fitted(await judged(task.repository, world, wanted), pull)


def fitted(publication: Publication, pull: Pull) -> Publication:
    """What is said of this pull request: of a draft nothing beyond the check run."""
    if not pull.is_draft:
        return publication
    annotations = (*publication.annotations, *beside(publication.remarks))
    return replace(publication, annotations=annotations, remarks=(), comment="")


async def publish(task: ReviewPull, world: World, standing: Standing, said: tuple[Run, Publication]) -> None:
    """Annotate, comment and complete."""
    run, publication = said
    if publication.page and world.pages:
        link = await world.pages.keep(task.repository, task.number, standing.head, publication.page)
        publication = replace(publication, details_url=link)
    await world.checks.annotate(task.repository, run, publication)
    if publication.comment:
        await world.talk.say(task.repository, task.number, standing, publication.comment)
    elif publication.ending is Ending.SUCCESS and standing.marked(MARKER):
        await world.talk.say(task.repository, task.number, standing, WELL)
    await world.checks.complete(task.repository, run, publication)
