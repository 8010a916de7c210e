"""Rate limits, failures on demand, and wrong requests and answers that are found."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
import pytest

from tests.github_simulator import exchange
from tests.github_simulator.call import Answer, Call, Route
from tests.github_simulator.description import description
from tests.github_simulator.faults import Answered, Cut, Delayed, HtmlPage
from tests.github_simulator.simulator import Simulator, SimulatorMisused
from tests.github_simulator.world import Repository
from tests.github_simulator_tests.conftest import REPOSITORY, Client

COMMENTS = f"{REPOSITORY}/issues/1/comments"


async def test_every_answer_tells_what_remains(client: Client) -> None:
    first = await client.ask("GET", REPOSITORY)
    second = await client.ask("GET", REPOSITORY)

    remaining = [int(each.headers["X-RateLimit-Remaining"]) for each in (first, second)]
    assert remaining == [4999, 4998]


async def test_an_exhausted_hour_is_403_until_its_reset(github: Simulator, client: Client) -> None:
    token = await client.mint()
    github.limits.exhaust(30)

    refused = await client.ask("GET", REPOSITORY, token=token)
    free = await client.ask("GET", "/rate_limit", token=token)
    github.clock.advance(timedelta(seconds=31))

    assert (refused.status, refused.headers["X-RateLimit-Remaining"], free.status) == (403, "0", 200)
    assert (await client.ask("GET", REPOSITORY, token=token)).status == 200


async def test_a_secondary_limit_says_when_to_come_back(github: Simulator, client: Client) -> None:
    await client.mint()
    token = await client.mint()
    github.limits.refuse(status=429, retry_after=7)

    refused = await client.ask("GET", REPOSITORY, token=token)

    assert (refused.status, refused.headers["Retry-After"]) == (429, "7")
    assert "secondary rate limit" in refused.body["message"]
    assert (await client.ask("GET", REPOSITORY, token=token)).status == 200


async def test_too_much_content_in_a_minute_is_refused(github: Simulator, client: Client, fleet: Repository) -> None:
    await github.acts.push(fleet, "topic", {"a.yaml": "1"})
    await github.acts.open_pull(fleet, "topic")
    await client.ask("GET", REPOSITORY)
    github.limits.content_per_minute = 2

    replies = [await client.ask("POST", COMMENTS, body={"body": "x"}) for _ in range(3)]

    assert [each.status for each in replies] == [201, 201, 403]
    assert len(github.state(fleet).comments) == 2


async def test_a_matching_tag_costs_nothing_and_another_token_has_another_tag(client: Client) -> None:
    first = await client.ask("GET", REPOSITORY)
    tag = first.headers["ETag"]

    again = await client.ask("GET", REPOSITORY, If_None_Match=tag)
    other = await client.ask("GET", REPOSITORY, token=await client.mint(), If_None_Match=tag)

    assert (again.status, again.raw, other.status) == (304, b"", 200)
    assert again.headers["X-RateLimit-Remaining"] == first.headers["X-RateLimit-Remaining"]


async def test_failures_come_when_asked_for_and_as_often(github: Simulator, client: Client) -> None:
    await client.mint()
    github.fail_next("GET", "/repos/*", Answered(503), times=2, skip=1)

    statuses = [(await client.ask("GET", REPOSITORY)).status for _ in range(4)]

    assert statuses == [200, 503, 503, 200]


async def test_a_page_that_calls_itself_json_is_not_json(github: Simulator, client: Client) -> None:
    token = await client.mint()
    github.fail_next("GET", "/repos/*", HtmlPage(502))

    with pytest.raises(ValueError, match="Expecting value"):
        await client.ask("GET", REPOSITORY, token=token)


@pytest.mark.parametrize(("after_effect", "stands"), [(False, 0), (True, 1)])
async def test_a_connection_can_break_before_or_after_the_effect(
    github: Simulator, client: Client, fleet: Repository, *, after_effect: bool, stands: int
) -> None:
    await github.acts.push(fleet, "topic", {"a.yaml": "1"})
    await github.acts.open_pull(fleet, "topic")
    await client.ask("GET", REPOSITORY)
    github.fail_next("POST", "*/comments", Cut(after_effect=after_effect))

    with pytest.raises(aiohttp.ClientError):
        await client.ask("POST", COMMENTS, body={"body": "x"})

    assert len(github.state(fleet).comments) == stands


async def test_an_answer_can_be_late(github: Simulator, client: Client) -> None:
    github.fail_next("GET", "/repos/acme/fleet", Delayed(0.01))

    assert (await client.ask("GET", REPOSITORY)).status == 200


async def test_requests_are_counted_by_route(github: Simulator, client: Client) -> None:
    await client.ask("GET", f"{REPOSITORY}/commits/main/check-runs")

    assert github.counts["GET /repos/{owner}/{repo}/commits/{ref}/check-runs"] == 1


@pytest.mark.parametrize(
    ("asked", "body", "says"),
    [
        (f"POST {REPOSITORY}/check-runs", {"name": "x"}, "head_sha"),
        (f"POST {REPOSITORY}/check-runs", {"name": "x", "head_sha": "y", "outptu": {}}, "outptu"),
        (f"GET {REPOSITORY}/pulls?state=opened", None, "state"),
        (f"GET {REPOSITORY}/pulls?stat=open", None, "stat"),
        (f"GET {REPOSITORY}/pulls/first", None, "pull_number"),
        (f"GET {REPOSITORY}/checkruns", None, "no such operation"),
    ],
)
async def test_a_wrong_request_is_remembered(
    github: Simulator, client: Client, asked: str, body: object, says: str
) -> None:
    await client.ask(*asked.split(), body=body)

    (problem,) = github.take_problems()
    assert says in problem


async def test_an_unknown_field_deep_in_a_body_is_found() -> None:
    match = description().find("POST", f"{REPOSITORY}/pulls/1/reviews")
    assert match is not None

    problem = description().unknown_names(match, {}, {"comments": [{"path": "a", "body": "b", "lien": 1}]})

    assert problem == "unknown field body.comments[0].lien"


async def test_a_wrong_answer_of_the_simulator_is_500_and_remembered(
    github: Simulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nonsense(_call: Call) -> Answer:
        return Answer(200, {"id": "not a number"})

    key = ("GET", "/repos/{owner}/{repo}")
    monkeypatch.setitem(exchange.ROUTES, key, Route(*key, nonsense))

    reply = await client.ask("GET", REPOSITORY)

    assert reply.status == 500
    (problem,) = github.take_problems()
    assert problem.startswith("ANSWER GET /repos/{owner}/{repo}")


async def test_problems_that_nobody_asked_about_are_raised_at_the_end() -> None:
    async def misuse() -> None:
        async with Simulator() as github, aiohttp.ClientSession() as session:
            await session.get(f"{github.url}/api/v3/nowhere")

    with pytest.raises(SimulatorMisused, match="no such operation"):
        await misuse()


def test_every_operation_of_the_description_is_served() -> None:
    described = {(each.method, each.template) for each in description().operations}

    assert described == set(exchange.ROUTES)
