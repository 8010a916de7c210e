"""Things as the GraphQL schema shows them: mappings whose functions take a field's arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from tests.github_simulator.call import Call
from tests.github_simulator.clock import stamp
from tests.github_simulator.conversation import Comment, Pull, Review, ReviewComment
from tests.github_simulator.git_repository import TreeEntry
from tests.github_simulator.people import Account
from tests.github_simulator.refusal import unprocessable
from tests.github_simulator.routes.repositories import resolve
from tests.github_simulator.routes.reviews import line_now
from tests.github_simulator.shapes.links import node_id
from tests.github_simulator.world import Repository

Node: TypeAlias = dict[str, Any]  # Any: what graphql-core resolves, values and functions alike
TEXT_LIMIT = 512_000  # bytes of a blob whose text is given whole
PAGE = 100


def connection(items: Sequence[Any], show: Callable[[Any], Node]) -> Callable[..., Node]:
    """A connection field: ``first`` or ``last`` must be given, 1 to 100; the cursor is an index."""

    def resolve_page(
        _info: object, first: int | None = None, last: int | None = None, after: str | None = None, **_others: object
    ) -> Node:
        size = last if first is None else first
        if size is None or not 1 <= size <= PAGE:
            raise unprocessable("You must provide a `first` or `last` value between 1 and 100 to properly paginate.")
        start = int(after) if after else 0
        if first is None:
            start = max(0, len(items) - size)
        end = min(start + size, len(items))
        return {
            "nodes": [show(each) for each in items[start:end]],
            "totalCount": len(items),
            "pageInfo": {"hasNextPage": end < len(items), "endCursor": str(end) if end > start else None},
        }

    return resolve_page


def actor(call: Call, who: Account) -> Node:
    """A person or a bot; of a bot the login lacks REST's ``[bot]``."""
    kind = "Bot" if who.kind == "Bot" else "User"
    return {
        "__typename": kind,
        "id": node_id({"Bot": "BOT"}.get(kind, "U"), who.id),
        "login": who.login.removesuffix("[bot]"),
        "url": f"{call.links.root}/{who.login}",
        "databaseId": who.id,
    }


def _remark(call: Call, which: Comment | ReviewComment | Review, kind: str, prefix: str) -> Node:
    return {
        "__typename": kind,
        "id": node_id(prefix, which.id),
        "databaseId": None,  # too large for GraphQL's 32 bits, as GitHub's newer ids are
        "fullDatabaseId": str(which.id),
        "body": which.body,
        "author": actor(call, which.author),
        "isMinimized": which.minimized is not None,
        "minimizedReason": which.minimized,
    }


def comment(call: Call, where: Repository, which: Comment) -> Node:
    """A comment below an issue or pull request."""
    url = f"{call.links.page(where)}/pull/{which.number}#issuecomment-{which.id}"
    return {**_remark(call, which, "IssueComment", "IC"), "url": url}


def review(call: Call, which: Review) -> Node:
    """A review, as something that can be minimised."""
    return _remark(call, which, "PullRequestReview", "PRR")


def review_comment(call: Call, where: Repository, which: ReviewComment) -> Node:
    """A comment on a line."""
    url = f"{call.links.page(where)}/pull/{which.number}#discussion_r{which.id}"
    shown = _remark(call, which, "PullRequestReviewComment", "PRRC")
    return {**shown, "path": which.place.path, "url": url}


def thread(call: Call, where: Repository, first: ReviewComment) -> Node:
    """A thread: its first comment and the replies."""
    pull = where.pulls[first.number]
    replies = [each for each in where.review_comments.values() if each.in_reply_to == first.id]

    async def line(_info: object) -> int | None:
        return await line_now(pull, first)

    async def outdated(_info: object) -> bool:
        return first.place.line is not None and await line_now(pull, first) is None

    return {
        "__typename": "PullRequestReviewThread",
        "id": node_id("PRRT", first.id),
        "isResolved": first.resolved_by is not None,
        "resolvedBy": None if first.resolved_by is None else actor(call, first.resolved_by),
        "isOutdated": outdated,
        "line": line,
        "startLine": first.place.start_line,
        "diffSide": first.place.side,
        "path": first.place.path,
        "viewerCanResolve": first.resolved_by is None,
        "comments": connection([first, *replies], lambda each: review_comment(call, where, each)),
    }


