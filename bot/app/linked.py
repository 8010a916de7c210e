"""Asks the analysis, and brings the other repositories that it needs for its answer."""

from __future__ import annotations

from dataclasses import replace

from bot.app.fleets import Linked, Needs
from bot.app.verdict import Asked, Said
from bot.app.world import World
from bot.model.task import Repository
from bot.ports import Permanent


async def analysed(repository: Repository, world: World, asked: Asked) -> Said:
    """What the analysis says. What a repository that it needs is called comes from the merge base's configuration."""
    answer = await world.analyse(asked)
    if not isinstance(answer, Needs):
        return answer
    linked = tuple([await _linked(repository, world, name) for name in answer.repositories])
    return await world.analyse(replace(asked, change=replace(asked.change, linked=linked)))


async def _linked(here: Repository, world: World, name: str) -> Linked:
    """The newest commit of another repository of the same installation; why it cannot be had where it cannot."""
    try:
        there = await world.pulls.named(here, name)
        if there.is_private and not await world.pulls.is_private(here):
            return Linked(name, why="it is private and this repository is not")
        folder = await world.snapshots.fetch(there.repository, (there.head,))
    except Permanent:
        return Linked(name, why="the App is not installed there")
    return Linked(name, folder, there.head)
