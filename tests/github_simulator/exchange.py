"""HTTP in, HTTP out: what every request to the simulator goes through."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import assert_never

from aiohttp import web

from tests.github_simulator import access
from tests.github_simulator.access import Access, Anonymous
from tests.github_simulator.announcer import Announcer
from tests.github_simulator.call import Answer, Call, Route
from tests.github_simulator.description import Match, description
from tests.github_simulator.faults import Answered, Cut, Delayed, Effect, Faults, HtmlPage
from tests.github_simulator.graphql_api import GraphQLApi
from tests.github_simulator.json_value import JsonObject
from tests.github_simulator.limits import Limits
from tests.github_simulator.manifest_flow import ManifestFlow
from tests.github_simulator.refusal import Refused, not_found
from tests.github_simulator.routes import about_app, checks, comments, contents, git_data, pulls, repositories, reviews
from tests.github_simulator.world import Repository, World

API, VERSION = "/api/v3", "2022-11-28"
BODY_LIMIT = 50 * 1024 * 1024
ROUTES: dict[tuple[str, str], Route] = {
    (route.method, route.template): route
    for module in (about_app, checks, comments, contents, git_data, pulls, repositories, reviews)
    for route in module.ROUTES
}


@dataclass(slots=True)
class Exchange:
    """Serves requests; ``counts`` by route, ``problems`` of requests and of the simulator's own answers."""

    world: World
    access: Access
    announcer: Announcer
    limits: Limits
    faults: Faults
    graphql: GraphQLApi
    counts: Counter[str]
    problems: list[str]

    def application(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_get("/codeload/{repository}/{sha}", self._codeload)
        ManifestFlow(self.world, self.announcer.hooks, self.problems).add_to(app)
        app.router.add_route("*", "/{path:.*}", self._serve)
        return app

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        path = request.rel_url.raw_path
        below = path.removeprefix(API) if path.startswith(API + "/") else path.removeprefix("/api")
        await self._noted(request, below)
        effect = self.faults.take(request.method, below)
        if effect is not None and (failed := await self._failed(request, effect)) is not None:
            return failed
        self.limits.in_flight += 1
        try:
            answer = await self._answer(request, path)
        finally:
            self.limits.in_flight -= 1
        if isinstance(effect, Cut):
            return _cut(request)
        if isinstance(effect, Delayed) and effect.after_effect:
            await asyncio.sleep(effect.seconds)
        return answer

    async def _noted(self, request: web.Request, below: str) -> None:
        """Count it for whoever asks, before anything can go wrong."""
        try:
            actor = self.access.actor(request.headers)
        except Refused:
            return
        if below == "/graphql":
            writes = b"mutation" in (await request.read())[:200]
        else:
            writes = request.method not in {"GET", "HEAD"} and not below.endswith("/access_tokens")
        self.limits.arrived(actor, writes=writes)

    async def _failed(self, request: web.Request, effect: Effect) -> web.StreamResponse | None:
        match effect:
            case Answered(status, message, headers):
                return web.json_response({"message": message}, status=status, headers=dict(headers))
            case HtmlPage(status, page):
                return web.Response(text=page, status=status, content_type="application/json")
            case Delayed(seconds, after_effect):
                await asyncio.sleep(0 if after_effect else seconds)
            case Cut(after_effect):
                return None if after_effect else _cut(request)
            case _:
                assert_never(effect)
        return None

    async def _answer(self, request: web.Request, path: str) -> web.StreamResponse:
        try:
            call = self._call(request, await _json(request))
        except Refused as refused:
            return _response(Answer(refused.status, refused.body(), refused.headers), {})
        always = {**self.limits.headers(call.actor), "X-GitHub-Request-Id": f"{self.counts.total():X}"}
        try:
            if path == "/api/graphql":
                answer = await self._graphql(call, request)
            else:
                answer = await self._rest(call, request, path)
        except Refused as refused:
            answer = Answer(refused.status, refused.body(), refused.headers)
        etag = self._etag(request, answer)
        unchanged = etag is not None and request.headers.get("If-None-Match") == etag
        if not unchanged and not path.endswith("/rate_limit"):
            self.limits.count(call.actor)
        always |= self.limits.headers(call.actor)
        if path.startswith(f"{API}/"):
            always |= {"X-GitHub-Api-Version-Selected": VERSION, "X-GitHub-Media-Type": "github.v3; format=json"}
        return _response(answer, always, etag, unchanged=unchanged)

    def _call(self, request: web.Request, body: JsonObject) -> Call:
        if not request.headers.get("User-Agent"):
            raise Refused(403, "Request forbidden by administrative rules. It has no User-Agent header.")
        if request.headers.get("X-GitHub-Api-Version", VERSION) != VERSION:
            raise Refused(400, f"The given X-GitHub-Api-Version is not supported here; only {VERSION} is.")
        actor = self.access.actor(request.headers)
        url = f"{self.announcer.links.root}{request.path}"
        return Call(
            self.world, self.access, self.announcer, self.limits, actor, url, request.headers, {}, request.query, body
        )

    async def _graphql(self, call: Call, request: web.Request) -> Answer:
        self.counts[f"{request.method} /graphql"] += 1
        if request.method != "POST":
            raise not_found()
        if isinstance(call.actor, Anonymous | access.AsApp):
            raise Refused(401, "This endpoint requires you to be authenticated.")
        self.limits.admit(call.actor, "GraphQL")
        return await self.graphql.answer(call)

    async def _rest(self, call: Call, request: web.Request, path: str) -> Answer:
        below = self._by_name(path.removeprefix(API)) if path.startswith(f"{API}/") else ""
        match = description().find(request.method, below)
        if match is None:
            self.counts["unknown"] += 1
            self.problems.append(f"{request.method} {path}: no such operation")
            raise not_found()
        template = match.operation.template
        self.counts[f"{request.method} {template}"] += 1
        if template != "/rate_limit":
            self.limits.admit(call.actor, request.method)
        call.params = match.params
        route = ROUTES[request.method, template]
        if "repo" in match.params:
            moved = self._enter(call, route, below, request)
            if moved is not None:
                return moved
        self._check_request(match, call, request)
        answer = await route.handle(call)
        return self._checked(match, answer)

    def _by_name(self, path: str) -> str:
        """``/repositories/ID/…``, where renamed repositories redirect to, as ``/repos/OWNER/NAME/…``."""
        if not path.startswith("/repositories/"):
            return path
        number, _, rest = path.removeprefix("/repositories/").partition("/")
        found = self.world.repositories.get(int(number)) if number.isdecimal() else None
        if found is None:
            raise not_found()
        return f"/repos/{found.full_name}" + (f"/{rest}" if rest else "")

    def _enter(self, call: Call, route: Route, below: str, request: web.Request) -> Answer | None:
        """Find the repository and let the caller in; a redirect where it has another name now."""
        name = f"{call.params['owner']}/{call.params['repo']}"
        found: Repository | None = self.world.repository(name)
        former = self.world.renamed.get(name.lower())
        if found is None and former is not None:
            rest = "/".join(below.split("/")[4:])
            url = f"{self.announcer.links.api}/repositories/{former}" + (f"/{rest}" if rest else "")
            url += f"?{request.query_string}" if request.query_string else ""
            status, message = (301, "Moved Permanently") if request.method == "GET" else (307, "Temporary Redirect")
            return Answer(status, {"message": message, "url": url, "documentation_url": ""}, {"Location": url})
        if found is None:
            raise not_found()
        call.inside = found
        if route.needs:
            access.check(call.actor, found, route.needs)
        return None

    def _check_request(self, match: Match, call: Call, request: web.Request) -> None:
        body = call.body if request.body_exists else None
        where = f"{request.method} {match.operation.template}"
        if problem := description().request_problem(match, request.query, body):
            self.problems.append(f"{where}: {problem}")
            raise Refused(422, f"Invalid request.\n\n{problem}")
        if problem := description().unknown_names(match, request.query, body):
            self.problems.append(f"{where}: {problem}")

    def _checked(self, match: Match, answer: Answer) -> Answer:
        if answer.raw is None and (problem := description().answer_problem(match, answer.status, answer.body)):
            self.problems.append(f"ANSWER {match.operation.method} {match.operation.template}: {problem}")
            raise Refused(500, "The simulator's own answer is wrong")
        return answer

    def _etag(self, request: web.Request, answer: Answer) -> str | None:
        """The ETag of an answer: another token gets another one, as on GitHub."""
        if request.method != "GET" or answer.status != 200:
            return None
        content = answer.raw if answer.raw is not None else json.dumps(answer.body).encode()
        digest = hashlib.sha256(request.headers.get("Authorization", "").encode() + content).hexdigest()
        return f'W/"{digest}"'

    async def _codeload(self, request: web.Request) -> web.StreamResponse:
        """An archive, streamed; the address says who may have it and until when."""
        self.counts["GET codeload"] += 1
        number, sha, until_text = (
            request.match_info["repository"],
            request.match_info["sha"],
            request.query.get("until", ""),
        )
        where = self.world.repositories.get(int(number)) if number.isdecimal() else None
        until = int(until_text) if until_text.isdecimal() else 0
        if where is None or request.query.get("token") != self.access.archive_token(where.id, sha, until):
            return web.Response(status=404, text="404: Not Found")
        if until < self.world.clock.now().timestamp():
            return web.Response(status=404, text="404: Not Found")
        name = f"{where.owner.login}-{where.name}-{sha[:7]}"
        response = web.StreamResponse(headers={
            "Content-Type": "application/x-gzip",
            "Content-Disposition": f"attachment; filename={name}.tar.gz",
        })  # fmt: skip
        await response.prepare(request)
        async for chunk in where.git.archive(sha, name):
            await response.write(chunk)
        await response.write_eof()
        return response


async def _json(request: web.Request) -> JsonObject:
    raw = await request.read()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError as wrong:
        raise Refused(400, "Problems parsing JSON") from wrong
    if not isinstance(body, dict):
        raise Refused(400, "Body should be a JSON object")
    return body


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=499)


def _response(
    answer: Answer, always: dict[str, str], etag: str | None = None, *, unchanged: bool = False
) -> web.StreamResponse:
    headers = {**always, **answer.headers}
    if etag is not None:
        headers |= {"ETag": etag, "Cache-Control": "private, max-age=60, s-maxage=60"}
    if unchanged:
        return web.Response(status=304, headers=headers)
    if answer.raw is not None:
        return web.Response(status=answer.status, body=answer.raw, headers=headers)
    if answer.status in {204, 302}:
        return web.Response(status=answer.status, headers=headers)
    headers["Content-Type"] = "application/json; charset=utf-8"
    return web.Response(status=answer.status, body=json.dumps(answer.body).encode(), headers=headers)
