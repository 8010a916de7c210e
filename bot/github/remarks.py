"""Comments on lines of the diff: one review for all that are new, and what becomes of those that stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from bot.github.client import Client
from bot.github.payload import found
from bot.model.publication import Line
from bot.model.pull import Hunks, OwnThread
from bot.model.task import Repository
from bot.ports import NotPermitted, Permanent, RateLimited

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
_MOST_BODY: Final = 65_536
_RESOLVE: Final = "mutation($thread: ID!) { resolveReviewThread(input: {threadId: $thread}) { thread { id } } }"
_UNRESOLVE: Final = "mutation($thread: ID!) { unresolveReviewThread(input: {threadId: $thread}) { thread { id } } }"
_MINIMISE: Final = """mutation($comment: ID!) {
  minimizeComment(input: {subjectId: $comment, classifier: RESOLVED}) { minimizedComment { isMinimized } } }"""
_UNMINIMISE: Final = """mutation($comment: ID!) {
  unminimizeComment(input: {subjectId: $comment}) { unminimizedComment { isMinimized } } }"""


class LineComments:
    """The port Remarks over one client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def hunks(self, repository: Repository, number: int) -> Mapping[str, Hunks]:
        """The pieces of each file, in its new lines, on which a comment can stand; GitHub tells of 3,000 files."""
        said = await self._client.pages(repository, "/pulls/{number}/files?per_page=100", number=number)
        lines: dict[str, Hunks] = {}
        for one in said:
            path, patch = found(one, "filename"), found(one, "patch")
            # What is binary, too large or only renamed has no patch.
            if isinstance(path, str) and isinstance(patch, str):
                lines[path] = tuple(_hunks(patch))
        return lines

    async def review(self, repository: Repository, number: int, head: str, lines: Sequence[Line]) -> bool:
        """One review with all the comments; False where GitHub does not take it, and then none stands."""
        comments = [_comment(line) for line in lines]
        body = {"commit_id": head, "event": "COMMENT", "body": "On the lines of this change:", "comments": comments}
        try:
            await self._client.post(repository, "/pulls/{number}/reviews", body, number=number)
        except (NotPermitted, RateLimited):
            raise
        except Permanent:
            return False  # one line that GitHub does not find in its diff refuses them all, and it does not say which
        return True

    async def rewrite(self, repository: Repository, thread: OwnThread, body: str) -> None:
        """Let the first comment of a thread say something else."""
        path = "/pulls/comments/{comment}"
        await self._client.patch(repository, path, {"body": body[:_MOST_BODY]}, again=True, comment=thread.comment)

    async def retire(self, repository: Repository, thread: OwnThread) -> None:
        """Resolve a thread where the installation lets us, else hide its comment."""
        try:
            await self._client.mutate(repository, _RESOLVE, writing=True, thread=thread.id)
        except NotPermitted:
            await self._client.mutate(repository, _MINIMISE, comment=thread.node)

    async def revive(self, repository: Repository, thread: OwnThread) -> None:
        """Undo what ``retire`` did."""
        if thread.is_resolved:
            with suppress(NotPermitted):
                await self._client.mutate(repository, _UNRESOLVE, writing=True, thread=thread.id)
        if thread.is_minimised:
            await self._client.mutate(repository, _UNMINIMISE, comment=thread.node)


def _hunks(patch: str) -> Sequence[tuple[int, int]]:
    """First and last new line of each hunk; a hunk without new lines takes no comment."""
    found_ones = ((int(one[1]), int(one[2] or 1)) for one in _HUNK.finditer(patch) if one[2] != "0")
    return [(start, start + count - 1) for start, count in found_ones]


def _comment(line: Line) -> dict[str, object]:
    whole: dict[str, object] = {"path": line.path, "line": line.end, "side": "RIGHT", "body": line.body[:_MOST_BODY]}
    return {**whole, "start_line": line.start, "start_side": "RIGHT"} if line.start < line.end else whole
