"""Pull requests."""

from __future__ import annotations

from tests.github_simulator.access import Need
from tests.github_simulator.call import Answer, Call, Route
from tests.github_simulator.conversation import Pull
from tests.github_simulator.diff import between
from tests.github_simulator.json_value import JsonObject, as_text
from tests.github_simulator.opening import Branches, open_pull
from tests.github_simulator.refusal import not_found, unprocessable
from tests.github_simulator.shapes import commits, pulls

FILES = 3000


def the_pull(call: Call) -> Pull:
    """The pull request that the path names."""
    found = call.repository.pulls.get(call.number("pull_number"))
    if found is None:
        raise not_found()
    return found


async def merge_base(pull: Pull) -> str:
    """Where head and base part; the base itself for unrelated histories."""
    return await pull.repository.git.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha


async def pull(call: Call) -> Answer:
    """One pull request. The first reading after a push says ``mergeable: null`` and starts the job that finds out."""
    which = the_pull(call)
    if which.merge_asked and which.mergeable is None and which.state == "open":
        await call.pushes.test_merge(which)
    which.merge_asked = True
    if call.wants("diff"):
        text = await which.repository.git.run("diff", await merge_base(which), which.head_sha)
        return Answer(200, headers={"Content-Type": "application/vnd.github.diff; charset=utf-8"}, raw=text)
    return Answer(200, pulls.pull(call.links, which, await call.announcer.size(which)))


async def listed(call: Call) -> Answer:
    """Pull requests by state, head and base; newest first unless asked otherwise."""
    query = call.query
    state = query.get("state", "open")
    found = [
        each
        for each in call.repository.pulls.values()
        if state in {"all", each.state}
        and query.get("base", each.base_ref) == each.base_ref
        and query.get("head", _label(each)) == _label(each)
    ]
    if query.get("sort") == "updated":
        found.sort(key=lambda each: each.issue.updated_at)
    if query.get("direction", "desc" if query.get("sort", "created") == "created" else "asc") == "desc":
        found.reverse()
    return call.page([pulls.listed_pull(call.links, each) for each in found])


def _label(which: Pull) -> str:
    return f"{which.head_repository.owner.login}:{which.head_ref}"


async def create(call: Call) -> Answer:
    """A pull request between two branches of this repository, or from a fork (``owner:branch``)."""
    where = call.repository
    owner, colon, branch = as_text(call.body["head"]).rpartition(":")
    heads = [e for e in call.world.network(where) if not colon or e.owner.login.lower() == owner.lower()]
    source = where if not colon else (heads[0] if heads else None)
    base = as_text(call.body["base"])
    if source is None or not await source.git.resolve(f"refs/heads/{branch}"):
        raise unprocessable("Validation Failed", {"resource": "PullRequest", "field": "head", "code": "invalid"})
    if not await where.git.resolve(f"refs/heads/{base}"):
        raise unprocessable("Validation Failed", {"resource": "PullRequest", "field": "base", "code": "invalid"})
    if any(each.base_ref == base for each in where.pulls_of(branch, source)):
        raise unprocessable("Validation Failed", {"message": f"A pull request already exists for {owner}:{branch}."})
    made = await open_pull(
        call.pushes, Branches(where, base, source, branch), call.account, as_text(call.body["title"])
    )
    body = call.body.get("body")
    made.issue.body = None if body is None else as_text(body)
    made.draft = call.body.get("draft") is True
    call.announcer.hooks.later(call.announcer.pull("opened", made, call.account))
    return Answer(201, pulls.pull(call.links, made, await call.announcer.size(made)))


async def update(call: Call) -> Answer:
    """Change title, text or state."""
    which, before = the_pull(call), the_pull(call).state
    if "title" in call.body:
        which.issue.title = as_text(call.body["title"])
    if "body" in call.body:
        which.issue.body = as_text(call.body["body"])
    if "state" in call.body:
        which.issue.state = as_text(call.body["state"])
        which.issue.closed_at = call.world.clock.now() if which.state == "closed" else None
    action = "edited"
    if before != which.state:
        action = "closed" if which.state == "closed" else "reopened"
    extra: JsonObject = {"changes": {}} if action == "edited" else {}
    call.announcer.hooks.later(call.announcer.pull(action, which, call.account, extra))
    return Answer(200, pulls.pull(call.links, which, await call.announcer.size(which)))


async def files(call: Call) -> Answer:
    """The files that a pull request changes, by path; 3,000 at most."""
    which = the_pull(call)
    found = await between(which.repository.git, await merge_base(which), which.head_sha)
    shown = [commits.file_diff(call.links, which.repository, each, which.head_sha) for each in found[:FILES]]
    return call.page(shown)


async def commits_of(call: Call) -> Answer:
    """The commits of a pull request, oldest first."""
    which = the_pull(call)
    git = which.repository.git
    names = await git.history(f"{await merge_base(which)}..{which.head_sha}", "--reverse")
    return call.page([commits.commit_page(call.links, which.repository, await git.commit(each)) for each in names])


async def issue(call: Call) -> Answer:
    """An issue; a pull request is one too."""
    found = call.repository.issues.get(call.number("issue_number"))
    if found is None:
        raise not_found()
    return Answer(200, pulls.issue(call.links, call.repository, found))


READ, WRITE = (Need("pull_requests", "read"),), (Need("pull_requests", "write"),)
HERE = "/repos/{owner}/{repo}"

ROUTES = (
    Route("GET", f"{HERE}/pulls", listed, READ),
    Route("POST", f"{HERE}/pulls", create, WRITE),
    Route("GET", f"{HERE}/pulls/{{pull_number}}", pull, READ),
    Route("PATCH", f"{HERE}/pulls/{{pull_number}}", update, WRITE),
    Route("GET", f"{HERE}/pulls/{{pull_number}}/commits", commits_of, READ),
    Route("GET", f"{HERE}/pulls/{{pull_number}}/files", files, READ),
    Route("GET", f"{HERE}/issues/{{issue_number}}", issue, (Need("issues", "read"), *READ)),
)
