"""Repositories, branches, commits, comparisons, permissions."""

from __future__ import annotations

import asyncio

from tests.github_simulator.access import AsUser, Need
from tests.github_simulator.call import Answer, Call, Route
from tests.github_simulator.diff import between
from tests.github_simulator.json_value import JsonObject
from tests.github_simulator.people import Role
from tests.github_simulator.refusal import Refused, not_found, unprocessable
from tests.github_simulator.shapes import accounts, commits, pulls, repositories
from tests.github_simulator.world import Repository

COMPARED_COMMITS = 250
COMPARED_FILES = 300  # on the first page only
ARCHIVE_LIFE = 300  # seconds that the address of a private archive is good


async def repository(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}``, with what the caller may do."""
    shown = repositories.whole_repository(call.links, call.repository)
    if isinstance(call.actor, AsUser):
        shown["permissions"] = accounts.flags(call.repository.role(call.actor.account))
    return Answer(200, shown)


async def permission(call: Call) -> Answer:
    """What a person may do here; of people who do not exist: 404."""
    who = call.world.accounts.get(call.params["username"].lower())
    if who is None:
        raise not_found()
    role = call.repository.role(who)
    if role is Role.NONE and not call.repository.private:
        role = Role.READ
    return Answer(200, accounts.collaborator(call.links, who, role))


async def branches(call: Call) -> Answer:
    """All branches."""
    found = await call.repository.git.refs("refs/heads/")
    url = f"{call.links.repository(call.repository)}/commits"
    return call.page(
        [
            {
                "name": name.removeprefix("refs/heads/"),
                "commit": {"sha": sha, "url": f"{url}/{sha}"},
                "protected": False,
            }
            for name, sha in found.items()
        ]
    )


async def branch(call: Call) -> Answer:
    """One branch with its newest commit."""
    name, where = call.params["branch"], call.repository
    sha = await where.git.resolve(f"refs/heads/{name}")
    if sha is None:
        raise Refused(404, "Branch not found")
    url = f"{call.links.repository(where)}/branches/{name}"
    return Answer(200, {
        "name": name,
        "commit": commits.commit_page(call.links, where, await where.git.commit(sha)),
        "_links": {"self": url, "html": f"{call.links.page(where)}/tree/{name}"},
        "protected": False,
        "protection": {"enabled": False, "required_status_checks": {"contexts": [], "checks": []}},
        "protection_url": f"{url}/protection",
    })  # fmt: skip


async def resolve(where: Repository, revision: str) -> str | None:
    """The commit that GitHub means by ``revision``: a sha, a branch, a tag, or ``heads/…``, ``pull/N/head``."""
    for prefix in ("", "refs/", "refs/heads/", "refs/tags/"):
        if sha := await where.git.resolve(prefix + revision):
            return sha
    return None


async def listed(call: Call) -> Answer:
    """The history of a branch, or of one path in it."""
    where = call.repository
    sha = await resolve(where, call.query.get("sha", where.default_branch))
    if sha is None:
        raise not_found()
    paths = (call.query["path"],) if "path" in call.query else ()
    names = await where.git.history(sha, paths=paths)
    found = [await where.git.commit(each) for each in names]
    return call.page([commits.commit_page(call.links, where, each) for each in found])


async def commit(call: Call) -> Answer:
    """One commit with its files."""
    where = call.repository
    sha = await resolve(where, call.params["ref"])
    if sha is None:
        raise unprocessable(f"No commit found for SHA: {call.params['ref']}")
    found = await where.git.commit(sha)
    shown = commits.commit_page(call.links, where, found)
    if found.parents:
        files = await between(where.git, found.parents[0], sha)
        added, removed = sum(each.additions for each in files), sum(each.deletions for each in files)
        shown["stats"] = {"additions": added, "deletions": removed, "total": added + removed}
        shown["files"] = [commits.file_diff(call.links, where, each, sha) for each in files[:COMPARED_FILES]]
    return Answer(200, shown)


async def pulls_with(call: Call) -> Answer:
    """The pull requests that have a commit; open ones have it in their head."""
    where, sha = call.repository, await resolve(call.repository, call.params["commit_sha"])
    if sha is None:
        raise unprocessable(f"No commit found for SHA: {call.params['commit_sha']}")
    found = []
    for each in where.pulls.values():
        base = await where.git.merge_base(each.base_sha, each.head_sha)
        if sha == each.head_sha or sha in await where.git.history(f"{base}..{each.head_sha}"):
            found.append(each)
    return call.page([pulls.listed_pull(call.links, each) for each in found])


async def compare(call: Call) -> Answer:
    """Three-dot comparison; ``owner:branch`` names a fork."""
    base_name, dots, head_name = call.params["basehead"].partition("...")
    where = call.repository
    base, head = await _end(call, base_name), await _end(call, head_name)
    common = await where.git.merge_base(base, head)
    if not dots or common is None:
        raise Refused(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead, behind, files = await asyncio.gather(
        where.git.history(f"{base}..{head}", "--reverse"),
        where.git.history(f"{head}..{base}"),
        between(where.git, common, head),
    )
    states = {(False, False): "identical", (True, False): "ahead", (False, True): "behind", (True, True): "diverged"}
    url, page = f"{call.links.repository(where)}/compare/{base_name}...{head_name}", call.links.page(where)
    size, number = int(call.query.get("per_page", COMPARED_COMMITS)), int(call.query.get("page", "1"))
    shown = ahead[(number - 1) * size : number * size]
    body: JsonObject = {
        "url": url,
        "html_url": f"{page}/compare/{base_name}...{head_name}",
        "permalink_url": f"{page}/compare/{base}...{head}",
        "diff_url": f"{page}/compare/{base_name}...{head_name}.diff",
        "patch_url": f"{page}/compare/{base_name}...{head_name}.patch",
        "base_commit": commits.commit_page(call.links, where, await where.git.commit(base)),
        "merge_base_commit": commits.commit_page(call.links, where, await where.git.commit(common)),
        "status": states[bool(ahead), bool(behind)],
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [commits.commit_page(call.links, where, await where.git.commit(each)) for each in shown],
    }
    if number == 1:
        body["files"] = [commits.file_diff(call.links, where, each, head) for each in files[:COMPARED_FILES]]
    return Answer(200, body)


async def _end(call: Call, name: str) -> str:
    """A revision here or in a repository of the same network, brought here as GitHub's shared store does."""
    where = call.repository
    owner, colon, revision = name.rpartition(":")
    if not colon:
        sha = await resolve(where, name)
        if sha is None:
            raise not_found()
        return sha
    for each in call.world.network(where):
        if each.owner.login.lower() == owner.partition(":")[0].lower():
            sha = await resolve(each, revision)
            if sha is not None and each is not where:
                await where.git.run("fetch", "--quiet", "--no-tags", str(each.git.path), sha)
            if sha is not None:
                return sha
    raise not_found()


