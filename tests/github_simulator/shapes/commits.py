"""Commits, trees, refs and diffs as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from tests.github_simulator.clock import stamp
from tests.github_simulator.diff import FileDiff
from tests.github_simulator.git_repository import Commit, Person, TreeEntry
from tests.github_simulator.json_value import JsonObject
from tests.github_simulator.shapes.links import Links, node_id
from tests.github_simulator.world import Repository

UNVERIFIED: JsonObject = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}


def _moment(person: Person) -> str:
    return stamp(datetime.fromtimestamp(person.seconds, UTC))


def _person(person: Person) -> JsonObject:
    return {"name": person.name, "email": person.email, "date": _moment(person)}


def _tree(links: Links, repository: Repository, sha: str) -> JsonObject:
    return {"sha": sha, "url": f"{links.repository(repository)}/git/trees/{sha}"}


def git_commit(links: Links, repository: Repository, commit: Commit) -> JsonObject:
    """A commit object, as the git database says."""
    url, page = f"{links.repository(repository)}/git/commits", f"{links.page(repository)}/commit"
    return {
        "sha": commit.sha,
        "node_id": node_id("C", int(commit.sha[:12], 16)),
        "url": f"{url}/{commit.sha}",
        "html_url": f"{page}/{commit.sha}",
        "author": _person(commit.author),
        "committer": _person(commit.committer),
        "message": commit.message,
        "tree": _tree(links, repository, commit.tree),
        "parents": [{"sha": p, "url": f"{url}/{p}", "html_url": f"{page}/{p}"} for p in commit.parents],
        "verification": UNVERIFIED,
    }


def commit_page(links: Links, repository: Repository, commit: Commit) -> JsonObject:
    """A commit, as the commits API says."""
    url, page = f"{links.repository(repository)}/commits", f"{links.page(repository)}/commit"
    return {
        "sha": commit.sha,
        "node_id": node_id("C", int(commit.sha[:12], 16)),
        "url": f"{url}/{commit.sha}",
        "html_url": f"{page}/{commit.sha}",
        "comments_url": f"{url}/{commit.sha}/comments",
        "author": None,  # nobody's account has the address of a test commit
        "committer": None,
        "commit": {
            "author": _person(commit.author),
            "committer": _person(commit.committer),
            "message": commit.message,
            "tree": _tree(links, repository, commit.tree),
            "url": f"{links.repository(repository)}/git/commits/{commit.sha}",
            "comment_count": 0,
            "verification": UNVERIFIED,
        },
        "parents": [{"sha": p, "url": f"{url}/{p}", "html_url": f"{page}/{p}"} for p in commit.parents],
    }


def head_commit(commit: Commit) -> JsonObject:
    """A commit as it stands in deliveries."""
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "message": commit.message,
        "timestamp": _moment(commit.committer),
        "author": {"name": commit.author.name, "email": commit.author.email},
        "committer": {"name": commit.committer.name, "email": commit.committer.email},
    }


def tree_entry(links: Links, repository: Repository, entry: TreeEntry) -> JsonObject:
    """One entry of a tree; commits (submodules) have no address."""
    shown: JsonObject = {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.sha}
    if entry.size is not None:
        shown["size"] = entry.size
    if entry.kind != "commit":
        shown["url"] = f"{links.repository(repository)}/git/{entry.kind}s/{entry.sha}"
    return shown


def ref(links: Links, repository: Repository, name: str, sha: str) -> JsonObject:
    """A ref that points to a commit."""
    url = f"{links.repository(repository)}/git"
    return {
        "ref": name,
        "node_id": node_id("REF", repository.id),
        "url": f"{url}/{name}",
        "object": {"type": "commit", "sha": sha, "url": f"{url}/commits/{sha}"},
    }


def file_diff(links: Links, repository: Repository, diff: FileDiff, sha: str) -> JsonObject:
    """One file of a diff; the key ``patch`` is missing where there is none."""
    name = quote(diff.path)
    shown: JsonObject = {
        "sha": diff.sha,
        "filename": diff.path,
        "status": diff.status,
        "additions": diff.additions,
        "deletions": diff.deletions,
        "changes": diff.additions + diff.deletions,
        "blob_url": f"{links.page(repository)}/blob/{sha}/{name}",
        "raw_url": f"{links.page(repository)}/raw/{sha}/{name}",
        "contents_url": f"{links.repository(repository)}/contents/{name}?ref={sha}",
    }
    if diff.patch is not None:
        shown["patch"] = diff.patch
    if diff.previous is not None:
        shown["previous_filename"] = diff.previous
    return shown
