"""The lines of ``fluxbot doctor``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.cli import main
from bot.ports import Unreachable
from bot.render.probe import Standing
from bot.store.tables import STEPS
from bot.web.check import Check, of_cell
from bot.web.doctor import database, examined, registration
from bot.web.serving import all_steps

PERMISSIONS = {
    "metadata": "read",
    "contents": "read",
    "pull_requests": "write",
    "checks": "write",
    "issues": "read",
    "merge_queues": "read",
}
EVENTS = ["pull_request", "issue_comment", "check_run", "check_suite", "merge_group", "repository"]


async def test_a_database_without_tables_will_do_and_is_left_alone(empty_database: str) -> None:
    first = await database(empty_database, all_steps())
    second = await database(empty_database, all_steps())

    assert first == second
    assert str(first[0]).startswith("ok    database: PostgreSQL 18.")
    assert str(first[0]).endswith(f", {1 + len(STEPS)} migrations to do at the next start")


async def test_a_database_with_all_tables_is_up_to_date(pool: object, database: str) -> None:
    from bot.web.doctor import database as look  # noqa: PLC0415 - the fixture has its name

    assert pool
    assert str((await look(database, all_steps()))[0]).endswith(", up to date")


async def test_a_database_that_does_not_answer_is_said_without_its_address() -> None:
    assert [str(check) for check in await database("host=127.0.0.1 port=9 user=hidden", ())] == [
        "FAIL  database: does not answer; see FLUXBOT_DATABASE_URL"
    ]


async def test_a_probe_that_fails_is_a_line() -> None:
    async def probe() -> Sequence[Check]:
        raise Unreachable("GitHub does not answer")

    assert [str(check) for check in await examined("github", probe)] == ["FAIL  github: GitHub does not answer"]


def test_an_app_as_it_should_be_is_three_good_lines() -> None:
    said = {"id": 42, "slug": "fluxbot", "permissions": PERMISSIONS, "events": EVENTS}

    assert [str(check) for check in registration(said, 42)] == [
        "ok    app: fluxbot, number 42",
        "ok    permissions: exactly those needed",
        "ok    events: 6 subscribed",
    ]


def test_what_an_app_lacks_is_named() -> None:
    said = {
        "id": 42,
        "slug": "fluxbot",
        "permissions": {**PERMISSIONS, "checks": "read", "merge_queues": None},
        "events": ["pull_request", "check_run", "check_suite", "repository"],
    }

    assert [str(check) for check in registration(said, 42)][1:] == [
        "FAIL  permissions: missing: checks: write, merge_queues: read",
        "FAIL  events: not subscribed: issue_comment, merge_group",
    ]


def test_more_permissions_than_needed_are_named() -> None:
    more = {**PERMISSIONS, "contents": "write", "members": "read"}
    said = {"id": 42, "slug": "x", "permissions": more, "events": EVENTS}

    assert str(registration(said, 42)[1]) == "ok    permissions: more than needed: contents: write, members: read"


@pytest.mark.parametrize("said", [None, {}, {"id": 43}, []])
def test_a_key_of_another_app_is_told(said: object) -> None:
    assert [str(check) for check in registration(said, 42)] == [
        "FAIL  app: the key is not one of the App 42; see FLUXBOT_APP_ID"
    ]


def test_the_command_names_every_setting_that_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    for name in ("APP_ID", "PRIVATE_KEY", "PRIVATE_KEY_FILE", "WEBHOOK_SECRET", "WEBHOOK_SECRET_FILE"):
        monkeypatch.delenv(f"FLUXBOT_{name}", raising=False)

    assert main(["doctor"]) == 1

    assert capsys.readouterr().out.splitlines()[:3] == [
        "FAIL  settings: FLUXBOT_APP_ID is not set",
        "FAIL  settings: FLUXBOT_PRIVATE_KEY is not set",
        "FAIL  settings: FLUXBOT_WEBHOOK_SECRET is not set",
    ]


def test_the_walls_around_builds_are_told_also_where_the_settings_are_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FLUXBOT_APP_ID", raising=False)

    main(["doctor"])

    walls = [line for line in capsys.readouterr().out.splitlines() if "  cell, " in line]
    assert walls[0].startswith("ok    cell, kustomize: kubectl 1.")
    assert "ok    cell, processor time: 20 s on all cores together, then it is stopped" in walls
    assert all(line.startswith(("ok    ", "note  ")) for line in walls)


def test_what_this_platform_cannot_give_is_a_note_and_no_failure() -> None:
    lacking = Standing("network", stands=False, text="cannot be taken away here", needed=False)
    broken = Standing("kustomize", stands=False, text="is not there")

    note, failure = of_cell([lacking, broken])

    assert (str(note), note.fails) == ("note  cell, network: cannot be taken away here", False)
    assert (str(failure), failure.fails) == ("FAIL  cell, kustomize: is not there", True)