async def tarball(call: Call) -> Answer:
    """A redirect to the archive; its address ends after five minutes."""
    where = call.repository
    sha = await resolve(where, call.params["ref"])
    if sha is None:
        raise not_found()
    until = int(call.world.clock.now().timestamp()) + ARCHIVE_LIFE
    token = call.access.archive_token(where.id, sha, until)
    return Answer(302, headers={"Location": f"{call.links.root}/codeload/{where.id}/{sha}?until={until}&token={token}"})


METADATA = (Need("metadata", "read"),)
CONTENTS = (Need("contents", "read"),)

ROUTES = (
    Route("GET", "/repos/{owner}/{repo}", repository, METADATA),
    Route("GET", "/repos/{owner}/{repo}/branches", branches, CONTENTS),
    Route("GET", "/repos/{owner}/{repo}/branches/{branch}", branch, CONTENTS),
    Route("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", permission, METADATA),
    Route("GET", "/repos/{owner}/{repo}/commits", listed, CONTENTS),
    Route("GET", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls", pulls_with, (Need("pull_requests", "read"),)),
    Route("GET", "/repos/{owner}/{repo}/commits/{ref}", commit, CONTENTS),
    Route("GET", "/repos/{owner}/{repo}/compare/{basehead}", compare, CONTENTS),
    Route("GET", "/repos/{owner}/{repo}/tarball/{ref}", tarball, CONTENTS),
)
