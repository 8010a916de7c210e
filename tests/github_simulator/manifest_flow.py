"""GitHub's pages of the manifest flow: the form that a manifest is posted to, and the button that makes the App."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from tests.github_simulator.hooks import Hooks
from tests.github_simulator.json_value import JsonObject, as_list, as_object, as_text
from tests.github_simulator.world import LEVELS, World

# docs, "Registering a GitHub App from a manifest", and the schema that the form holds the manifest against.
_KEYS: Final = frozenset({
    "name", "url", "hook_attributes", "redirect_url", "callback_urls", "setup_url", "description", "public",
    "default_events", "default_permissions", "request_oauth_on_install", "setup_on_update",
})  # fmt: skip
_EVENT_NEEDS: Final = {
    "pull_request": "pull_requests",
    "issue_comment": "issues",
    "check_run": "checks",
    "check_suite": "checks",
    "merge_group": "merge_queues",
    "repository": "metadata",
}
_LONGEST_NAME: Final = 34


@dataclass(slots=True)
class ManifestFlow:
    """The App is what the last manifest says, from the moment its person confirms it."""

    world: World
    hooks: Hooks
    problems: list[str]
    _asked: dict[str, tuple[JsonObject, str]] = field(default_factory=dict)

    def add_to(self, application: web.Application) -> None:
        """Serve the pages."""
        application.router.add_post("/settings/apps/new", self._form)
        application.router.add_post("/organizations/{organization}/settings/apps/new", self._form)
        application.router.add_post("/settings/apps", self._confirmed)

    async def _form(self, request: web.Request) -> web.Response:
        """The page on which a person confirms, or GitHub's words for what is wrong with the manifest."""
        sent = await request.post()
        manifest = as_object(json.loads(str(sent.get("manifest", "null"))))
        if wrong := _wrong(manifest):
            self.problems.append(f"POST {request.path}: {wrong}")
            return web.Response(status=422, text=f"Invalid GitHub App configuration: {wrong}")
        ticket = f"ticket-{self.world.next_id()}"
        self._asked[ticket] = (manifest, request.query.get("state", ""))
        name = html.escape(as_text(manifest["name"]))
        owner = html.escape(request.match_info.get("organization", self.world.app.owner.login))
        page = (
            f"<!doctype html><title>Create GitHub App</title><h1>Create GitHub App {name}</h1>"
            f'<form method="post" action="/settings/apps"><input type="hidden" name="ticket" value="{ticket}">'
            f"<button>Create GitHub App for {owner}</button></form>"
        )
        return web.Response(text=page, content_type="text/html")

    async def _confirmed(self, request: web.Request) -> web.Response:
        """Make the App, and send the browser back with a code; a webhook's first delivery is a ping."""
        sent = await request.post()
        manifest, state = self._asked.pop(str(sent.get("ticket", "")))
        app = self.world.app
        app.name = as_text(manifest["name"])
        app.slug = app.name.lower().replace(" ", "-")
        app.permissions = {key: as_text(value) for key, value in as_object(manifest["default_permissions"]).items()}
        app.events = tuple(as_text(each) for each in as_list(manifest["default_events"]))
        self.hooks.url = as_text(as_object(manifest["hook_attributes"])["url"])
        await self.hooks.send("ping", {"zen": "Speak like a human.", "hook_id": app.id})
        code = f"code-{self.world.next_id()}"
        self.world.manifest_codes.add(code)
        back = f"{as_text(manifest['redirect_url'])}?{urlencode({'code': code, 'state': state})}"
        return web.Response(status=302, headers={"Location": back})


def _wrong(manifest: JsonObject) -> str | None:
    if unknown := sorted(manifest.keys() - _KEYS):
        return f"{unknown[0]} is no key"
    for key in ("url", "redirect_url"):
        parts = urlsplit(as_text(manifest.get(key, "")))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return f"{key} is no address"
    if not 1 <= len(as_text(manifest.get("name", ""))) <= _LONGEST_NAME:
        return "Name is too long or missing"
    permissions = {key: as_text(value) for key, value in as_object(manifest.get("default_permissions", {})).items()}
    if level := next((each for each in permissions.values() if each not in LEVELS), None):
        return f"{level} is no level"
    for event in (as_text(each) for each in as_list(manifest.get("default_events", []))):
        if _EVENT_NEEDS.get(event) not in permissions:
            return f"Default events are not supported by permissions: {event}"
    return None
