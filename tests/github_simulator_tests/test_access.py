"""Tokens: who may do what, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.github_simulator.people import Role
from tests.github_simulator.simulator import Simulator
from tests.github_simulator.world import Repository
from tests.github_simulator_tests.conftest import REPOSITORY, Client


async def test_the_app_knows_itself_and_where_it_is_installed(client: Client) -> None:
    app = await client.ask("GET", "/app", token=client.app_token())
    listed = await client.ask("GET", "/app/installations", token=client.app_token())
    of_repository = await client.ask("GET", f"{REPOSITORY}/installation", token=client.app_token())

    assert app.body["id"] == 4242
    assert [each["id"] for each in listed.body] == [client.installation.id]
    assert of_repository.body["id"] == client.installation.id


@pytest.mark.parametrize(("age", "life"), [(60, -1), (60, 800), (-120, 540)])
async def test_a_web_token_that_is_expired_too_long_or_from_the_future_is_401(
    client: Client, age: int, life: int
) -> None:
    assert (await client.ask("GET", "/app", token=client.app_token(age=age, life=life))).status == 401


async def test_a_web_token_of_another_key_is_401(client: Client) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()

    assert (await client.ask("GET", "/app", token=client.app_token(key=pem))).status == 401


async def test_an_installation_token_ends_after_an_hour(github: Simulator, client: Client) -> None:
    assert (await client.ask("GET", REPOSITORY)).status == 200

    github.clock.advance(timedelta(minutes=61))

    assert (await client.ask("GET", REPOSITORY)).status == 401


async def test_tokens_are_longer_than_they_used_to_be(client: Client) -> None:
    assert len(await client.mint()) > 100


async def test_a_token_for_one_repository_does_not_see_another_private_one(
    github: Simulator, client: Client, fleet: Repository
) -> None:
    await github.acts.add_repository("acme/other", {"b": "1"}, private=True)
    token = await client.mint(repository_ids=[fleet.id])

    assert (await client.ask("GET", REPOSITORY, token=token)).status == 200
    assert (await client.ask("GET", "/repos/acme/other", token=token)).status == 404
    seen = await client.ask("GET", "/installation/repositories", token=token)
    assert [each["name"] for each in seen.body["repositories"]] == ["fleet"]


async def test_a_token_cannot_have_a_repository_or_a_permission_that_the_installation_lacks(client: Client) -> None:
    path = f"/app/installations/{client.installation.id}/access_tokens"

    foreign = await client.ask("POST", path, token=client.app_token(), body={"repository_ids": [1]})
    greedy = await client.ask("POST", path, token=client.app_token(), body={"permissions": {"contents": "write"}})

    assert (foreign.status, greedy.status) == (422, 422)


async def test_a_missing_permission_is_403_and_named(client: Client, fleet: Repository) -> None:
    token = await client.mint(permissions={"contents": "read"})
    sha = await fleet.git.resolve("main")

    reply = await client.ask("POST", f"{REPOSITORY}/check-runs", token=token, body={"name": "x", "head_sha": sha})

    assert reply.status == 403
    assert reply.body["message"] == "Resource not accessible by integration"
    assert reply.headers["X-Accepted-GitHub-Permissions"] == "checks=write"


async def test_a_public_repository_outside_the_token_can_be_read_but_not_written(
    github: Simulator, client: Client
) -> None:
    await github.acts.add_repository("else/open", {"a": "1"})

    assert (await client.ask("GET", "/repos/else/open/contents/a")).status == 200
    reply = await client.ask("POST", "/repos/else/open/git/blobs", body={"content": "x"})
    assert reply.status == 403


async def test_a_suspended_installation_gets_no_token_and_its_tokens_stop(github: Simulator, client: Client) -> None:
    await client.mint()
    assert (await client.ask("GET", REPOSITORY)).status == 200

    await github.suspend(client.installation)

    path = f"/app/installations/{client.installation.id}/access_tokens"
    assert (await client.ask("POST", path, token=client.app_token())).status == 403
    assert (await client.ask("GET", REPOSITORY)).status == 403


async def test_an_archived_repository_is_read_only(github: Simulator, client: Client, fleet: Repository) -> None:
    pull = await github.acts.push(fleet, "topic", {"a.yaml": "1"})
    await github.acts.archive(fleet)

    reply = await client.ask("POST", f"{REPOSITORY}/check-runs", body={"name": "x", "head_sha": pull})

    assert reply.status == 403
    assert "archived" in reply.body["message"]


async def test_a_role_is_told_in_old_words_and_by_name(github: Simulator, client: Client, fleet: Repository) -> None:
    github.acts.set_role(fleet, "mona", Role.MAINTAIN)
    github.world.account("stranger")

    maintainer = await client.ask("GET", f"{REPOSITORY}/collaborators/mona/permission")
    stranger = await client.ask("GET", f"{REPOSITORY}/collaborators/stranger/permission")
    nobody = await client.ask("GET", f"{REPOSITORY}/collaborators/nobody-at-all/permission")

    assert (maintainer.body["permission"], maintainer.body["role_name"]) == ("write", "maintain")
    assert stranger.body["permission"] == "none"
    assert nobody.status == 404


async def test_a_manifest_code_is_good_once(github: Simulator, client: Client) -> None:
    path = f"/app-manifests/{github.manifest_code()}/conversions"

    first, second = [await client.ask("POST", path, token="") for _ in range(2)]

    assert (first.status, second.status) == (201, 404)
    assert first.body["pem"] == github.app.private_key


async def test_a_revoked_token_is_401(client: Client) -> None:
    token = await client.mint()

    assert (await client.ask("DELETE", "/installation/token", token=token)).status == 204

    assert (await client.ask("GET", REPOSITORY, token=token)).status == 401
