"""Files of a repository by path."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import quote

from tests.github_simulator.access import Need
from tests.github_simulator.call import Answer, Call, Route
from tests.github_simulator.git_repository import Person, TreeEntry
from tests.github_simulator.git_writing import Change, commit_files
from tests.github_simulator.json_value import JsonObject, as_text
from tests.github_simulator.refusal import Refused, not_found, unprocessable
from tests.github_simulator.routes.repositories import resolve
from tests.github_simulator.shapes import commits

SMALL = 1024 * 1024  # bytes of a file whose content is in the JSON; beyond, only the raw media type has it
LARGE = 100 * 1024 * 1024
DIRECTORY = 1000  # entries at most


async def read(call: Call) -> Answer:
    """A file, a directory, a symlink or a submodule at a revision."""
    where, path = call.repository, call.params["path"].strip("/")
    sha = await resolve(where, call.query.get("ref", where.default_branch))
    if sha is None:
        raise Refused(404, f"No commit found for the ref {call.query.get('ref', where.default_branch)}")
    if folder := await where.git.at(sha, path, "tree"):
        entries = await where.git.tree(folder, recursive=False)
        prefix = f"{path}/" if path else ""
        return Answer(200, [_entry(call, each, prefix + each.path, sha) for each in entries[:DIRECTORY]])
    parent, _, name = path.rpartition("/")
    if not (above := await where.git.at(sha, parent, "tree")):
        raise not_found()
    siblings = await where.git.tree(above, recursive=False)
    found = next((each for each in siblings if each.path == name), None)
    if found is None:
        raise not_found()
    return await _file(call, found, path, sha)


async def _file(call: Call, found: TreeEntry, path: str, sha: str) -> Answer:
    shown = _entry(call, found, path, sha)
    if found.kind == "commit":
        return Answer(200, {**shown, "type": "submodule", "submodule_git_url": ""})
    if (found.size or 0) > LARGE:
        raise Refused(403, "This API returns blobs up to 100 MB in size.")
    content = await call.repository.git.blob(found.sha)
    if call.wants("raw"):
        return Answer(200, headers={"Content-Type": "application/vnd.github.raw"}, raw=content)
    if found.mode == "120000":
        return Answer(200, {**shown, "target": content.decode(errors="replace")})
    if len(content) > SMALL:
        return Answer(200, {**shown, "encoding": "none", "content": ""})
    return Answer(200, {**shown, "encoding": "base64", "content": base64.encodebytes(content).decode()})


def _entry(call: Call, entry: TreeEntry, path: str, sha: str) -> JsonObject:
    where = call.repository
    url = f"{call.links.repository(where)}/contents/{quote(path)}?ref={sha}"
    page = f"{call.links.page(where)}/blob/{sha}/{quote(path)}"
    git = f"{call.links.repository(where)}/git/{entry.kind}s/{entry.sha}"
    # In the version of 2022-11-28 a submodule in a listing is called a file.
    kinds = {"tree": "dir", "blob": "symlink" if entry.mode == "120000" else "file", "commit": "file"}
    return {
        "type": kinds[entry.kind],
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.sha,
        "size": entry.size or 0,
        "url": url,
        "html_url": page,
        "git_url": git,
        "download_url": None if entry.kind != "blob" else f"{call.links.page(where)}/raw/{sha}/{quote(path)}",
        "_links": {"self": url, "git": git, "html": page},
    }


async def write(call: Call) -> Answer:
    """Create or update one file by a commit; ``sha`` must be the blob that is replaced."""
    where, path = call.repository, call.params["path"].strip("/")
    name = as_text(call.body.get("branch", where.default_branch))
    head = await where.git.resolve(f"refs/heads/{name}")
    if head is None:
        raise Refused(404, f"Branch {name} not found")
    before = await where.git.at(head, path, "blob")
    given = call.body.get("sha")
    if before is not None and given is None:
        raise unprocessable('Invalid request.\n\n"sha" wasn\'t supplied.')
    if given != before:
        raise Refused(409, f"{path} does not match {given}")
    try:
        content = base64.b64decode(as_text(call.body["content"]), validate=True)
    except binascii.Error as wrong:
        raise unprocessable("content is not valid Base64") from wrong
    by = Person(call.account.login, f"{call.account.login}@example.org", int(call.world.clock.now().timestamp()))
    change = Change({path: content}, as_text(call.body["message"]), head, by)
    sha = await commit_files(where.git, f"refs/heads/{name}", change)
    await call.branch_moved(where, name, head, sha)
    entry = next(e for e in await where.git.tree(sha, recursive=True) if e.path == path)
    made = commits.git_commit(call.links, where, await where.git.commit(sha))
    return Answer(200 if before else 201, {"content": _entry(call, entry, path, sha), "commit": made})


ROUTES = (
    Route("GET", "/repos/{owner}/{repo}/contents/{path}", read, (Need("contents", "read"),)),
    Route("PUT", "/repos/{owner}/{repo}/contents/{path}", write, (Need("contents", "write"),)),
)
