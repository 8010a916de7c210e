"""Commits in the name of the App, only onto a branch that is still where it was."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from bot.github.client import Client
from bot.github.payload import found, word
from bot.github.reading import usable
from bot.model.commit import Commit
from bot.model.pull import Pull
from bot.model.task import Repository
from bot.ports import Moved, NotFound, NotPermitted, Permanent, RateLimited

# GitHub compares the branch with expectedHeadOid and moves it in one step, and signs the commit as the App's.
_COMMIT: Final = """mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } } }"""
_STALE: Final = re.compile(r"Expected branch to point to|is at [0-9a-f]{40,64} but expected")
_TRAILER: Final = "Fluxbot-Request"


class BranchCommits:
    """The port Commits over one client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def made(self, repository: Repository, pull: Pull, request: str) -> str:
        """The sha of the newest commit where it answers a request."""
        return await self._newest(repository, pull.head, request)

    async def commit(self, repository: Repository, pull: Pull, commit: Commit) -> str:
        """Make the commit, or find that this very one was made."""
        try:
            said = await self._client.mutate(
                repository, _COMMIT, writing=True, input=self._input(repository, pull, commit)
            )
        except (NotPermitted, NotFound, RateLimited):
            raise
        except Permanent as refused:
            # An answer that was lost on its way: the branch is where this very commit brought it.
            if made := await self._newest(repository, f"heads/{pull.branch}", commit.request):
                return made
            if _STALE.search(str(refused)):
                raise Moved(str(refused)) from refused
            raise
        with usable():
            return word(said, "createCommitOnBranch", "commit", "oid")

    def _input(self, repository: Repository, pull: Pull, commit: Commit) -> dict[str, object]:
        written = [(path, data) for path, data in commit.files if data is not None]
        trailers = "\n".join((*_author(pull, commit), f"{_TRAILER}: {commit.request}"))
        return {
            "branch": {"repositoryNameWithOwner": str(repository), "branchName": pull.branch},
            "expectedHeadOid": pull.head,
            "message": {"headline": commit.headline, "body": f"{commit.body}\n\n{trailers}".strip()},
            "fileChanges": {
                "additions": [{"path": path, "contents": base64.b64encode(data).decode()} for path, data in written],
                "deletions": [{"path": path} for path, data in commit.files if data is None],
            },
        }

    async def _newest(self, repository: Repository, revision: str, request: str) -> str:
        try:
            said = await self._client.get(repository, "/commits/{revision}", revision=revision)
        except NotFound:
            return ""
        message = str(found(said, "commit", "message") or "")
        with usable():
            return word(said, "sha") if f"\n{_TRAILER}: {request}" in message else ""


def _author(pull: Pull, commit: Commit) -> Iterator[str]:
    """The trailer by which GitHub shows who asked, with the address that it gives everybody."""
    if commit.person_id:
        host = urlsplit(pull.site).hostname or "github.com"
        yield f"Co-authored-by: {commit.person} <{commit.person_id}+{commit.person}@users.noreply.{host}>"
