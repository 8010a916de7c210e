"""Accounts, the App and installations as JSON."""

from __future__ import annotations

from tests.github_simulator.clock import stamp
from tests.github_simulator.json_value import JsonObject
from tests.github_simulator.people import Account, Role
from tests.github_simulator.shapes.links import Links, node_id
from tests.github_simulator.world import App, Installation

PARTS = (
    ("followers_url", "/followers"),
    ("following_url", "/following{/other_user}"),
    ("gists_url", "/gists{/gist_id}"),
    ("starred_url", "/starred{/owner}{/repo}"),
    ("subscriptions_url", "/subscriptions"),
    ("organizations_url", "/orgs"),
    ("repos_url", "/repos"),
    ("events_url", "/events{/privacy}"),
    ("received_events_url", "/received_events"),
)


def account(links: Links, who: Account) -> JsonObject:
    """An account as it stands inside other things."""
    url = f"{links.api}/users/{who.login}"
    return {
        "login": who.login,
        "id": who.id,
        "node_id": node_id({"Organization": "O", "Bot": "BOT"}.get(who.kind, "U"), who.id),
        "avatar_url": f"{links.root}/avatars/{who.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{links.root}/{who.login}",
        "type": who.kind,
        "site_admin": False,
        **{key: url + part for key, part in PARTS},
    }


def profile(links: Links, who: Account) -> JsonObject:
    """An account as its own page says."""
    blank: JsonObject = dict.fromkeys(("name", "company", "blog", "location", "email", "hireable", "bio"))
    counts: JsonObject = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    dates: JsonObject = {"created_at": "2015-01-01T00:00:00Z", "updated_at": "2015-01-01T00:00:00Z"}
    return {**account(links, who), **blank, **counts, **dates}


def collaborator(links: Links, who: Account, role: Role) -> JsonObject:
    """What an account may do, in the four old words and by the role's own name."""
    return {
        "permission": role.legacy,
        "role_name": role.value,
        "user": {**account(links, who), "role_name": role.value, "permissions": flags(role)},
    }


def flags(role: Role) -> JsonObject:
    """The five flags of a role."""
    words = (("pull", Role.READ), ("triage", Role.TRIAGE), ("push", Role.WRITE), ("maintain", Role.MAINTAIN))
    return {**{word: role.at_least(least) for word, least in words}, "admin": role is Role.ADMIN}


def app(links: Links, which: App) -> JsonObject:
    """The App as in ``GET /app`` and inside check runs."""
    return {
        "id": which.id,
        "slug": which.slug,
        "node_id": node_id("A", which.id),
        "client_id": f"Iv1.{which.id:016x}",
        "owner": account(links, which.owner),
        "name": which.name,
        "description": "",
        "external_url": "https://fluxbot.example.org",
        "html_url": f"{links.root}/apps/{which.slug}",
        "created_at": stamp(which.created_at),
        "updated_at": stamp(which.created_at),
        "permissions": dict(which.permissions),
        "events": list(which.events),
    }


def installation(links: Links, which: Installation, of: App) -> JsonObject:
    """An installation."""
    return {
        "id": which.id,
        "account": account(links, which.account),
        "access_tokens_url": f"{links.api}/app/installations/{which.id}/access_tokens",
        "repositories_url": f"{links.api}/installation/repositories",
        "html_url": f"{links.root}/organizations/{which.account.login}/settings/installations/{which.id}",
        "repository_selection": "all" if which.selected is None else "selected",
        "app_id": of.id,
        "app_slug": of.slug,
        "target_id": which.account.id,
        "target_type": which.account.kind,
        "permissions": dict(which.permissions),
        "events": list(which.events),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "created_at": stamp(which.created_at),
        "updated_at": stamp(which.created_at),
        "suspended_by": None if which.suspended_at is None else account(links, which.account),
        "suspended_at": None if which.suspended_at is None else stamp(which.suspended_at),
    }
