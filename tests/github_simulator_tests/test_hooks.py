"""Webhooks: signed, logged, redelivered, lost, reordered; forks and queues."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from tests.github_simulator.simulator import Simulator
from tests.github_simulator.world import Repository
from tests.github_simulator_tests.conftest import REPOSITORY, Client


@dataclass
class Receiver:
    status: int = 202
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.seen.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status)

    def events(self) -> list[str]:
        return [f"{headers['X-GitHub-Event']}.{json.loads(raw)['action']}" for headers, raw in self.seen]

    def payload(self, event: str) -> Any:  # noqa: ANN401 - JSON of any shape
        return next(json.loads(raw) for (_, raw), name in zip(self.seen, self.events(), strict=True) if name == event)


@pytest_asyncio.fixture
async def receiver(github: Simulator) -> AsyncIterator[Receiver]:
    taken = Receiver()
    app = web.Application()
    app.router.add_post("/webhook", taken.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    github.webhook_url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhook"
    yield taken
    await runner.cleanup()


async def test_a_delivery_is_signed_over_its_bytes(
    github: Simulator, receiver: Receiver, client: Client, fleet: Repository
) -> None:
    await github.acts.push(fleet, "topic", {"a.yaml": "1\n"})
    await github.acts.open_pull(fleet, "topic")

    assert receiver.events() == ["installation.created", "check_suite.requested", "pull_request.opened"]
    for headers, raw in receiver.seen:
        wanted = hmac.new(github.app.webhook_secret.encode(), raw, hashlib.sha256).hexdigest()
        assert headers["X-Hub-Signature-256"] == f"sha256={wanted}"
    assert receiver.payload("pull_request.opened")["installation"]["id"] == client.installation.id


async def test_each_act_tells_of_itself(
    github: Simulator, receiver: Receiver, client: Client, fleet: Repository
) -> None:
    acts = github.acts
    await acts.push(fleet, "topic", {"a.yaml": "1\n"})
    await acts.push(fleet, "other", {"b.yaml": "1\n"})
    pull = await acts.open_pull(fleet, "topic", draft=True)
    before = pull.head_sha
    await acts.push(fleet, "topic", {"a.yaml": "2\n"})
    await acts.ready(pull)
    await acts.change_base(pull, "other")
    await acts.close(pull)
    await acts.reopen(pull)
    comment = await acts.comment(fleet, pull.number, "hello", by="mona")
    await acts.edit_comment(fleet, comment, "hullo", by="mona")
    run = await client.ask("POST", f"{REPOSITORY}/check-runs", body={
        "name": "fluxbot", "head_sha": pull.head_sha, "conclusion": "failure",
        "actions": [{"label": "Fix", "description": "d", "identifier": "fix"}],
    })  # fmt: skip
    await github.hooks.settle()
    stands = fleet.check_runs[run.body["id"]]
    await acts.rerun(fleet, stands)
    await acts.rerun_all(fleet, pull.head_sha)
    await acts.press(fleet, stands, "fix")
    group = await acts.queue(pull)
    await acts.destroy(fleet, group)
    await github.select(client.installation, add=[fleet], remove=[])
    await github.suspend(client.installation)

    told = set(receiver.events())
    assert told == {
        "installation.created", "installation.suspend", "installation_repositories.added",
        "pull_request.opened", "pull_request.synchronize", "pull_request.ready_for_review", "pull_request.edited",
        "pull_request.closed", "pull_request.reopened", "issue_comment.created", "issue_comment.edited",
        "check_suite.requested", "check_suite.completed", "check_suite.rerequested",
        "check_run.created", "check_run.rerequested", "check_run.requested_action",
        "merge_group.checks_requested", "merge_group.destroyed",
    }  # fmt: skip
    assert receiver.payload("pull_request.synchronize")["before"] == before
    assert receiver.payload("check_run.requested_action")["requested_action"] == {"identifier": "fix"}
    assert receiver.payload("issue_comment.edited")["changes"]["body"]["from"] == "hello"


async def test_a_fork_is_told_without_pull_requests_and_branch(
    github: Simulator, receiver: Receiver, client: Client, fleet: Repository
) -> None:
    fork = await github.acts.fork(fleet, "mallory")
    sha = await github.acts.push(fork, "topic", {"a.yaml": "1\n"})
    pull = await github.acts.open_pull(fleet, "topic", fork=fork)
    await client.ask("POST", f"{REPOSITORY}/check-runs", body={"name": "fluxbot", "head_sha": sha})
    await github.hooks.settle()
    await github.acts.push(fork, "topic", {"a.yaml": "2\n"})

    check = receiver.payload("check_run.created")["check_run"]
    assert (check["pull_requests"], check["check_suite"]["head_branch"]) == ([], None)
    assert receiver.payload("pull_request.synchronize")["pull_request"]["head"]["sha"] == pull.head_sha != sha


async def test_a_failed_delivery_is_listed_and_sent_again_under_its_guid(
    github: Simulator, receiver: Receiver, client: Client, fleet: Repository
) -> None:
    receiver.status = 503
    await github.acts.push(fleet, "topic", {"a.yaml": "1\n"})
    failed = (await client.ask("GET", "/app/hook/deliveries?status=failure&per_page=1", token=client.app_token())).body
    receiver.status = 202

    path = f"/app/hook/deliveries/{failed[0]['id']}"
    accepted = await client.ask("POST", f"{path}/attempts", token=client.app_token())
    await github.hooks.settle()

    log = (await client.ask("GET", "/app/hook/deliveries", token=client.app_token())).body
    assert accepted.status == 202
    assert (log[0]["guid"], log[0]["redelivery"], log[0]["status"]) == (failed[0]["guid"], True, "OK")
    assert failed[0]["status_code"] == 503
    details = (await client.ask("GET", path, token=client.app_token())).body
    assert details["request"]["payload"]["action"] == "requested"


@pytest.mark.usefixtures("fleet")
async def test_the_log_forgets_after_three_days_and_has_a_cursor(github: Simulator, client: Client) -> None:
    for _ in range(3):
        await github.hooks.send("ping", {"zen": "x"})

    page = await client.ask("GET", "/app/hook/deliveries?per_page=2", token=client.app_token())
    following = page.headers["Link"].split(">")[0].removeprefix(f"<{github.url}/api/v3")
    rest = await client.ask("GET", following, token=client.app_token())
    before = len(github.hooks.log())
    github.clock.advance(timedelta(days=3, seconds=1))

    assert len({each["id"] for each in [*page.body, *rest.body]}) == len(page.body) + len(rest.body)
    assert (before > 0, github.hooks.log()) == (True, [])


@pytest.mark.usefixtures("client")
async def test_deliveries_can_be_lost_held_reversed_and_doubled(
    github: Simulator, receiver: Receiver, fleet: Repository
) -> None:
    await github.acts.push(fleet, "topic", {"a.yaml": "1\n"})
    receiver.seen.clear()
    github.hooks.losing = True
    pull = await github.acts.open_pull(fleet, "topic")
    github.hooks.losing = False
    github.hooks.hold()
    await github.acts.close(pull)
    await github.acts.reopen(pull)
    assert receiver.events() == []

    await github.hooks.release(backwards=True, copies=2)

    assert receiver.events() == ["pull_request.reopened"] * 2 + ["pull_request.closed"] * 2
    assert len({headers["X-GitHub-Delivery"] for headers, _ in receiver.seen}) == 2
