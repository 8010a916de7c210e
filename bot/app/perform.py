"""Which function does which task, and what is said when a task is given up."""

from __future__ import annotations

from typing import assert_never

from bot.app.answer_command import answer
from bot.app.apply_fix import apply_fix
from bot.app.catch_up import catch_up
from bot.app.judge import unjudged
from bot.app.review_again import base_moved, review_pull_again
from bot.app.review_group import cancel_group, give_up_review, review_group
from bot.app.review_pull import forget, welcome
from bot.app.world import World
from bot.model.task import (
    Answer,
    ApplyFix,
    BaseMoved,
    CancelGroup,
    EndLeft,
    Forget,
    LookAround,
    LookThrough,
    ReviewGroup,
    ReviewPull,
    TakeMissed,
    Task,
    Welcome,
)
from bot.ports import FluxbotError


async def perform(task: Task, world: World) -> None:
    """Do a task. To do it again changes nothing. Raises Transient for later, Permanent and bugs for good."""
    match task:
        case ReviewPull():
            await review_pull_again(task, world)
        case ReviewGroup():
            await review_group(task, world)
        case CancelGroup():
            await cancel_group(task, world)
        case BaseMoved():
            await base_moved(task, world)
        case Answer():
            await answer(task, world)
        case ApplyFix():
            await apply_fix(task, world)
        case Welcome():
            await welcome(task, world)
        case Forget():
            await forget(task, world)
        case TakeMissed() | LookAround() | LookThrough() | EndLeft():
            await catch_up(task, world)
        case _:
            assert_never(task)


async def give_up(task: Task, error: Exception, tries: int, world: World) -> None:
    """Tell those who wait that a task failed for good, after so many tries.

    An error that is not ours is a bug, and stays in our log.
    """
    why = str(error) if isinstance(error, FluxbotError) else f"fluxbot broke ({type(error).__name__})"
    match task:
        case ReviewPull() | ReviewGroup():
            await give_up_review(task, world, unjudged(why, tries))
        case CancelGroup() | BaseMoved() | Answer() | ApplyFix() | Welcome() | Forget():
            return
        case TakeMissed() | LookAround() | LookThrough() | EndLeft():
            return  # looked for again in a while
        case _:
            assert_never(task)