def pull(call: Call, which: Pull) -> Node:
    """A pull request with its threads; those of pending reviews are hidden."""
    where = which.repository
    threads = [
        each
        for each in where.review_comments.values()
        if each.number == which.number and each.in_reply_to is None and where.reviews[each.review_id].state != "PENDING"
    ]
    remarks = [each for each in where.comments.values() if each.number == which.number]
    return {
        "__typename": "PullRequest",
        "id": node_id("PR", which.id),
        "number": which.number,
        "title": which.issue.title,
        "state": "MERGED" if which.merged_at is not None else which.state.upper(),
        "headRefOid": which.head_sha,
        "reviewThreads": connection(threads, lambda each: thread(call, where, each)),
        "comments": connection(remarks, lambda each: comment(call, where, each)),
    }


def repository(call: Call, where: Repository) -> Node:
    """A repository, its objects by expression or name, its pull requests."""

    async def found(_info: object, expression: str | None = None, oid: str | None = None) -> Node | None:
        call.inside = where
        call.require("contents", "read")
        return await git_object(call, where, oid or expression or "")

    def numbered(_info: object, number: int) -> Node | None:
        call.inside = where
        call.require("pull_requests", "read")
        return pull(call, where.pulls[number]) if number in where.pulls else None

    return {
        "__typename": "Repository",
        "id": node_id("R", where.id),
        "databaseId": None,
        "nameWithOwner": where.full_name,
        "object": found,
        "pullRequest": numbered,
    }


async def git_object(call: Call, where: Repository, expression: str) -> Node | None:
    """The blob, tree or commit that ``sha``, ``branch`` or ``revision:path`` names."""
    revision, colon, path = expression.partition(":")
    sha = await resolve(where, revision)
    full = sha or await where.git.resolve(revision, "object")
    if colon and sha is not None:
        inside = [await where.git.at(sha, path.strip("/"), kind) for kind in ("blob", "tree")]
        full = inside[0] or inside[1]
    match None if full is None else await where.git.kind(full):
        case "blob":
            return await _blob(where, str(full))
        case "tree":
            return await _tree(call, where, str(full))
        case "commit":
            return await commit(call, where, str(full))
        case _:
            return None


async def _blob(where: Repository, sha: str) -> Node:
    content = await where.git.blob(sha)
    binary = b"\0" in content[:8000]
    return {
        "__typename": "Blob",
        "id": f"B_{sha}",
        "oid": sha,
        "byteSize": len(content),
        "isBinary": binary,
        "isTruncated": len(content) > TEXT_LIMIT,
        "text": None if binary else content[:TEXT_LIMIT].decode(errors="replace"),
    }


async def _tree(call: Call, where: Repository, sha: str) -> Node:
    entries = await where.git.tree(sha, recursive=False)

    def shown(entry: TreeEntry) -> Node:
        async def inner(_info: object) -> Node | None:
            return await git_object(call, where, entry.sha)

        facts: Node = {"mode": int(entry.mode, 8), "name": entry.path, "oid": entry.sha, "path": entry.path}
        return {**facts, "type": entry.kind, "object": inner}

    return {"__typename": "Tree", "id": f"T_{sha}", "oid": sha, "entries": [shown(each) for each in entries]}


async def commit(call: Call, where: Repository, sha: str) -> Node:
    """A commit and the history below it."""
    found = await where.git.commit(sha)

    async def history(info: object, path: str | None = None, **args: object) -> Node:
        names = await where.git.history(sha, paths=(path,) if path else ())
        shown = connection(names, lambda name: {"name": name})(info, **args)
        shown["nodes"] = [await commit(call, where, each["name"]) for each in shown["nodes"]]
        return shown

    return {
        "__typename": "Commit",
        "id": f"C_{sha}",
        "oid": sha,
        "url": f"{call.links.page(where)}/commit/{sha}",
        "message": found.message,
        "messageHeadline": found.message.partition("\n")[0],
        "committedDate": stamp(datetime.fromtimestamp(found.committer.seconds, UTC)),
        "history": history,
    }
