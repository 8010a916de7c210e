"""Pull requests, comments and roles as GitHub has them, and what we say there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from bot.github.client import Client
from bot.github.payload import entries, found, number, word
from bot.model.pull import Comment, OwnComment, Pull, Role, Standing, SuiteState
from bot.model.task import Repository
from bot.ports import NotFound, TooLarge, Unreachable

_STANDING: Final = """query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { headRefOid state
    comments(first: 100, after: $after) {
      nodes { databaseId fullDatabaseId body author { __typename login } }
      pageInfo { hasNextPage endCursor } } } } }"""
_MOST_PAGES = 50
_MOST_COMMENT = 65_536


class Reading:
    """The ports Pulls and Talk over one client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def pull(self, repository: Repository, number: int) -> Pull:
        """A pull request as it stands."""
        said = await self._client.get(repository, "/pulls/{number}", number=number)
        with usable():
            return _pull(said)

    async def open_pulls(self, repository: Repository) -> Sequence[Pull]:
        """All that are open."""
        said = await self._client.pages(repository, "/pulls?state=open&per_page=100")
        with usable():
            return [_pull(each) for each in said]

    async def merge_base(self, repository: Repository, base: str, head: str) -> str:
        """Where ``head`` left ``base``, as GitHub's own comparison has it."""
        # The second page has the merge base as every page, but neither files nor, nearly always, commits.
        path = "/compare/{range}?per_page=1&page=2"
        try:
            said = await self._client.get(repository, path, range=f"{base}...{head}")
        except NotFound:
            said = await self._client.get(repository, "/commits/{base}", base=base)
            with usable():
                return word(said, "sha")
        with usable():
            return word(said, "merge_base_commit", "sha")

    async def suite_state(self, repository: Repository, head: str) -> SuiteState:
        """How our suite of a commit stands. GitHub puts a suite back to ``queued`` when it is asked for again."""
        app = await self._client.app()
        path = "/commits/{head}/check-suites?app_id={app}"
        said = await self._client.get(repository, path, head=head, app=app.id)
        with usable():
            suites = [each for each in entries(said, "check_suites") if found(each, "app", "id") == app.id]
            if not suites or not number(suites[0], "latest_check_runs_count"):
                return SuiteState.ABSENT
            match found(suites[0], "status"):
                case "completed":
                    return SuiteState.DONE
                case "queued":
                    return SuiteState.ASKED_AGAIN
                case _:
                    return SuiteState.UNDER_WAY

    async def standing(self, repository: Repository, number: int) -> Standing:
        """What stands on a pull request: one request, and one more for each hundred comments."""
        app = await self._client.app()
        ours: list[OwnComment] = []
        after: str | None = None
        for _ in range(_MOST_PAGES):
            data = await self._client.query(repository, _STANDING, number=number, after=after)
            pull = found(data, "repository", "pullRequest")
            if pull is None:
                raise NotFound(f"GitHub has no pull request {number}")
            with usable():
                ours += _own(entries(pull, "comments", "nodes"), app.slug)
                head, state = word(pull, "headRefOid"), word(pull, "state")
                if not found(pull, "comments", "pageInfo", "hasNextPage"):
                    return Standing(head, state == "OPEN", tuple(ours))
                after = word(pull, "comments", "pageInfo", "endCursor")
        raise TooLarge(f"the pull request has more than {_MOST_PAGES * 100:,} comments")

    async def comment(self, repository: Repository, comment: int) -> Comment:
        """Somebody's comment."""
        said = await self._client.get(repository, "/issues/comments/{comment}", comment=comment)
        with usable():
            by_person = found(said, "user", "type") == "User" and not found(said, "performed_via_github_app")
            # Of a deleted account GitHub says null.
            return Comment(comment, str(found(said, "user", "login") or ""), word(said, "body"), by_person)

    async def role(self, repository: Repository, login: str) -> Role:
        """What a person may do. Never read it from ``author_association``, which knows public members only."""
        path = "/collaborators/{login}/permission"
        try:
            said = await self._client.get(repository, path, login=login)
        except NotFound:
            return Role.NONE
        match found(said, "permission"), found(said, "role_name"):
            case "admin" | "write", _:
                return Role.WRITE
            case "read", "triage":
                return Role.TRIAGE
            case "read", _:
                return Role.READ
            case _:
                return Role.NONE

    async def react(self, repository: Repository, comment: int) -> None:
        """Eyes; GitHub keeps one of a kind from each account."""
        path = "/issues/comments/{comment}/reactions"
        await self._client.post(repository, path, {"content": "eyes"}, again=True, comment=comment)

    async def say(self, repository: Repository, number: int, standing: Standing, said: str) -> None:
        """Write, edit or leave the comment of ours that begins with the first line of ``said``."""
        body = said if len(said) <= _MOST_COMMENT else said[: _MOST_COMMENT - 1] + "…"
        there = standing.marked(said.partition("\n")[0])
        if there is None:
            await self._client.post(repository, "/issues/{number}/comments", {"body": body}, number=number)
        elif there.body.strip() != body.strip():
            path = "/issues/comments/{comment}"
            await self._client.patch(repository, path, {"body": body}, again=True, comment=there.id)


@contextmanager
def usable() -> Iterator[None]:
    """Turn the ValueError of an answer that lacks what GitHub promises into Unreachable."""
    try:
        yield
    except ValueError as error:
        raise Unreachable(f"GitHub's answer cannot be used: {error}") from error


def _pull(said: object) -> Pull:
    base, head = word(said, "base", "ref"), word(said, "head", "sha")
    # Of a fork that was deleted GitHub says null.
    theirs, ours = found(said, "head", "repo", "id"), found(said, "base", "repo", "id")
    is_own = isinstance(theirs, int) and theirs == ours
    return Pull(number(said, "number"), head, base, found(said, "state") == "open", is_own)


def _own(nodes: Sequence[object], slug: str) -> Iterator[OwnComment]:
    """The comments that our bot wrote; GraphQL leaves out the ``[bot]`` of its login."""
    for node in nodes:
        if found(node, "author", "__typename") == "Bot" and found(node, "author", "login") == slug:
            # databaseId is null where it does not fit 32 bits; older servers have no other.
            long = found(node, "fullDatabaseId")
            key = int(word(node, "fullDatabaseId")) if long else number(node, "databaseId")
            yield OwnComment(key, word(node, "body"))
