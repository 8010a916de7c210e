"""From nothing to the first review: the page, GitHub's form, the code, the credentials, the first webhook."""

from __future__ import annotations

import asyncio
import os
import re
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import pytest_asyncio
import yaml

from tests.browser_form import opened, sent
from tests.e2e.conftest import Stage
from tests.example_repository import change, files
from tests.fluxbot_process import Fluxbot, fluxbot_without_app
from tests.github_simulator.simulator import Simulator

FLUXBOT = str(Path(sys.executable).with_name("fluxbot"))


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def credentials(github: Simulator) -> tuple[str, ...]:
    """Texts that may stand in the files of the credentials and nowhere else."""
    lines = github.app.private_key.splitlines()
    return (lines[1], lines[-2], github.app.webhook_secret, "c" * 40)


async def first_review(github: Simulator, process: Fluxbot) -> str | None:
    """The conclusion of the first pull request after the App was installed."""
    fleet = await github.acts.add_repository("acme/fleet", files("base"))
    await github.add_installation("acme")
    stage = Stage(github, process)
    pull = await stage.pull(fleet, change("base", "head"), "issuer")  # type: ignore[arg-type] # nothing is removed
    await stage.settled()
    [run] = stage.standing(pull).check_runs
    return run.conclusion


async def test_a_server_without_an_app_leads_a_person_to_the_first_review(browser: aiohttp.ClientSession) -> None:
    async with Simulator() as github, fluxbot_without_app(github) as (process, link):
        page = await opened(browser, link)
        confirm = await sent(browser, page.forms[0])
        done = await sent(browser, confirm.forms[0])
        await process.ready()

        assert (page.status, confirm.status, done.status) == (200, 200, 200)
        assert urlsplit(done.url)[:3] == (*urlsplit(process.url)[:2], "/setup")
        assert f"{github.app.slug}</strong>, number {github.app.id}." in done.text
        assert github.webhook_url == f"{process.url}/webhook"
        kept = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (process.data / "app").iterdir()}
        assert kept == dict.fromkeys(
            ("app-id", "private-key.pem", "webhook-secret", "client-id", "client-secret"), 0o600
        )
        assert stat.S_IMODE((process.data / "app").stat().st_mode) == 0o700
        assert await first_review(github, process) == "failure"
        assert (await opened(browser, link)).status == 404
        said = process.log.read_text() + page.text + done.text
        assert [text for text in credentials(github) if text in said] == []
        code = parse_qs(urlsplit(done.url).query)["code"][0]
        assert code not in said


async def test_after_a_restart_the_server_is_the_app_that_was_created(browser: aiohttp.ClientSession) -> None:
    async with Simulator() as github, fluxbot_without_app(github) as (process, link):
        confirm = await sent(browser, (await opened(browser, link)).forms[0])
        await sent(browser, confirm.forms[0])
        await process.ready()
        await process.stop()

        await process.start()

        assert await first_review(github, process) == "failure"


async def test_only_who_has_the_link_sees_the_page_and_only_who_began_comes_back(
    browser: aiohttp.ClientSession,
) -> None:
    async with Simulator() as github, fluxbot_without_app(github) as (process, link):
        code = github.manifest_code()

        without = await opened(browser, f"{process.url}/setup")
        guessed = await opened(browser, f"{process.url}/setup?token=guess")
        stateless = await opened(browser, f"{process.url}/setup?code={code}")
        forged = await opened(browser, f"{process.url}/setup?code={code}&state=guess")
        unborn = await opened(browser, f"{process.url}/readyz")

        assert [page.status for page in (without, guessed, stateless, forged)] == [403] * 4
        assert "<form" not in without.text + guessed.text
        assert not (process.data / "app" / "app-id").exists()
        assert unborn.status == 503
        assert (await opened(browser, link)).status == 200


