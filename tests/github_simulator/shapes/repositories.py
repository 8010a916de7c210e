"""Repositories as JSON."""

from __future__ import annotations

from tests.github_simulator.clock import stamp
from tests.github_simulator.json_value import JsonObject
from tests.github_simulator.shapes.accounts import account
from tests.github_simulator.shapes.links import Links, node_id
from tests.github_simulator.world import Repository

# What follows the address of a repository in each of its templates.
TEMPLATES = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
COUNTS = ("forks", "forks_count", "stargazers_count", "watchers", "watchers_count")
FLAGS = ("has_discussions", "has_pages", "has_wiki", "has_projects", "has_downloads", "disabled", "is_template")


def repository(links: Links, which: Repository) -> JsonObject:
    """A repository as it stands in lists, pull requests and deliveries."""
    url, page = links.repository(which), links.page(which)
    host = links.root.partition("://")[2]
    # GitHub counts pull requests among the issues.
    numbers = {number for number, each in which.issues.items() if each.state == "open"}
    numbers |= {number for number, each in which.pulls.items() if each.issue.state == "open"}
    counts: JsonObject = {
        **dict.fromkeys(COUNTS, 0),
        **dict.fromkeys(("open_issues", "open_issues_count"), len(numbers)),
    }
    lacks: JsonObject = dict.fromkeys(FLAGS, False)
    return {
        "id": which.id,
        "node_id": node_id("R", which.id),
        "name": which.name,
        "full_name": which.full_name,
        "private": which.private,
        "visibility": "private" if which.private else "public",
        "owner": account(links, which.owner),
        "description": None,
        "homepage": None,
        "language": None,
        "license": None,
        "mirror_url": None,
        "fork": which.fork_of is not None,
        "archived": which.archived,
        "default_branch": which.default_branch,
        "topics": [],
        "size": 0,
        "allow_forking": True,
        "web_commit_signoff_required": False,
        "has_issues": True,
        "created_at": stamp(which.created_at),
        "updated_at": stamp(which.created_at),
        "pushed_at": stamp(which.created_at),
        "url": url,
        "html_url": page,
        "clone_url": f"{page}.git",
        "svn_url": page,
        "git_url": f"git://{host}/{which.full_name}.git",
        "ssh_url": f"git@{host}:{which.full_name}.git",
        **counts,
        **lacks,
        **{key: url + part for key, part in TEMPLATES.items()},
    }


def whole_repository(links: Links, which: Repository) -> JsonObject:
    """A repository as ``GET /repos/{owner}/{repo}`` says: with its parent."""
    body: JsonObject = {**repository(links, which), "network_count": 0, "subscribers_count": 0}
    if which.fork_of is not None:
        body["parent"] = body["source"] = repository(links, which.fork_of)
    return body


def short_repository(which: Repository) -> JsonObject:
    """The few words of a repository in deliveries of installations."""
    return {
        "id": which.id,
        "node_id": node_id("R", which.id),
        "name": which.name,
        "full_name": which.full_name,
        "private": which.private,
    }
