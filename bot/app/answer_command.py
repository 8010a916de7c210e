"""Answers to commands in comments: the order of the calls, nothing else."""

from __future__ import annotations

from typing import assert_never

from bot.app.verdict import Change, Explain
from bot.app.world import World
from bot.command import Command, Verb, command
from bot.model.pull import Pull, Role
from bot.model.task import Answer, ReviewPull
from bot.ports import NotFound, Permanent
from bot.report.escape import prose
from bot.review.replies import RECHECKED, REFUSED, help_about


async def answer(task: Answer, world: World) -> None:
    """Let one comment of ours answer the command that a person gave, if the person may give it."""
    try:
        comment = await world.talk.comment(task.repository, task.comment)
    except NotFound:
        return  # deleted before we came
    asked = command(comment.body)
    if asked is None or not comment.by_person:
        return
    await world.talk.react(task.repository, task.comment)
    role = await world.talk.role(task.repository, comment.author)
    if role.reads:
        await _reply(task, world, asked, role)


async def _reply(task: Answer, world: World, asked: Command, role: Role) -> None:
    pull = await world.pulls.pull(task.repository, task.number)
    standing = await world.talk.standing(task.repository, task.number)
    marker = f"<!-- fluxbot:answer:{task.comment} -->"
    if not pull.is_open or standing.marked(marker):
        return
    try:
        text = await _said(task, world, asked, role, pull)
    except Permanent as error:
        text = prose(f"fluxbot could not answer: {error}.")
    await world.talk.say(task.repository, task.number, standing, f"{marker}\n{text}")


async def _said(task: Answer, world: World, asked: Command, role: Role, pull: Pull) -> str:
    match asked.verb:
        case Verb.HELP:
            return help_about(asked.unknown)
        case Verb.RECHECK if not role.decides:
            return REFUSED
        case Verb.RECHECK:
            await world.defer(ReviewPull(task.repository, task.number, recheck=True, event=f"comment-{task.comment}"))
            return RECHECKED
        case Verb.EXPLAIN:
            return await _explained(task, world, asked, pull)
        case _:
            assert_never(asked.verb)


async def _explained(task: Answer, world: World, asked: Command, pull: Pull) -> str:
    base = await world.pulls.merge_base(task.repository, pull.base, pull.head)
    folder = await world.snapshots.fetch(task.repository, (base, pull.head))
    subject, other = (*asked.arguments, "", "")[:2]
    change = Change(folder, base, pull.head, world.today(), pull.is_own)
    text = await world.analyse(Explain(change, subject, other))
    if not isinstance(text, str):
        raise TypeError("the analysis answered another question")
    return text
