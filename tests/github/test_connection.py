"""Tokens, limits and outages, as they are met on the line."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
import pytest

from bot.github.address import Address, address
from bot.github.connection import Keep, connect
from bot.github.gate import Pace
from bot.github.tokens import PERMISSIONS, Credentials
from bot.model import task as tasks
from bot.model.pull import Role
from bot.ports import BadQuestion, NotFound, NotPermitted, Permanent, RateLimited, Unreachable
from tests.github.conftest import Desk
from tests.github_simulator.faults import Answered, Cut, HtmlPage
from tests.github_simulator.people import Role as SimulatedRole
from tests.github_simulator.simulator import Simulator
from tests.line_to_github import line_to

MINT = "POST /app/installations/{installation_id}/access_tokens"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", Address("https://api.github.com", "https://api.github.com/graphql")),
        ("https://github.com/", Address("https://api.github.com", "https://api.github.com/graphql")),
        ("https://git.acme.org", Address("https://git.acme.org/api/v3", "https://git.acme.org/api/graphql")),
        ("https://acme.ghe.com", Address("https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql")),
        ("http://127.0.0.1:8099", Address("http://127.0.0.1:8099/api/v3", "http://127.0.0.1:8099/api/graphql")),
    ],
)
def test_the_apis_are_where_the_kind_of_github_has_them(url: str, expected: Address) -> None:
    assert address(url) == expected


@pytest.mark.parametrize("url", ["http://git.acme.org", "git.acme.org", "https://git.acme.org/api/v3", "ftp://x"])
def test_a_url_that_is_no_root_or_not_encrypted_is_refused(url: str) -> None:
    with pytest.raises(BadQuestion):
        address(url)


async def test_a_token_is_for_one_repository_with_the_least_permissions(desk: Desk, github: Simulator) -> None:
    secret = await github.acts.add_repository("acme/secret", {"a": "b"}, private=True)
    client = desk.connection.client
    await client.get(desk.repository, "")

    other = tasks.Repository(desk.installation.id, desk.fleet.id, "acme", secret.name)

    with pytest.raises(NotFound):
        await client.get(other, "")
    assert PERMISSIONS == {"checks": "write", "contents": "read", "metadata": "read", "pull_requests": "write"}


async def test_two_repositories_that_are_known_by_name_have_a_token_each(desk: Desk, github: Simulator) -> None:
    for name in ("fleet-two", ".github"):
        await github.acts.add_repository(f"acme/{name}", {"a": "b"}, private=True)
    client = desk.connection.client

    for name in ("fleet-two", ".github", "Fleet-Two"):
        assert await client.get(tasks.Repository(desk.installation.id, 0, "acme", name), "")

    assert github.counts[MINT] == 2


async def test_a_token_is_minted_once_and_again_shortly_before_it_ends(desk: Desk, github: Simulator) -> None:
    client = desk.connection.client
    await client.get(desk.repository, "")
    await client.get(desk.repository, "")
    assert github.counts[MINT] == 1

    github.clock.advance(timedelta(minutes=56))
    await client.get(desk.repository, "")

    assert github.counts[MINT] == 2


async def test_a_token_that_was_revoked_is_replaced(desk: Desk, github: Simulator) -> None:
    client = desk.connection.client
    await client.get(desk.repository, "")
    github.clock.advance(timedelta(minutes=2))
    github.access.revoke_all()

    await client.get(desk.repository, "")

    assert github.counts[MINT] == 2


async def test_a_new_token_is_given_time_to_become_known(desk: Desk, github: Simulator) -> None:
    github.fail_next("GET", "/repos/acme/fleet", Answered(401, "Bad credentials"), times=2)

    await desk.connection.client.get(desk.repository, "")

    assert desk.waited == [1.0, 2.0]
    assert github.counts[MINT] == 1


async def test_a_suspended_installation_is_not_permitted(desk: Desk, github: Simulator) -> None:
    await github.suspend(desk.installation)

    with pytest.raises(NotPermitted, match="suspended"):
        await desk.connection.client.get(desk.repository, "")


async def test_a_permission_that_nobody_granted_is_named(desk: Desk) -> None:
    desk.installation.permissions.pop("checks")

    with pytest.raises(NotPermitted, match="checks: write"):
        await desk.connection.client.get(desk.repository, "")


async def test_a_key_that_is_not_ours_is_told_as_refused_credentials(github: Simulator, desk: Desk) -> None:
    async with aiohttp.ClientSession() as session:
        wrong = connect(line_to(github, session, Pace()), Credentials(1, github.app.private_key), Keep(desk.folder))

        with pytest.raises(Unreachable, match="credentials"):
            await wrong.client.app()


async def test_an_hour_used_up_says_until_when(desk: Desk, github: Simulator) -> None:
    await desk.connection.client.get(desk.repository, "")
    github.limits.exhaust(90)

    with pytest.raises(RateLimited) as limited:
        await desk.connection.client.get(desk.repository, "")

    assert limited.value.until == pytest.approx(github.clock.now().timestamp() + 90, abs=2)


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(("after", "seconds"), [(30, 30), (None, 60)])
async def test_a_secondary_limit_says_until_when(
    desk: Desk, github: Simulator, status: int, after: int | None, seconds: int
) -> None:
    await desk.connection.client.get(desk.repository, "")
    github.limits.refuse(status=status, retry_after=after)

    with pytest.raises(RateLimited) as limited:
        await desk.connection.client.get(desk.repository, "")

    assert limited.value.until == pytest.approx(github.clock.now().timestamp() + seconds, abs=2)


async def test_a_short_limit_is_waited_for_three_times_also_by_what_writes(desk: Desk, github: Simulator) -> None:
    await github.acts.push(desk.fleet, "topic", {"b.yaml": "two\n"})
    pull = await github.acts.open_pull(desk.fleet, "topic")
    comments = f"/issues/{pull.number}/comments"
    limited = Answered(429, "slow down", {"Retry-After": "7"})

    github.fail_next("POST", f"/repos/*{comments}", limited, times=3)
    await desk.connection.client.post(desk.repository, comments, {"body": "x"}, again=False)

    assert desk.waited == pytest.approx([7.0] * 3, abs=1)
    assert len(github.state(pull).comments) == 1
    github.clock.advance(timedelta(seconds=60))
    github.fail_next("POST", f"/repos/*{comments}", limited, times=4)
    with pytest.raises(RateLimited):
        await desk.connection.client.post(desk.repository, comments, {"body": "x"}, again=False)
    assert desk.waited == pytest.approx([7.0] * 6, abs=1)
    assert len(github.state(pull).comments) == 1


@pytest.mark.parametrize("effect", [HtmlPage(), HtmlPage(200), Answered(503), Answered(599)])
async def test_a_short_outage_is_waited_for_while_reading(
    desk: Desk, github: Simulator, effect: HtmlPage | Answered
) -> None:
    github.fail_next("GET", "/repos/acme/fleet", effect, times=2)

    await desk.connection.client.get(desk.repository, "")

    assert desk.waited == [0.5, 1.0]


async def test_a_connection_that_broke_is_made_again_while_reading(desk: Desk, github: Simulator) -> None:
    github.fail_next("GET", "/repos/acme/fleet", Cut(), times=2)

    assert await desk.connection.client.get(desk.repository, "")


async def test_a_longer_outage_is_unreachable(desk: Desk, github: Simulator) -> None:
    github.fail_next("GET", "/repos/acme/fleet", HtmlPage(), times=3)

    with pytest.raises(Unreachable, match="502"):
        await desk.connection.client.get(desk.repository, "")


async def test_a_refusal_for_good_says_what_github_said(desk: Desk, github: Simulator) -> None:
    github.fail_next("GET", "/repos/acme/fleet", Answered(422, "Validation\nFailed"))

    with pytest.raises(Permanent, match=r"\(422\): Validation Failed$"):
        await desk.connection.client.get(desk.repository, "")


async def test_a_renamed_repository_is_still_found_by_its_old_name(desk: Desk, github: Simulator) -> None:
    await github.acts.push(desk.fleet, "topic", {"b.yaml": "1\n"})
    pull = await github.acts.open_pull(desk.fleet, "topic")
    await github.acts.rename(desk.fleet, "armada")
    before = tasks.Repository(desk.installation.id, desk.fleet.id, "acme", "fleet")

    standing = await desk.connection.reading.standing(before, pull.number)
    await desk.connection.reading.say(before, pull.number, standing, "<!-- x -->\nhello")

    assert [comment.body for comment in github.state(pull).comments] == ["<!-- x -->\nhello"]


async def test_our_comment_is_found_behind_a_hundred_others_and_edited(desk: Desk, github: Simulator) -> None:
    await github.acts.push(desk.fleet, "topic", {"b.yaml": "1\n"})
    pull = await github.acts.open_pull(desk.fleet, "topic")
    for number in range(101):
        await github.acts.comment(desk.fleet, pull.number, f"<!-- x -->\n{number}")
    reading = desk.connection.reading
    await reading.say(
        desk.repository, pull.number, await reading.standing(desk.repository, pull.number), "<!-- x -->\na"
    )

    await reading.say(
        desk.repository, pull.number, await reading.standing(desk.repository, pull.number), "<!-- x -->\nb"
    )

    ours = [comment.body for comment in github.state(pull).comments if comment.by_app]
    assert ours == ["<!-- x -->\nb"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (SimulatedRole.ADMIN, Role.WRITE),
        (SimulatedRole.MAINTAIN, Role.WRITE),
        (SimulatedRole.WRITE, Role.WRITE),
        (SimulatedRole.TRIAGE, Role.TRIAGE),
        (SimulatedRole.READ, Role.READ),
        (SimulatedRole.NONE, Role.NONE),
    ],
)
async def test_a_role_is_read_from_the_api(desk: Desk, github: Simulator, given: SimulatedRole, expected: Role) -> None:
    github.acts.set_role(desk.fleet, "somebody", given)

    assert await desk.connection.reading.role(desk.repository, "somebody") is expected


async def test_a_clock_that_is_two_minutes_slow_is_no_trouble(github: Simulator, desk: Desk) -> None:
    slow = Pace(lambda: github.clock.now().timestamp() - 120)
    async with aiohttp.ClientSession() as session:
        credentials = Credentials(github.app.id, github.app.private_key)
        connection = connect(line_to(github, session, slow), credentials, Keep(desk.folder))

        assert (await connection.client.app()).slug == "fluxbot"
