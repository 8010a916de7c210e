"""The git database: blobs, trees, commits, refs."""

from __future__ import annotations

import base64
import binascii

from tests.github_simulator.access import Need
from tests.github_simulator.call import Answer, Call, Route
from tests.github_simulator.git_repository import GitFailed, Person
from tests.github_simulator.git_writing import TreeChange, delete_ref, set_ref, write_blob, write_commit, write_tree
from tests.github_simulator.json_value import JsonObject, JsonValue, as_list, as_object, as_text
from tests.github_simulator.refusal import Refused, not_found, unprocessable
from tests.github_simulator.shapes import commits

BLOB_LIMIT = 100 * 1024 * 1024
TREE_ENTRIES = 100_000
MODES = {"100644": "blob", "100755": "blob", "120000": "blob", "040000": "tree", "160000": "commit"}


async def blob(call: Call) -> Answer:
    """A blob, in Base64 or raw."""
    where, sha = call.repository, call.params["file_sha"]
    if len(sha) != 40 or await where.git.kind(sha) != "blob":
        raise not_found()
    content = await where.git.blob(sha)
    if len(content) > BLOB_LIMIT:
        raise Refused(403, "This API returns blobs up to 100 MB in size.")
    if call.wants("raw"):
        return Answer(200, headers={"Content-Type": "application/vnd.github.raw; charset=utf-8"}, raw=content)
    return Answer(200, {
        **_short_blob(call, sha),
        "node_id": f"B_{sha}",
        "size": len(content),
        "encoding": "base64",
        "content": base64.encodebytes(content).decode(),
    })  # fmt: skip


def _short_blob(call: Call, sha: str) -> JsonObject:
    return {"sha": sha, "url": f"{call.links.repository(call.repository)}/git/blobs/{sha}"}


async def create_blob(call: Call) -> Answer:
    """Store a blob."""
    text = as_text(call.body["content"])
    try:
        base64_given = call.body.get("encoding") == "base64"
        content = base64.b64decode(text, validate=True) if base64_given else text.encode()
    except binascii.Error as wrong:
        raise unprocessable("content is not valid Base64") from wrong
    return Answer(201, _short_blob(call, await write_blob(call.repository.git, content)))


async def tree(call: Call) -> Answer:
    """A tree by its sha or by a revision; ``recursive`` counts whatever its value, even 0."""
    where = call.repository
    sha = await where.git.resolve(call.params["tree_sha"], "tree")
    if sha is None:
        raise not_found()
    entries = await where.git.tree(sha, recursive="recursive" in call.query)
    return Answer(200, {
        "sha": sha,
        "url": f"{call.links.repository(where)}/git/trees/{sha}",
        "tree": [commits.tree_entry(call.links, where, each) for each in entries[: where.tree_limit]],
        "truncated": len(entries) > where.tree_limit,
    })  # fmt: skip


async def create_tree(call: Call) -> Answer:
    """Store a tree: ``base_tree`` with some entries changed; an entry with ``sha: null`` goes."""
    where = call.repository
    start = None
    if "base_tree" in call.body:
        start = await where.git.resolve(as_text(call.body["base_tree"]), "tree")
        if start is None:
            raise unprocessable("base_tree is not a valid tree oid")
    changes = [await _change(call, as_object(each)) for each in as_list(call.body["tree"])]
    try:
        sha = await write_tree(where.git, start, changes)
    except GitFailed as wrong:
        raise unprocessable("GitRPC::BadObjectState") from wrong
    entries = await where.git.tree(sha, recursive=False)
    shown: list[JsonValue] = [commits.tree_entry(call.links, where, each) for each in entries]
    url = f"{call.links.repository(where)}/git/trees/{sha}"
    return Answer(201, {"sha": sha, "url": url, "tree": shown, "truncated": False})


async def _change(call: Call, entry: JsonObject) -> TreeChange:
    path, mode = as_text(entry.get("path")), as_text(entry.get("mode", "100644"))
    if path.startswith("/") or ".." in path.split("/"):
        raise unprocessable("tree.path contains a malformed path component")
    if "content" in entry:
        if "sha" in entry:
            raise unprocessable("tree.sha and tree.content cannot both be given")
        return TreeChange(mode, path, await write_blob(call.repository.git, as_text(entry["content"]).encode()))
    sha = entry.get("sha")
    if sha is None:
        return TreeChange(mode, path, None)
    if mode != "160000" and await call.repository.git.kind(as_text(sha)) != MODES[mode]:
        raise unprocessable(f"tree.sha {sha} is not a valid {MODES[mode]}")
    return TreeChange(mode, path, as_text(sha))


