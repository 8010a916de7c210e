"""The App about itself: installations, tokens, deliveries."""

from __future__ import annotations

import asyncio
import json

from tests.github_simulator.access import AsApp, AsInstallation, AsUser, narrowed
from tests.github_simulator.call import Answer, Call, Route
from tests.github_simulator.clock import stamp
from tests.github_simulator.hooks import Delivery
from tests.github_simulator.json_value import JsonObject, as_list, as_number, as_object, as_text
from tests.github_simulator.refusal import Refused, not_found, unprocessable
from tests.github_simulator.shapes import accounts, repositories
from tests.github_simulator.world import Installation, Permissions, covers


def _only_app(call: Call) -> None:
    if not isinstance(call.actor, AsApp):
        raise Refused(401, "A JSON web token could not be decoded")


async def app(call: Call) -> Answer:
    """``GET /app``."""
    _only_app(call)
    return Answer(200, {**accounts.app(call.links, call.app), "installations_count": len(call.world.installations)})


async def installations(call: Call) -> Answer:
    """``GET /app/installations``, those that are suspended included."""
    _only_app(call)
    return call.page([accounts.installation(call.links, each, call.app) for each in call.world.installations.values()])


def _installation(call: Call) -> Installation:
    _only_app(call)
    found = call.world.installations.get(call.number("installation_id"))
    if found is None:
        raise not_found()
    return found


async def installation(call: Call) -> Answer:
    """``GET /app/installations/{installation_id}``."""
    return Answer(200, accounts.installation(call.links, _installation(call), call.app))


