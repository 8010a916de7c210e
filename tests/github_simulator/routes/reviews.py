"""Reviews and comments on lines of the diff."""

from __future__ import annotations

from tests.github_simulator.access import Need
from tests.github_simulator.call import Answer, Call, Route
from tests.github_simulator.conversation import Place, Pull, Review, ReviewComment
from tests.github_simulator.diff import moved
from tests.github_simulator.json_value import JsonObject, JsonValue, as_list, as_number, as_object, as_text
from tests.github_simulator.placement import ground
from tests.github_simulator.refusal import not_found, unprocessable
from tests.github_simulator.routes.comments import body_of, may_change, refuse_long
from tests.github_simulator.routes.pulls import the_pull
from tests.github_simulator.shapes import comments

STATES = {"COMMENT": "COMMENTED", "APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED"}


async def create(call: Call) -> Answer:
    """A review with its comments: all of them or, when one cannot stand where it asks to, nothing."""
    pull = the_pull(call)
    commit_id = as_text(call.body.get("commit_id", pull.head_sha))
    here = await ground(pull, commit_id)
    wanted = [as_object(each) for each in as_list(call.body.get("comments", []))]
    text, event = as_text(call.body.get("body", "")), call.body.get("event")
    refuse_long(text)
    for each in wanted:
        refuse_long(as_text(each["body"]))
    places = [here.place(each) for each in wanted]
    _refuse_event(call, pull, None if event is None else as_text(event), text)
    state = "PENDING" if event is None else STATES[as_text(event)]
    now = call.world.clock.now()
    review = Review(
        call.world.next_id(), pull.number, call.account, text, state, commit_id, None if event is None else now
    )
    pull.repository.reviews[review.id] = review
    for each, place in zip(wanted, places, strict=True):
        await _add(call, review, place, as_text(each["body"]))
    return Answer(200, comments.review(call.links, pull.repository, review))


def _refuse_event(call: Call, pull: Pull, event: str | None, text: str) -> None:
    if event in {"COMMENT", "REQUEST_CHANGES"} and not text.strip():
        raise unprocessable("Unprocessable Entity", f"Review body is required for {event}")
    own = pull.issue.author.id == call.account.id
    if own and event in {"APPROVE", "REQUEST_CHANGES"}:
        raise unprocessable("Unprocessable Entity", "Can not approve or request changes on your own pull request")
    for each in pull.repository.reviews.values():
        if each.number == pull.number and each.author.id == call.account.id and each.state == "PENDING":
            raise unprocessable("Unprocessable Entity", "User can only have one pending review per pull request")


async def _add(call: Call, review: Review, place: Place, body: str, reply_to: int | None = None) -> ReviewComment:
    now = call.world.clock.now()
    made = ReviewComment(
        call.world.next_id(), review.number, review.id, call.account, body, place, review.commit_id, now, now,
        in_reply_to=reply_to,
    )  # fmt: skip
    call.repository.review_comments[made.id] = made
    if review.state != "PENDING":
        call.announcer.hooks.later(call.announcer.review_comment(call.repository, made, call.account))
    return made


async def line_now(pull: Pull, which: ReviewComment) -> int | None:
    """The line a comment stands on at the present head; None when it is outdated or about a file."""
    line = which.place.line
    if line is None or which.place.side == "LEFT":
        return line
    return await moved(pull.repository.git, which.commit_id, pull.head_sha, which.place.path, line)


async def _shape(call: Call, which: ReviewComment) -> JsonObject:
    pull = call.repository.pulls[which.number]
    return comments.review_comment(call.links, call.repository, which, await line_now(pull, which))


async def listed(call: Call) -> Answer:
    """The reviews of a pull request, oldest first; pending ones only for their author."""
    pull = the_pull(call)
    found = [
        each
        for each in call.repository.reviews.values()
        if each.number == pull.number and (each.state != "PENDING" or each.author.id == call.account.id)
    ]
    return call.page([comments.review(call.links, call.repository, each) for each in found])


def _review(call: Call) -> Review:
    found = call.repository.reviews.get(call.number("review_id"))
    if found is None or found.number != call.number("pull_number"):
        raise not_found()
    return found


async def read(call: Call) -> Answer:
    """One review."""
    return Answer(200, comments.review(call.links, call.repository, _review(call)))


async def update(call: Call) -> Answer:
    """Another text for a review."""
    which = _review(call)
    may_change(call, which.author)
    which.body = body_of(call)
    return Answer(200, comments.review(call.links, call.repository, which))


