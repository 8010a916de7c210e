"""Pull requests, comments and roles as GitHub has them, and what we say there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from bot.github.client import Client
from bot.github.payload import entries, found, number, word
from bot.model.pull import Comment, Elsewhere, OwnComment, OwnThread, Parting, Pull, Role, Standing, SuiteState
from bot.model.task import Repository
from bot.ports import NotFound, TooLarge, Unreachable

_STANDING: Final = """query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { headRefOid state
    comments(first: 100, after: $after) {
      nodes { databaseId fullDatabaseId body author { __typename login } }
      pageInfo { hasNextPage endCursor } }
    reviewThreads(first: 100) { nodes { %s } pageInfo { hasNextPage endCursor } } } } }"""
_THREADS: Final = """query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) {
    reviewThreads(first: 100, after: $after) { nodes { %s } pageInfo { hasNextPage endCursor } } } } }"""
_THREAD: Final = """id isResolved isOutdated
  comments(first: 1) { nodes { id databaseId fullDatabaseId body isMinimized author { __typename login } } }"""
_SITE = re.compile(r"https?://[A-Za-z0-9.:-]+/[A-Za-z0-9._/-]+")
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

    async def parting(self, repository: Repository, base: str, head: str) -> Parting:
        """Where ``head`` left ``base``, as GitHub's own comparison has it."""
        # The second page has the merge base as every page, but neither files nor, nearly always, commits.
        path = "/compare/{range}?per_page=1&page=2"
        try:
            said = await self._client.get(repository, path, range=f"{base}...{head}")
        except NotFound:
            said = await self._client.get(repository, "/commits/{base}", base=base)
            with usable():
                return Parting(word(said, "sha"), word(said, "sha"))
        with usable():
            return Parting(word(said, "merge_base_commit", "sha"), word(said, "base_commit", "sha"))

    async def named(self, here: Repository, name: str) -> Elsewhere:
        """Another repository of the installation, with a token that reads that one alone: two requests."""
        owner, _, short = name.partition("/")
        there = Repository(here.installation, 0, owner, short)
        said = await self._client.get(there, "")
        with usable():
            known = replace(there, id=number(said, "id"))
            branch = word(said, "default_branch")
        commit = await self._client.get(known, "/commits/{branch}", branch=branch)
        with usable():
            return Elsewhere(known, word(commit, "sha"), found(said, "private") is not False, _site(said))

    async def is_private(self, repository: Repository) -> bool:
        """Whether not everybody may read it."""
        return found(await self._client.get(repository, ""), "private") is True

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
        """What stands on a pull request: one request, and one more for each hundred comments or threads."""
        app = await self._client.app()
        ours: list[OwnComment] = []
        threads: tuple[OwnThread, ...] | None = None
        after: str | None = None
        for _ in range(_MOST_PAGES):
            data = await self._client.query(repository, _STANDING % _THREAD, number=number, after=after)
            pull = found(data, "repository", "pullRequest")
            if pull is None:
                raise NotFound(f"GitHub has no pull request {number}")
            if threads is None:
                threads = await self._threads(repository, number, found(pull, "reviewThreads"), app.slug)
            with usable():
                ours += _own(entries(pull, "comments", "nodes"), app.slug)
                head, state = word(pull, "headRefOid"), word(pull, "state")
                if not found(pull, "comments", "pageInfo", "hasNextPage"):
                    return Standing(head, state == "OPEN", tuple(ours), threads)
                after = word(pull, "comments", "pageInfo", "endCursor")
        raise TooLarge(f"the pull request has more than {_MOST_PAGES * 100:,} comments")

    async def _threads(self, repository: Repository, number: int, page: object, slug: str) -> tuple[OwnThread, ...]:
        """The threads of ours: those of a page that is there, and those of the pages after it."""
        ours: list[OwnThread] = []
        for _ in range(_MOST_PAGES):
            with usable():
                ours += _own_threads(entries(page, "nodes"), slug)
                if not found(page, "pageInfo", "hasNextPage"):
                    return tuple(ours)
                after = word(page, "pageInfo", "endCursor")
            data = await self._client.query(repository, _THREADS % _THREAD, number=number, after=after)
            page = found(data, "repository", "pullRequest", "reviewThreads")
        raise TooLarge(f"the pull request has more than {_MOST_PAGES * 100:,} threads")

    async def comment(self, repository: Repository, comment: int) -> Comment:
        """Somebody's comment."""
        said = await self._client.get(repository, "/issues/comments/{comment}", comment=comment)
        with usable():
            by_person = found(said, "user", "type") == "User" and not found(said, "performed_via_github_app")
            # Of a deleted account GitHub says null.
            who, key = str(found(said, "user", "login") or ""), found(said, "user", "id")
            return Comment(comment, who, word(said, "body"), by_person, key if isinstance(key, int) else 0)

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
    merges = found(said, "mergeable")
    return Pull(
        number=number(said, "number"),
        head=head,
        base=base,
        is_open=found(said, "state") == "open",
        is_own=is_own,
        is_draft=found(said, "draft") is True,
        merge=_text(found(said, "merge_commit_sha")),
        merges=merges if isinstance(merges, bool) else None,
        branch=_text(found(said, "head", "ref")) or "",
        site=_site(found(said, "base", "repo")),
    )


def _site(repository: object) -> str:
    site = found(repository, "html_url")
    return site if isinstance(site, str) and _SITE.fullmatch(site) else ""


def _text(it: object) -> str | None:
    return it if isinstance(it, str) else None


def _own(nodes: Sequence[object], slug: str) -> Iterator[OwnComment]:
    """The comments that our bot wrote; GraphQL leaves out the ``[bot]`` of its login."""
    for node in nodes:
        if _is_by(node, slug):
            yield OwnComment(_key(node), word(node, "body"))


def _own_threads(nodes: Sequence[object], slug: str) -> Iterator[OwnThread]:
    """The threads that our bot began."""
    for node in nodes:
        first = next(iter(entries(node, "comments", "nodes")), None)
        if _is_by(first, slug):
            flags = (found(node, "isResolved"), found(first, "isMinimized"), found(node, "isOutdated"))
            resolved, minimised, outdated = (flag is True for flag in flags)
            body = word(first, "body")
            yield OwnThread(word(node, "id"), word(first, "id"), _key(first), body, resolved, minimised, outdated)


def _is_by(node: object, slug: str) -> bool:
    return found(node, "author", "__typename") == "Bot" and found(node, "author", "login") == slug


def _key(node: object) -> int:
    """The number of a comment: databaseId is null where it does not fit 32 bits; older servers have no other."""
    long = found(node, "fullDatabaseId")
    return int(word(node, "fullDatabaseId")) if long else number(node, "databaseId")
