"""Fixes that somebody asks for: committed where that can be, else shown. The order of the calls, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from bot.app.asked import Change, Mend
from bot.app.linked import analysed, readers
from bot.app.world import World
from bot.model.commit import Commit
from bot.model.publication import Mended
from bot.model.pull import Pull
from bot.model.task import ApplyFix, Repository
from bot.ports import Moved, NotFound, NotPermitted, Permanent
from bot.report.escape import prose
from bot.report.mending import (
    MOVED,
    committed_markdown,
    headline,
    message,
    nothing_markdown,
    patch_markdown,
)
from bot.review.replies import REFUSED

NOT_OWN = "The branch lies in a fork, where fluxbot cannot write."
NOT_GRANTED = "fluxbot may not write to this repository (`contents: write` is not granted)."


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants which fixes: those with ``ids``, or all. ``request`` names the comment or the button that asked."""

    repository: Repository
    pull: Pull
    request: str
    person: str
    person_id: int
    ids: tuple[str, ...] = ()


async def apply_fix(task: ApplyFix, world: World) -> None:
    """Do what the button of a check run asks, if the person may push and the commit is still the newest."""
    role = await world.talk.role(task.repository, task.person)
    if not role.reads:
        return
    pull = await world.pulls.pull(task.repository, task.number)
    standing = await world.talk.standing(task.repository, task.number)
    marker = f"<!-- fluxbot:fix:{task.run} -->"
    if not pull.is_open or standing.marked(marker):
        return
    text = REFUSED
    if role.writes:
        wish = Wish(task.repository, pull, f"check-run-{task.run}", task.person, task.person_id)
        made = await world.commits.made(task.repository, pull, wish.request)
        text = MOVED if pull.head != task.head and not made else await fixed(wish, world)
    await world.talk.say(task.repository, task.number, standing, f"{marker}\n{text}")


async def fixed(wish: Wish, world: World) -> str:
    """Commit the fixes, and tell about it in Markdown; tell how to do so where they cannot be committed."""
    if made := await world.commits.made(wish.repository, wish.pull, wish.request):
        return f"Committed as {made}, and judged like any other push."
    mended = await _mended(wish, world)
    if not mended.files:
        return nothing_markdown(mended)
    if not wish.pull.is_own:
        return patch_markdown(mended, NOT_OWN)
    commit = Commit(headline(mended), message(mended), mended.files, wish.request, wish.person, wish.person_id)
    try:
        sha = await world.commits.commit(wish.repository, wish.pull, commit)
    except Moved:
        return MOVED
    except (NotPermitted, NotFound):
        return patch_markdown(mended, NOT_GRANTED)
    except Permanent as refused:
        return patch_markdown(mended, prose(f"GitHub refused the commit: {refused}."))
    return committed_markdown(mended, sha)


async def _mended(wish: Wish, world: World) -> Mended:
    answer = await analysed(wish.repository, world, Mend(await change(wish.repository, wish.pull, world), wish.ids))
    if not isinstance(answer, Mended):
        raise TypeError("the analysis answered another question")
    return answer


async def change(repository: Repository, pull: Pull, world: World) -> Change:
    """What a pull request changes, brought to this machine."""
    base = (await world.pulls.parting(repository, pull.base, pull.head)).at
    folder = await world.snapshots.fetch(repository, (base, pull.head))
    accepted = await world.journal.accepted(repository, pull.number)
    defaults = await world.defaults(repository)
    told = (pull.is_own, tuple(accepted), pull.site, defaults, pull.base)
    return Change(folder, base, pull.head, world.today(), *told, await readers(repository, world, pull.site))
