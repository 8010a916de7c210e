"""Comments, reactions, reviews and review comments as JSON."""

from __future__ import annotations

from tests.github_simulator.clock import stamp
from tests.github_simulator.conversation import Comment, Reaction, Review, ReviewComment
from tests.github_simulator.json_value import JsonObject
from tests.github_simulator.shapes.accounts import account, app
from tests.github_simulator.shapes.links import Links, node_id
from tests.github_simulator.shapes.pulls import association, reactions
from tests.github_simulator.world import App, Repository

NEVER_NULL = frozenset({"line", "original_line", "position"})


def comment(links: Links, where: Repository, which: Comment, by: App) -> JsonObject:
    """A comment below an issue or pull request."""
    url = f"{links.repository(where)}/issues/comments/{which.id}"
    kind = "pull" if which.number in where.pulls else "issues"
    return {
        "id": which.id,
        "node_id": node_id("IC", which.id),
        "url": url,
        "html_url": f"{links.page(where)}/{kind}/{which.number}#issuecomment-{which.id}",
        "issue_url": f"{links.repository(where)}/issues/{which.number}",
        "user": account(links, which.author),
        "author_association": association(where, which.author),
        "body": which.body,
        "created_at": stamp(which.created_at),
        "updated_at": stamp(which.updated_at),
        "performed_via_github_app": app(links, by) if which.by_app else None,
        "reactions": reactions(f"{url}/reactions", [each.content for each in which.reactions]),
    }


def reaction(links: Links, which: Reaction) -> JsonObject:
    """One reaction."""
    return {
        "id": which.id,
        "node_id": node_id("REA", which.id),
        "user": account(links, which.by),
        "content": which.content,
        "created_at": stamp(which.created_at),
    }


def review(links: Links, where: Repository, which: Review) -> JsonObject:
    """A review without its comments."""
    pull_url = f"{links.repository(where)}/pulls/{which.number}"
    page = f"{links.page(where)}/pull/{which.number}#pullrequestreview-{which.id}"
    shown: JsonObject = {
        "id": which.id,
        "node_id": node_id("PRR", which.id),
        "user": account(links, which.author),
        "body": which.body,
        "state": which.state,
        "html_url": page,
        "pull_request_url": pull_url,
        "author_association": association(where, which.author),
        "commit_id": which.commit_id,
        "_links": {"html": {"href": page}, "pull_request": {"href": pull_url}},
    }
    if which.submitted_at is not None:
        shown["submitted_at"] = stamp(which.submitted_at)
    return shown


def review_comment(links: Links, where: Repository, which: ReviewComment, line: int | None) -> JsonObject:
    """A comment on the diff; ``line`` is where it stands now, None when it is outdated."""
    url = f"{links.repository(where)}/pulls/comments/{which.id}"
    pull_url = f"{links.repository(where)}/pulls/{which.number}"
    page = f"{links.page(where)}/pull/{which.number}#discussion_r{which.id}"
    place = which.place
    of_file = place.line is None
    shift = 0 if line is None or place.line is None else line - place.line
    outdated = line is None and not of_file
    shown: JsonObject = {
        "id": which.id,
        "node_id": node_id("PRRC", which.id),
        "pull_request_review_id": which.review_id,
        "diff_hunk": place.diff_hunk,
        "path": place.path,
        "position": None if outdated else place.position,
        "original_position": place.position,
        "commit_id": which.commit_id,
        "original_commit_id": which.commit_id,
        "user": account(links, which.author),
        "body": which.body,
        "created_at": stamp(which.created_at),
        "updated_at": stamp(which.updated_at),
        "url": url,
        "html_url": page,
        "pull_request_url": pull_url,
        "author_association": association(where, which.author),
        "_links": {"self": {"href": url}, "html": {"href": page}, "pull_request": {"href": pull_url}},
        "reactions": reactions(f"{url}/reactions", [each.content for each in which.reactions]),
        "start_line": None if outdated or place.start_line is None else place.start_line + shift,
        "original_start_line": place.start_line,
        "start_side": place.start_side,
        "line": line,
        "original_line": place.line,
        "side": place.side,
        "subject_type": "file" if of_file else "line",
    }
    if which.in_reply_to is not None:
        shown["in_reply_to_id"] = which.in_reply_to
    # GitHub has been seen to send null here, its description knows only numbers: a missing key fits both.
    return {key: value for key, value in shown.items() if key not in NEVER_NULL or value is not None}