async def installation_of_repository(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/installation``."""
    _only_app(call)
    found = call.world.installation_for(call.repository)
    if found is None:
        raise not_found()
    return Answer(200, accounts.installation(call.links, found, call.app))


async def mint(call: Call) -> Answer:
    """A token for one installation, narrowed to the repositories and permissions that are asked for."""
    which = _installation(call)
    if which.suspended_at is not None:
        raise Refused(403, "This installation has been suspended")
    permissions: Permissions = {"metadata": "read", **which.permissions}
    if asked := as_object(call.body.get("permissions", {})):
        permissions = narrowed(which.permissions, {key: as_text(value) for key, value in asked.items()})
    chosen = _chosen(call, which)
    token, actor = call.access.mint(which, permissions, chosen)
    body: JsonObject = {
        "token": token,
        "expires_at": stamp(actor.expires_at),
        "permissions": dict(permissions),
        "repository_selection": "all" if which.selected is None and chosen is None else "selected",
    }
    if chosen is not None:
        named = sorted(chosen)
        body["repositories"] = [repositories.repository(call.links, call.world.repositories[each]) for each in named]
    return Answer(201, body)


def _chosen(call: Call, which: Installation) -> frozenset[int] | None:
    names = {as_text(each).lower() for each in as_list(call.body.get("repositories", []))}
    ids = {as_number(each) for each in as_list(call.body.get("repository_ids", []))}
    if not names and not ids:
        return None
    within = [each for each in call.world.repositories.values() if covers(which, each)]
    found = {each.id for each in within if each.id in ids or each.name.lower() in names}
    if len(found) != len(ids | {each.id for each in within if each.name.lower() in names}) or len(found) < len(names):
        raise unprocessable(
            "There is at least one repository that does not exist or is not accessible to the parent installation."
        )
    return frozenset(found)


async def visible(call: Call) -> Answer:
    """``GET /installation/repositories``: what the token sees."""
    actor = call.actor
    if not isinstance(actor, AsInstallation):
        raise Refused(403, "You must authenticate with an installation access token in order to list repositories.")
    seen = [repositories.repository(call.links, each) for each in call.world.repositories.values() if actor.sees(each)]
    return call.page(seen, inside="repositories")


async def revoke(call: Call) -> Answer:
    """``DELETE /installation/token``."""
    call.access.revoke(call.headers)
    return Answer(204)


async def hook_config(call: Call) -> Answer:
    """``GET /app/hook/config``."""
    _only_app(call)
    shown: JsonObject = {"content_type": "json", "insecure_ssl": "0", "secret": "********"}
    if call.announcer.hooks.url is not None:
        shown["url"] = call.announcer.hooks.url
    return Answer(200, shown)


def _item(delivery: Delivery) -> JsonObject:
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": delivery.delivered_at.isoformat().replace("+00:00", "Z"),
        "redelivery": delivery.redelivery,
        "duration": delivery.duration,
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.installation_id,
        "repository_id": delivery.repository_id,
        "throttled_at": None,
    }


async def deliveries(call: Call) -> Answer:
    """The log, newest first, with a cursor instead of pages."""
    _only_app(call)
    log = call.announcer.hooks.log()
    if wanted := call.query.get("status"):
        log = [each for each in log if (each.status == "OK") == (wanted == "success")]
    if cursor := call.query.get("cursor"):
        log = [each for each in log if f"v1_{each.id}" <= cursor]
    size = min(int(call.query.get("per_page", "30")), 100)
    headers = {}
    if len(log) > size:
        following = f"{call.url}?per_page={size}&cursor=v1_{log[size].id}"
        headers["Link"] = f'<{following}>; rel="next"'
    return Answer(200, [_item(each) for each in log[:size]], headers)


def _delivery(call: Call) -> Delivery:
    _only_app(call)
    wanted = call.number("delivery_id")
    found = next((each for each in call.announcer.hooks.log() if each.id == wanted), None)
    if found is None:
        raise not_found()
    return found


async def delivery(call: Call) -> Answer:
    """One attempt with all that was said."""
    which = _delivery(call)
    request: JsonObject = {"headers": dict(which.headers), "payload": as_object(json.loads(which.payload))}
    response: JsonObject = {"headers": {}, "payload": which.answer}
    return Answer(200, {**_item(which), "request": request, "response": response})


async def redeliver(call: Call) -> Answer:
    """Send it again, after this answer."""
    which = _delivery(call)

    async def again() -> None:
        await asyncio.sleep(0)
        await call.announcer.hooks.redeliver(which)

    call.announcer.hooks.later(again())
    return Answer(202, {})


async def me(call: Call) -> Answer:
    """``GET /user``: only people are users."""
    if not isinstance(call.actor, AsUser):
        raise Refused(403, "Resource not accessible by integration")
    return Answer(200, accounts.profile(call.links, call.actor.account))


async def user(call: Call) -> Answer:
    """``GET /users/{username}``."""
    found = call.world.accounts.get(call.params["username"].lower())
    if found is None:
        raise not_found()
    return Answer(200, accounts.profile(call.links, found))


async def rate_limit(call: Call) -> Answer:
    """``GET /rate_limit``: free of charge."""
    return Answer(200, call.limits.overview(call.actor))


async def convert_manifest(call: Call) -> Answer:
    """The end of the manifest flow; a code is good once."""
    if call.params["code"] not in call.world.manifest_codes:
        raise not_found()
    call.world.manifest_codes.remove(call.params["code"])
    shown = accounts.app(call.links, call.app)
    secrets: JsonObject = {
        "client_secret": "c" * 40,
        "webhook_secret": call.app.webhook_secret,
        "pem": call.app.private_key,
    }
    return Answer(201, {**shown, **secrets})


ROUTES = (
    Route("GET", "/app", app),
    Route("POST", "/app-manifests/{code}/conversions", convert_manifest),
    Route("GET", "/app/hook/config", hook_config),
    Route("GET", "/app/hook/deliveries", deliveries),
    Route("GET", "/app/hook/deliveries/{delivery_id}", delivery),
    Route("POST", "/app/hook/deliveries/{delivery_id}/attempts", redeliver),
    Route("GET", "/app/installations", installations),
    Route("GET", "/app/installations/{installation_id}", installation),
    Route("POST", "/app/installations/{installation_id}/access_tokens", mint),
    Route("GET", "/installation/repositories", visible),
    Route("DELETE", "/installation/token", revoke),
    Route("GET", "/rate_limit", rate_limit),
    Route("GET", "/repos/{owner}/{repo}/installation", installation_of_repository),
    Route("GET", "/user", me),
    Route("GET", "/users/{username}", user),
)