async def dismiss(call: Call) -> Answer:
    """Take the weight of an approval or of requested changes away; comments have none."""
    which = _review(call)
    if which.state not in {"APPROVED", "CHANGES_REQUESTED"}:
        raise unprocessable("Unprocessable Entity", "Can not dismiss a commented pull request review")
    which.state = "DISMISSED"
    return Answer(200, comments.review(call.links, call.repository, which))


async def comments_of_review(call: Call) -> Answer:
    """The comments of one review."""
    review = _review(call)
    found = [each for each in call.repository.review_comments.values() if each.review_id == review.id]
    shown: list[JsonValue] = []
    for each in found:
        shape = await _shape(call, each)
        shown.append({**shape, "position": shape.get("position"), "original_position": each.place.position})
    return call.page(shown)


async def comments_of_pull(call: Call) -> Answer:
    """All comments on lines of a pull request, without those of pending reviews."""
    pull, where = the_pull(call), call.repository
    found = [
        each
        for each in where.review_comments.values()
        if each.number == pull.number and where.reviews[each.review_id].state != "PENDING"
    ]
    if call.query.get("direction") == "desc":
        found.reverse()
    return call.page([await _shape(call, each) for each in found])


async def comment(call: Call) -> Answer:
    """A single comment; it makes a review of its own."""
    pull = the_pull(call)
    commit_id = as_text(call.body["commit_id"])
    text = body_of(call)
    if "in_reply_to" in call.body:
        return await _reply(call, pull, as_number(call.body["in_reply_to"]), text)
    place = (await ground(pull, commit_id)).place(call.body)
    return Answer(201, await _shape(call, await _add(call, _silent_review(call, pull, commit_id), place, text)))


async def reply(call: Call) -> Answer:
    """An answer in a thread; only to its first comment."""
    return await _reply(call, the_pull(call), call.number("comment_id"), body_of(call))


async def _reply(call: Call, pull: Pull, comment_id: int, text: str) -> Answer:
    first = call.repository.review_comments.get(comment_id)
    if first is None or first.number != pull.number:
        raise not_found()
    if first.in_reply_to is not None:
        raise unprocessable("Validation Failed", {"message": "in_reply_to is not the first comment of its thread"})
    review = _silent_review(call, pull, first.commit_id)
    return Answer(201, await _shape(call, await _add(call, review, first.place, text, first.id)))


def _silent_review(call: Call, pull: Pull, commit_id: str) -> Review:
    now = call.world.clock.now()
    made = Review(call.world.next_id(), pull.number, call.account, "", "COMMENTED", commit_id, now)
    call.repository.reviews[made.id] = made
    return made


def _comment(call: Call) -> ReviewComment:
    found = call.repository.review_comments.get(call.number("comment_id"))
    if found is None:
        raise not_found()
    return found


async def read_comment(call: Call) -> Answer:
    """One comment on a line."""
    return Answer(200, await _shape(call, _comment(call)))


async def update_comment(call: Call) -> Answer:
    """Another text for it."""
    which = _comment(call)
    may_change(call, which.author)
    which.body, which.updated_at = body_of(call), call.world.clock.now()
    return Answer(200, await _shape(call, which))


async def delete_comment(call: Call) -> Answer:
    """Remove it."""
    which = _comment(call)
    may_change(call, which.author)
    del call.repository.review_comments[which.id]
    return Answer(204)


READ, WRITE = (Need("pull_requests", "read"),), (Need("pull_requests", "write"),)
PULLS = "/repos/{owner}/{repo}/pulls"
PULL = f"{PULLS}/{{pull_number}}"

ROUTES = (
    Route("GET", f"{PULL}/reviews", listed, READ),
    Route("POST", f"{PULL}/reviews", create, WRITE),
    Route("GET", f"{PULL}/reviews/{{review_id}}", read, READ),
    Route("PUT", f"{PULL}/reviews/{{review_id}}", update, WRITE),
    Route("GET", f"{PULL}/reviews/{{review_id}}/comments", comments_of_review, READ),
    Route("PUT", f"{PULL}/reviews/{{review_id}}/dismissals", dismiss, WRITE),
    Route("GET", f"{PULL}/comments", comments_of_pull, READ),
    Route("POST", f"{PULL}/comments", comment, WRITE),
    Route("POST", f"{PULL}/comments/{{comment_id}}/replies", reply, WRITE),
    Route("GET", f"{PULLS}/comments/{{comment_id}}", read_comment, READ),
    Route("PATCH", f"{PULLS}/comments/{{comment_id}}", update_comment, WRITE),
    Route("DELETE", f"{PULLS}/comments/{{comment_id}}", delete_comment, WRITE),
)
