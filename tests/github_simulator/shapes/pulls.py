"""Pull requests and issues as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from tests.github_simulator.clock import stamp
from tests.github_simulator.conversation import Issue, Pull
from tests.github_simulator.json_value import JsonObject, JsonValue
from tests.github_simulator.people import Account
from tests.github_simulator.shapes.accounts import account
from tests.github_simulator.shapes.links import Links, node_id
from tests.github_simulator.shapes.repositories import repository
from tests.github_simulator.world import Repository


@dataclass(frozen=True, slots=True)
class Size:
    """How much a pull request changes."""

    commits: int
    files: int
    additions: int
    deletions: int


def association(where: Repository, who: Account) -> str:
    """GitHub's author_association. As on GitHub it is no measure of rights: a maintainer is CONTRIBUTOR."""
    if who.id == where.owner.id:
        return "OWNER"
    return "CONTRIBUTOR" if who.id in where.roles else "NONE"


def listed_pull(links: Links, pull: Pull) -> JsonObject:
    """A pull request as it stands in lists."""
    url = f"{links.repository(pull.repository)}/pulls/{pull.number}"
    issue_url = f"{links.repository(pull.repository)}/issues/{pull.number}"
    page = f"{links.page(pull.repository)}/pull/{pull.number}"
    addresses: JsonObject = {
        "issue_url": issue_url,
        "comments_url": f"{issue_url}/comments",
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{links.repository(pull.repository)}/pulls/comments{{/number}}",
        "statuses_url": f"{links.repository(pull.repository)}/statuses/{pull.head_sha}",
    }
    return {
        **_texts(links, pull.repository, pull.issue),
        **addresses,
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "url": url,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "merged_at": None if pull.merged_at is None else stamp(pull.merged_at),
        "merge_commit_sha": pull.merge_commit_sha,
        "draft": pull.draft,
        "requested_reviewers": [],
        "requested_teams": [],
        "head": _end(links, pull.head_repository, pull.head_ref, pull.head_sha),
        "base": _end(links, pull.repository, pull.base_ref, pull.base_sha),
        "auto_merge": None,
        "_links": {
            "self": {"href": url},
            "html": {"href": page},
            "issue": {"href": issue_url},
            **{key.removesuffix("_url"): {"href": href} for key, href in addresses.items() if key != "issue_url"},
        },
    }


def pull(links: Links, which: Pull, size: Size) -> JsonObject:
    """A pull request with what only its own page tells."""
    where = which.repository
    return {
        **listed_pull(links, which),
        "merged": which.merged_at is not None,
        "mergeable": which.mergeable,
        "rebaseable": which.mergeable,
        "mergeable_state": {None: "unknown", True: "clean", False: "dirty"}[which.mergeable],
        "merged_by": None if which.merged_by is None else account(links, which.merged_by),
        "comments": sum(each.number == which.number for each in where.comments.values()),
        "review_comments": sum(each.number == which.number for each in where.review_comments.values()),
        "maintainer_can_modify": which.from_fork,
        "commits": size.commits,
        "additions": size.additions,
        "deletions": size.deletions,
        "changed_files": size.files,
    }


def _end(links: Links, where: Repository, branch: str, sha: str) -> JsonObject:
    return {
        "label": f"{where.owner.login}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": account(links, where.owner),
        "repo": repository(links, where),
    }


def _texts(links: Links, where: Repository, which: Issue) -> JsonObject:
    return {
        "number": which.number,
        "state": which.state,
        "locked": False,
        "active_lock_reason": None,
        "title": which.title,
        "body": which.body,
        "user": account(links, which.author),
        "author_association": association(where, which.author),
        "labels": [],
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "created_at": stamp(which.created_at),
        "updated_at": stamp(which.updated_at),
        "closed_at": None if which.closed_at is None else stamp(which.closed_at),
    }


def issue(links: Links, where: Repository, which: Issue) -> JsonObject:
    """An issue; of a pull request it says so by ``pull_request``."""
    url = f"{links.repository(where)}/issues/{which.number}"
    kind = "pull" if which.number in where.pulls else "issues"
    page = f"{links.page(where)}/{kind}/{which.number}"
    shown: JsonObject = {
        **_texts(links, where, which),
        "id": which.id,
        "node_id": node_id("I", which.id),
        "url": url,
        "html_url": page,
        "repository_url": links.repository(where),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "comments": sum(each.number == which.number for each in where.comments.values()),
        "performed_via_github_app": None,
        "state_reason": None,
        "reactions": reactions(f"{url}/reactions", []),
    }
    if (of := where.pulls.get(which.number)) is not None:
        shown["draft"] = of.draft
        shown["pull_request"] = {
            "url": f"{links.repository(where)}/pulls/{which.number}",
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": None if of.merged_at is None else stamp(of.merged_at),
        }
    return shown


def reactions(url: str, contents: list[str]) -> JsonObject:
    """How often each reaction was given."""
    names = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    counts: dict[str, JsonValue] = {name: contents.count(name) for name in names}
    return {"url": url, "total_count": len(contents), **counts}


def short_pull(links: Links, which: Pull) -> JsonObject:
    """A pull request as it stands in check runs and suites."""
    ends: JsonObject = {
        key: {"ref": branch, "sha": sha, "repo": {"id": r.id, "name": r.name, "url": links.repository(r)}}
        for key, branch, sha, r in (
            ("head", which.head_ref, which.head_sha, which.head_repository),
            ("base", which.base_ref, which.base_sha, which.repository),
        )
    }
    url = f"{links.repository(which.repository)}/pulls/{which.number}"
    return {"id": which.id, "number": which.number, "url": url, **ends}
