"""Answers to commands in comments: the order of the calls, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from bot.app.apply_fix import Wish, change, fixed
from bot.app.asked import Accept, Asked, Change, Explain, Impact, Order
from bot.app.linked import analysed
from bot.app.world import World
from bot.command import Command, Verb, command
from bot.model.config import Accepted
from bot.model.publication import Acceptable
from bot.model.pull import Comment, Pull
from bot.model.redaction import redacted
from bot.model.task import Answer, ReviewPull
from bot.ports import NotFound, Permanent
from bot.report.escape import prose
from bot.review.replies import NO_REASON, NO_SUBJECT, RECHECKED, REFUSED, TOO_MANY, help_about

_VERBS = tuple(verb.value for verb in Verb)
_MOST_REASON = 500


@dataclass(frozen=True, slots=True)
class _Order:
    """A command with the comment that gives it, and the pull request below which it stands."""

    task: Answer
    command: Command
    comment: Comment
    pull: Pull


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
    if not role.reads:
        return
    pull = await world.pulls.pull(task.repository, task.number)
    standing = await world.talk.standing(task.repository, task.number)
    marker = f"<!-- fluxbot:answer:{task.comment} -->"
    if not pull.is_open or standing.marked(marker):
        return
    text = REFUSED
    if role.writes or not asked.verb.decides:
        text = await _reply(_Order(task, asked, comment, pull), world)
    if text:
        await world.talk.say(task.repository, task.number, standing, f"{marker}\n{text}")


async def _reply(order: _Order, world: World) -> str:
    """Markdown; empty where nothing is answered any more."""
    task, person = order.task, order.comment.author
    if not order.command.verb.decides and not await world.may_ask(task.repository, person):
        # That there were too many is said once in a while, not once for each.
        return TOO_MANY if await world.may_ask(task.repository, f"{person}:refused") else ""
    try:
        return await _said(order, world)
    except Permanent as error:
        return prose(f"fluxbot could not answer: {error}.")


async def _said(order: _Order, world: World) -> str:
    asked, words = order.command, order.command.arguments
    match asked.verb:
        case Verb.HELP:
            return help_about(asked.unknown, _VERBS)
        case Verb.FIX:
            return await _fixed(order, world)
        case Verb.RECHECK:
            await _recheck(order, world)
            return RECHECKED
        case Verb.EXPLAIN:
            subject, other = (*words, "", "")[:2]
            return await _told(order, world, Explain(await _change(order, world), subject, other))
        case Verb.ORDER:
            return await _told(order, world, Order(await _change(order, world), " ".join(words)))
        case Verb.IMPACT:
            return await _told(order, world, Impact(await _change(order, world), words[0])) if words else NO_SUBJECT
        case Verb.IGNORE:
            return await _ignored(order, world)
        case _:
            assert_never(asked.verb)


async def _ignored(order: _Order, world: World) -> str:
    """Accept a finding for this pull request, and judge it again."""
    finding, *words = order.command.arguments or ("",)
    reason = redacted(" ".join(words))[:_MOST_REASON]
    if not reason.strip():
        return NO_REASON
    answer = await analysed(order.task.repository, world, Accept(await _change(order, world), finding, reason))
    if not isinstance(answer, Acceptable):
        return answer if isinstance(answer, str) else NO_REASON
    task = order.task
    accepted = Accepted(answer.fingerprint, reason, order.comment.author, world.today())
    await world.journal.accept(task.repository, task.number, accepted)
    await _recheck(order, world)
    return answer.text


async def _recheck(order: _Order, world: World) -> None:
    task = order.task
    await world.defer(ReviewPull(task.repository, task.number, recheck=True, event=f"comment-{task.comment}"))


async def _fixed(order: _Order, world: World) -> str:
    task, comment = order.task, order.comment
    ids = tuple(word.strip(",") for word in order.command.arguments)
    request = f"comment-{task.comment}"
    return await fixed(Wish(task.repository, order.pull, request, comment.author, comment.author_id, ids), world)


async def _change(order: _Order, world: World) -> Change:
    return await change(order.task.repository, order.pull, world)


async def _told(order: _Order, world: World, asked: Asked) -> str:
    text = await analysed(order.task.repository, world, asked)
    if not isinstance(text, str):
        raise TypeError("the analysis answered another question")
    return text
