"""Comments below issues and pull requests, and reactions to comments of both kinds."""

from __future__ import annotations

from datetime import datetime

from tests.github_simulator.access import AsUser, Need
from tests.github_simulator.call import Answer, Call, Handler, Route
from tests.github_simulator.conversation import Comment, Reaction, ReviewComment
from tests.github_simulator.json_value import as_text
from tests.github_simulator.people import Account, Role
from tests.github_simulator.refusal import Refused, not_accessible, not_found, unprocessable
from tests.github_simulator.shapes import comments

BODY = 65_536  # characters of any comment


def body_of(call: Call) -> str:
    """The text of a comment, neither blank nor too long."""
    text = as_text(call.body["body"])
    if not text.strip():
        raise unprocessable("Validation Failed", {"field": "body", "code": "missing_field"})
    refuse_long(text)
    return text


def refuse_long(text: str) -> None:
    """No comment may have more than 65,536 characters."""
    if len(text) > BODY:
        raise unprocessable("Validation Failed", {"message": f"body is too long (maximum is {BODY} characters)"})


def may_change(call: Call, author: Account) -> None:
    """Only the author changes a comment, or a person who may write here; the App only its own."""
    if author.id == call.account.id:
        return
    if isinstance(call.actor, AsUser):
        if call.repository.role(call.account).at_least(Role.WRITE):
            return
        raise Refused(403, "Must have admin rights to Repository.")
    raise not_accessible("issues=write; pull_requests=write")


def _comment(call: Call) -> Comment:
    found = call.repository.comments.get(call.number("comment_id"))
    if found is None:
        raise not_found()
    return found


async def listed(call: Call) -> Answer:
    """The comments of an issue or pull request, oldest first."""
    where, number = call.repository, call.number("issue_number")
    if number not in where.issues:
        raise not_found()
    found = [each for each in where.comments.values() if each.number == number]
    if "since" in call.query:
        since = datetime.fromisoformat(call.query["since"])
        found = [each for each in found if each.updated_at >= since]
    return call.page([comments.comment(call.links, where, each, call.app) for each in found])


async def create(call: Call) -> Answer:
    """A new comment. With pull_requests:write alone an App can comment on pull requests, not on issues."""
    where, number = call.repository, call.number("issue_number")
    if number not in where.issues:
        raise not_found()
    if number not in where.pulls:
        call.require("issues", "write")
    now = call.world.clock.now()
    made = Comment(call.world.next_id(), number, call.account, body_of(call), now, now, by_app=call.by_app)
    where.comments[made.id] = made
    call.announcer.hooks.later(call.announcer.comment("created", where, made, call.account))
    return Answer(201, comments.comment(call.links, where, made, call.app))


async def read(call: Call) -> Answer:
    """One comment."""
    return Answer(200, comments.comment(call.links, call.repository, _comment(call), call.app))


async def update(call: Call) -> Answer:
    """Another text for a comment; nobody is notified of it."""
    which = _comment(call)
    may_change(call, which.author)
    before, which.body, which.updated_at = which.body, body_of(call), call.world.clock.now()
    tell = call.announcer
    tell.hooks.later(tell.comment("edited", call.repository, which, call.account, before=before))
    return Answer(200, comments.comment(call.links, call.repository, which, call.app))


async def delete(call: Call) -> Answer:
    """Remove a comment."""
    which = _comment(call)
    may_change(call, which.author)
    del call.repository.comments[which.id]
    call.announcer.hooks.later(call.announcer.comment("deleted", call.repository, which, call.account))
    return Answer(204)


def _remark(call: Call) -> Comment | ReviewComment:
    """The comment of either kind that the path names."""
    kind = call.repository.review_comments if "/pulls/comments/" in call.url else call.repository.comments
    found = kind.get(call.number("comment_id"))
    if found is None:
        raise not_found()
    return found


async def reactions(call: Call) -> Answer:
    """The reactions to a comment."""
    wanted = call.query.get("content")
    found = [each for each in _remark(call).reactions if wanted in {None, each.content}]
    return call.page([comments.reaction(call.links, each) for each in found])


async def react(call: Call) -> Answer:
    """React once: a second time the first reaction is the answer, with 200."""
    which, content = _remark(call), as_text(call.body["content"])
    for each in which.reactions:
        if each.by.id == call.account.id and each.content == content:
            return Answer(200, comments.reaction(call.links, each))
    made = Reaction(call.world.next_id(), content, call.account, call.world.clock.now())
    which.reactions.append(made)
    return Answer(201, comments.reaction(call.links, made))


async def withdraw(call: Call) -> Answer:
    """Take a reaction back."""
    which = _remark(call)
    found = next((each for each in which.reactions if each.id == call.number("reaction_id")), None)
    if found is None:
        raise not_found()
    may_change(call, found.by)
    which.reactions.remove(found)
    return Answer(204)


HERE = "/repos/{owner}/{repo}"
READ = (Need("issues", "read"), Need("pull_requests", "read"))
WRITE = (Need("issues", "write"), Need("pull_requests", "write"))
PULLS_READ, PULLS_WRITE = READ[1:], WRITE[1:]


def _reaction_routes(of: str, read_need: tuple[Need, ...], write_need: tuple[Need, ...]) -> tuple[Route, ...]:
    rows: tuple[tuple[str, str, Handler, tuple[Need, ...]], ...] = (
        ("GET", "", reactions, read_need),
        ("POST", "", react, write_need),
        ("DELETE", "/{reaction_id}", withdraw, write_need),
    )
    start = f"{HERE}/{of}/comments/{{comment_id}}/reactions"
    return tuple(Route(method, start + rest, handle, need) for method, rest, handle, need in rows)


ROUTES = (
    Route("GET", f"{HERE}/issues/{{issue_number}}/comments", listed, READ),
    Route("POST", f"{HERE}/issues/{{issue_number}}/comments", create, WRITE),
    Route("GET", f"{HERE}/issues/comments/{{comment_id}}", read, READ),
    Route("PATCH", f"{HERE}/issues/comments/{{comment_id}}", update, WRITE),
    Route("DELETE", f"{HERE}/issues/comments/{{comment_id}}", delete, WRITE),
    *_reaction_routes("issues", READ, WRITE),
    *_reaction_routes("pulls", PULLS_READ, PULLS_WRITE),
)