async def test_a_code_that_github_does_not_know_says_so_and_the_page_is_still_there(
    browser: aiohttp.ClientSession,
) -> None:
    async with Simulator() as github, fluxbot_without_app(github) as (process, link):
        state = parse_qs(urlsplit((await opened(browser, link)).forms[0].action).query)["state"][0]

        page = await opened(browser, f"{process.url}/setup?code=used&state={state}")
        again = await opened(browser, f"{process.url}/setup?code=used&state={state}")

        assert (page.status, again.status) == (502, 403)
        assert "it is good once, and for an hour" in page.text
        assert (await opened(browser, link)).status == 200
        assert github.take_problems() == []


async def test_an_organisation_gets_the_app_where_its_name_is_given(browser: aiohttp.ClientSession) -> None:
    async with Simulator() as github, fluxbot_without_app(github) as (_process, link):
        page = await sent(browser, (await opened(browser, link)).forms[1], organization="acme")
        wrong = await sent(browser, page.forms[1], organization="../acme")

        assert urlsplit(page.forms[0].action).path == "/organizations/acme/settings/apps/new"
        assert page.forms[0].action.startswith(github.url)
        assert (await sent(browser, page.forms[0])).status == 200
        assert (wrong.status, "<form" in wrong.text) == (400, False)


async def test_the_page_has_no_script_and_sends_its_forms_to_github_alone(browser: aiohttp.ClientSession) -> None:
    async with Simulator() as github, fluxbot_without_app(github) as (_process, link):
        page = await opened(browser, link)

    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert f"form-action 'self' {github.url};" in policy
    assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert "<script" not in page.text


@pytest.mark.parametrize("kind", ["files", "secret"])
async def test_the_command_creates_the_app_and_keeps_it_where_it_is_told(
    kind: str, tmp_path: Path, browser: aiohttp.ClientSession
) -> None:
    place = tmp_path / "kept"
    chosen = ("--to", str(place)) if kind == "files" else ("--secret", str(place), "--namespace", "bots")
    async with Simulator() as github:
        given = {**os.environ, "FLUXBOT_GITHUB_URL": github.url, "FLUXBOT_DATA_DIR": str(tmp_path / "data")}
        process = await asyncio.create_subprocess_exec(
            FLUXBOT, "setup", "--public-url", "https://fluxbot.example.org", *chosen,
            env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stderr is not None
        async with asyncio.timeout(30):
            link = (await process.stderr.readline()).decode().split()[-1]
            confirm = await sent(browser, (await opened(browser, link)).forms[0])
            done = await sent(browser, confirm.forms[0])
            out, err = (each.decode() for each in await process.communicate())

    assert (process.returncode, done.status) == (0, 200)
    assert urlsplit(link).hostname == "127.0.0.1"
    assert github.webhook_url == "https://fluxbot.example.org/webhook"
    assert re.search(r"^Install it on the repositories that Flux reads: http.*/installations/new$", out, re.MULTILINE)
    assert [text for text in credentials(github) if text in out + err + done.text] == []
    if kind == "files":
        assert {file.name: file.stat().st_mode & 0o777 for file in place.iterdir()}["private-key.pem"] == 0o600
        assert (place / "private-key.pem").read_text() == github.app.private_key
    else:
        secret = yaml.safe_load(place.read_text())
        assert place.stat().st_mode & 0o777 == 0o600
        assert (secret["kind"], secret["metadata"]) == ("Secret", {"name": "fluxbot", "namespace": "bots"})
        assert secret["stringData"]["private-key.pem"] == github.app.private_key
        assert secret["stringData"]["app-id"] == str(github.app.id)


def test_what_is_kept_already_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("mine")

    done = subprocess.run(
        [FLUXBOT, "setup", "--public-url", "https://fluxbot.example.org", "--secret", tmp_path / "secret.yaml"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"fluxbot: {tmp_path}/secret.yaml is there already; it is not replaced\n"
    assert (tmp_path / "secret.yaml").read_text() == "mine"


def test_without_the_address_of_the_server_the_command_says_what_is_missing(tmp_path: Path) -> None:
    done = subprocess.run(
        [FLUXBOT, "setup", "--to", tmp_path / "app"], capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, (tmp_path / "app").exists()) == (2, False)
    assert done.stderr.startswith("fluxbot: FLUXBOT_PUBLIC_URL is not set")