async def commit(call: Call) -> Answer:
    """A commit object."""
    where = call.repository
    sha = await where.git.resolve(call.params["commit_sha"])
    if sha is None:
        raise not_found()
    return Answer(200, commits.git_commit(call.links, where, await where.git.commit(sha)))


async def create_commit(call: Call) -> Answer:
    """Store a commit; no branch moves."""
    where = call.repository
    tree_sha = await where.git.resolve(as_text(call.body["tree"]), "tree")
    if tree_sha is None:
        raise unprocessable("Tree SHA does not exist")
    parents = [as_text(each) for each in as_list(call.body.get("parents", []))]
    for each in parents:
        if await where.git.resolve(each) != each:
            raise unprocessable("Parent SHA does not exist or is not a commit object")
    now = int(call.world.clock.now().timestamp())
    author = as_object(call.body.get("author", {}))
    name = as_text(author.get("name", call.account.login))
    by = Person(name, as_text(author.get("email", f"{call.account.login}@example.org")), now)
    sha = await write_commit(where.git, tree_sha, parents, as_text(call.body["message"]), by)
    return Answer(201, commits.git_commit(call.links, where, await where.git.commit(sha)))


async def ref(call: Call) -> Answer:
    """One ref, by its full name without ``refs/``."""
    name = f"refs/{call.params['ref']}"
    found = await call.repository.git.refs(name)
    if name not in found:
        raise not_found()
    return Answer(200, commits.ref(call.links, call.repository, name, found[name]))


async def matching_refs(call: Call) -> Answer:
    """All refs that begin so."""
    found = await call.repository.git.refs(f"refs/{call.params['ref']}")
    return Answer(200, [commits.ref(call.links, call.repository, *each) for each in found.items()])


async def create_ref(call: Call) -> Answer:
    """A new branch or tag."""
    where, name, sha = call.repository, as_text(call.body["ref"]), as_text(call.body["sha"])
    if name.count("/") < 2 or not name.startswith("refs/"):
        raise unprocessable("Reference name must start with 'refs/' and contain at least two slashes.")
    if name in await where.git.refs(name):
        raise unprocessable("Reference already exists")
    if await where.git.resolve(sha) != sha:
        raise unprocessable("Object does not exist")
    try:
        await set_ref(where.git, name, sha)
    except GitFailed as wrong:
        raise unprocessable("Reference name is not valid") from wrong
    await call.branch_moved(where, name.removeprefix("refs/heads/"), None, sha)
    return Answer(201, commits.ref(call.links, where, name, sha))


async def update_ref(call: Call) -> Answer:
    """Move a ref; backwards or sideways only with ``force``."""
    where, name, sha = call.repository, f"refs/{call.params['ref']}", as_text(call.body["sha"])
    before = (await where.git.refs(name)).get(name)
    if before is None:
        raise unprocessable("Reference does not exist")
    if await where.git.resolve(sha) != sha:
        raise unprocessable("Object does not exist")
    if call.body.get("force") is not True and not await where.git.contains(sha, before):
        raise unprocessable("Update is not a fast forward")
    await set_ref(where.git, name, sha)
    await call.branch_moved(where, name.removeprefix("refs/heads/"), before, sha)
    return Answer(200, commits.ref(call.links, where, name, sha))


async def remove_ref(call: Call) -> Answer:
    """Delete a ref."""
    name = f"refs/{call.params['ref']}"
    if name not in await call.repository.git.refs(name):
        raise unprocessable("Reference does not exist")
    await delete_ref(call.repository.git, name)
    return Answer(204)


READ, WRITE = (Need("contents", "read"),), (Need("contents", "write"),)
GIT = "/repos/{owner}/{repo}/git"

ROUTES = (
    Route("POST", f"{GIT}/blobs", create_blob, WRITE),
    Route("GET", f"{GIT}/blobs/{{file_sha}}", blob, READ),
    Route("POST", f"{GIT}/commits", create_commit, WRITE),
    Route("GET", f"{GIT}/commits/{{commit_sha}}", commit, READ),
    Route("GET", f"{GIT}/matching-refs/{{ref}}", matching_refs, READ),
    Route("GET", f"{GIT}/ref/{{ref}}", ref, READ),
    Route("POST", f"{GIT}/refs", create_ref, WRITE),
    Route("PATCH", f"{GIT}/refs/{{ref}}", update_ref, WRITE),
    Route("DELETE", f"{GIT}/refs/{{ref}}", remove_ref, WRITE),
    Route("POST", f"{GIT}/trees", create_tree, WRITE),
    Route("GET", f"{GIT}/trees/{{tree_sha}}", tree, READ),
)
