"""When a request may go: the gate before GitHub."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field

import aiohttp
import pytest

from bot.github.connection import Keep, connect
from bot.github.gate import Gate, OwnTraffic, Pace, cost
from bot.github.tokens import Credentials
from bot.github.transport import Transport
from bot.model.traffic import Cost
from bot.ports import RateLimited
from tests.github.conftest import Desk
from tests.github_simulator.simulator import Simulator
from tests.line_to_github import FREE

GET = "GET /repos/{owner}/{repo}"


@dataclass
class Time:
    """Passes only when somebody waits."""

    now: float = 1_000_000.0
    waits: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@dataclass
class Told:
    requests: Counter[tuple[int, str]] = field(default_factory=Counter)
    budgets: dict[int, int] = field(default_factory=dict)

    def request(self, account: int, outcome: str) -> None:
        self.requests[account, outcome] += 1

    def budget(self, account: int, remaining: int) -> None:
        self.budgets[account] = remaining


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "https://x/repos/a/b", b"", Cost.READ),
        ("POST", "https://x/repos/a/b/check-runs", b"{}", Cost.WRITE),
        ("PATCH", "https://x/repos/a/b/check-runs/1", b"{}", Cost.WRITE),
        ("POST", "https://x/app/installations/1/access_tokens", b"{}", Cost.TOKEN),
        ("POST", "https://x/graphql", json.dumps({"query": "query($a: String!) { x }"}).encode(), Cost.READ),
        ("POST", "https://x/graphql", json.dumps({"query": " mutation($a: ID!) { x }"}).encode(), Cost.WRITE),
    ],
)
def test_a_request_costs_what_github_says(method: str, path: str, body: bytes, expected: Cost) -> None:
    assert cost(method, path, body) is expected


async def test_writes_of_one_installation_go_one_after_the_other_and_reads_pass_them() -> None:
    time = Time()
    pace = Pace(lambda: time.now, time.sleep)
    gate = Gate(OwnTraffic(FREE, pace.clock), pace)
    writing, most, read = 0, 0, 0

    async def write() -> None:
        nonlocal writing, most
        async with gate.turn(7, Cost.WRITE):
            writing += 1
            most = max(most, writing)
            await asyncio.sleep(0.01)
            writing -= 1

    async def look() -> None:
        nonlocal read
        async with gate.turn(7, Cost.READ):
            read += writing

    await asyncio.gather(*(write() for _ in range(20)), *(look() for _ in range(5)))

    assert most == 1
    assert read > 0


async def test_an_installation_that_wants_everything_at_once_leaves_the_others_their_turn() -> None:
    time = Time()
    pace = Pace(lambda: time.now, time.sleep)
    gate = Gate(OwnTraffic(FREE, pace.clock), pace)
    go_on, under_way, done = asyncio.Event(), 0, []

    async def greedy() -> None:
        nonlocal under_way
        async with gate.turn(7, Cost.READ):
            under_way += 1
            await go_on.wait()

    async def modest() -> None:
        async with gate.turn(8, Cost.READ):
            done.append(under_way)
        go_on.set()

    async with asyncio.timeout(5):
        await asyncio.gather(*(greedy() for _ in range(200)), modest())

    assert done[0] <= 8


async def test_who_would_wait_long_goes_back_into_the_queue_and_holds_nobody_else_up() -> None:
    time = Time()
    pace, told = Pace(lambda: time.now, time.sleep), Told()
    gate = Gate(OwnTraffic(clock=pace.clock), pace, told)
    await gate.hold(7, time.now + 30)

    with pytest.raises(RateLimited) as limited:
        async with gate.turn(7, Cost.READ):
            raise AssertionError
    async with gate.turn(8, Cost.READ):
        pass

    assert limited.value.until == pytest.approx(time.now + 30)
    assert told.requests == {(7, "held"): 1}
    assert time.waits == []


async def test_a_short_wait_is_waited_for() -> None:
    time = Time()
    pace = Pace(lambda: time.now, time.sleep)
    gate = Gate(OwnTraffic(clock=pace.clock), pace)
    await gate.hold(7, time.now + 3)

    async with gate.turn(7, Cost.READ):
        assert time.waits == [pytest.approx(3.0)]


async def test_an_hour_that_is_used_up_is_not_asked_again_before_it_is_over(desk: Desk, github: Simulator) -> None:
    client = desk.connection.client
    await client.get(desk.repository, "")
    github.limits.exhaust(90)
    with pytest.raises(RateLimited):
        await client.get(desk.repository, "")
    asked = github.counts[GET]

    with pytest.raises(RateLimited) as limited:
        await client.get(desk.repository, "")

    assert github.counts[GET] == asked
    assert limited.value.until == pytest.approx(github.clock.now().timestamp() + 90, abs=2)


async def test_what_is_refused_to_one_installation_is_not_held_for_another(desk: Desk, github: Simulator) -> None:
    other = await github.acts.add_repository("umbrella/shop", {"a": "b"})
    installation = await github.add_installation("umbrella")
    await desk.connection.client.get(desk.repository, "")
    github.limits.refuse(retry_after=300)
    with pytest.raises(RateLimited):
        await desk.connection.client.get(desk.repository, "")

    there = type(desk.repository)(installation.id, other.id, "umbrella", "shop")
    assert await desk.connection.client.get(there, "")


async def test_little_left_of_the_hour_is_kept_for_events(desk: Desk, github: Simulator) -> None:
    client = desk.connection.client
    await client.get(desk.repository, "")
    assert client.scarce(desk.installation.id) is None

    github.limits.spend(desk.installation.id, 3_800)
    await client.get(desk.repository, "")

    assert client.scarce(desk.installation.id) == pytest.approx(github.clock.now().timestamp() + 3_600, abs=5)


async def test_requests_and_what_is_left_are_counted_by_installation(github: Simulator, desk: Desk) -> None:
    told, pace = Told(), Pace(lambda: github.clock.now().timestamp())
    async with aiohttp.ClientSession() as session:
        gate = Gate(OwnTraffic(FREE, pace.clock), pace, told)
        line = Transport(session, desk.address, pace, gate)
        own = connect(line, Credentials(github.app.id, github.app.private_key), Keep(desk.folder))
        await own.client.get(desk.repository, "")
        github.limits.refuse(retry_after=60)
        with pytest.raises(RateLimited):
            await own.client.get(desk.repository, "")

    its = desk.installation.id
    assert told.requests == {(0, "ok"): 1, (its, "ok"): 1, (its, "limited"): 1}
    assert told.budgets[its] == 4_999 - 1
