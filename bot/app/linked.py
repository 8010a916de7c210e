"""Asks the analysis, and brings the other repositories that it needs for its answer."""

from __future__ import annotations

from dataclasses import replace

from bot.app.asked import Asked, Change, Said, Survey, Surveyed
from bot.app.fleets import MOST_FLEETS, Linked, Needs
from bot.app.world import World
from bot.flux.address import plain
from bot.model.task import Repository
from bot.ports import Permanent


async def analysed(repository: Repository, world: World, asked: Asked) -> Said:
    """What the analysis says.

    What a repository that it needs is called comes from the merge base's
    configuration, or from the sources of repositories of the same installation.
    """
    answer = await world.analyse(asked)
    if not isinstance(answer, Needs):
        return answer
    wanted = answer.repositories
    linked = tuple([await _linked(repository, world, name, is_named=name in answer.named) for name in wanted])
    return await world.analyse(replace(asked, change=replace(asked.change, linked=linked)))


async def readers(repository: Repository, world: World, site: str) -> tuple[str, ...]:
    """The repositories of the same installation that are known to have this one as a source."""
    return tuple(await world.journal.readers(repository, plain(site), MOST_FLEETS)) if site else ()


async def survey(repository: Repository, world: World) -> None:
    """Learn which repositories this one reads, if it looks like one of Flux; a review learns it anew."""
    try:
        here = await world.pulls.named(repository, str(repository))
        if not any("flux" in path for path in await world.snapshots.paths(repository, here.head)):
            return
        folder = await world.snapshots.fetch(repository, (here.head,))
    except Permanent:
        return  # empty, gone or too large: there is nothing to be learnt of it
    change = Change(folder, here.head, here.head, world.today(), fetches=True, site=here.site)
    answer = await world.analyse(Survey(change))
    if isinstance(answer, Surveyed):
        await world.journal.reads(repository, answer.reads)


async def _linked(here: Repository, world: World, name: str, *, is_named: bool) -> Linked:
    """The newest commit of another repository of the same installation; why it cannot be had where it cannot."""
    try:
        there = await world.pulls.named(here, name)
        if there.is_private and not await world.pulls.is_private(here):
            return Linked(name, why="it is private and this repository is not", is_named=is_named)
        folder = await world.snapshots.fetch(there.repository, (there.head,))
    except Permanent:
        return Linked(name, why="the App is not installed there", is_named=is_named)
    return Linked(name, folder, there.head, is_named=is_named)
