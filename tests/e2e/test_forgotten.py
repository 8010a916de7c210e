"""What the real server keeps of a repository, what it tells about it, and what is left when the App is taken away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import psycopg
import pytest
import pytest_asyncio
from psycopg.sql import SQL, Identifier

from bot.github.gate import APP
from bot.work.embedded import EmbeddedPostgres
from tests.e2e.conftest import Stage
from tests.fluxbot_process import fluxbot
from tests.github.flux_repository import BROKEN, FILES
from tests.github_simulator.simulator import Simulator
from tests.github_simulator.world import Installation, Repository
from tests.secrecy.canaries import SECRET, cases, filled, leaks

pytestmark = pytest.mark.asyncio(loop_scope="module")

_BUILDS = cases("builds")
_FAILING = ("literal", "patch-json-path", "env-line", "patch-wrong-type", "anchor", "remote")
SECRETIVE = {
    "infra/secret.yaml": filled(SECRET),
    **{
        f"clusters/production/{name}/{path}": text
        for name in _FAILING
        for path, text in {"secret.yaml": filled(SECRET), "deployment.yaml": "", **_BUILDS[name]}.items()
    },
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def own() -> AsyncIterator[tuple[Stage, Installation]]:
    """A server of its own, because another test's repositories would be in the way."""
    async with Simulator() as github, fluxbot(github) as process:
        installation = await github.add_installation("acme")
        yield Stage(github, process), installation


def kept(data: Path) -> list[Path]:
    """The files below the data folder that are not the database's."""
    return [path for path in data.rglob("*") if path.is_file() and "postgres" not in path.relative_to(data).parts]


def rows(data: Path) -> str:
    """All that the tables hold, but for how they were made, workers, the last look, and what the App itself spent."""
    passed = ("procrastinate_workers", "procrastinate_periodic_defers", "fluxbot_migration", "fluxbot_complete")
    joined = EmbeddedPostgres(data)
    try:
        with psycopg.connect(joined.url) as connection:
            found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            tables = [str(name) for (name,) in found if name not in passed]
            return "\n".join(
                f"{name}: {row}"
                for name in tables
                for row in connection.execute(SQL("SELECT * FROM {}").format(Identifier(name))).fetchall()
                if name != "fluxbot_traffic" or row[0] != APP
            )
    finally:
        joined.stop()


async def reviewed(stage: Stage, name: str) -> Repository:
    """A repository with secrets that the server reviewed, failing builds and all."""
    fleet = await stage.github.acts.add_repository(f"acme/{name}", {**FILES, **SECRETIVE}, private=True)
    pull = await stage.pull(fleet, BROKEN)
    await stage.settled()
    (run,) = stage.standing(pull).check_runs
    assert run.status == "completed"
    return fleet


async def test_neither_log_nor_metrics_nor_github_hold_anything_of_a_manifest(
    own: tuple[Stage, Installation],
) -> None:
    stage, _ = own
    fleet = await reviewed(stage, "canaries")
    pull = await stage.pull(fleet, {"infra/secret.yaml": filled(SECRET)}, branch="other")
    await stage.github.acts.comment(fleet, pull.number, "/fluxbot explain")
    await stage.settled()

    metrics = await stage.process.metrics()

    said = stage.standing(fleet)
    assert len(said.check_runs) == 2
    assert "job.done" in stage.process.log.read_text()
    assert "fluxbot_jobs" in metrics
    assert leaks(stage.process.log.read_text()) == []
    assert leaks(metrics) == []
    assert leaks(str(said.check_runs)) == []
    assert leaks(str(said.comments)) == []


async def test_what_a_review_costs_and_tells_is_counted_and_its_lines_say_which_one_it_is(
    own: tuple[Stage, Installation],
) -> None:
    stage, _ = own
    fleet = await stage.github.acts.add_repository("acme/counted", FILES, private=True)
    before = await figures(stage)

    pull = await stage.pull(fleet, BROKEN)
    await stage.settled()

    (run,) = stage.standing(pull).check_runs
    after = await figures(stage)
    grown = {name for name, value in after.items() if value > before.get(name, 0)}
    assert {f'fluxbot_review_seconds_count{{phase="{phase}"}}' for phase in ("fetch", "analyse", "publish")} <= grown
    assert 'fluxbot_findings_total{rule="crd-in-same-kustomization",severity="error"}' in grown
    assert any(name.startswith("fluxbot_builds_total") for name in grown)
    assert any(name.startswith("fluxbot_github_requests_total") for name in grown)
    assert any(name.startswith("fluxbot_github_requests_remaining") for name in after)
    lines = [json.loads(line) for line in stage.process.log.read_text().splitlines() if line.startswith("{")]
    done = [line for line in lines if line["event"] == "job.done" and line["kind"] == "review-pull"]
    done = [line for line in done if line["sha"] == run.head_sha]
    assert {(line["repository"], line["pull"], line["lock"]) for line in done} == {
        ("acme/counted", pull.number, f"pull:{fleet.id}:{pull.number}")
    }
    stored = [line for line in lines if line["event"] == "webhook.stored" and done[0]["lock"] in line["locks"]]
    assert stored
    assert all(line["delivery"] for line in stored)


async def figures(stage: Stage) -> dict[str, float]:
    text = await stage.process.metrics()
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


async def test_the_page_of_a_review_is_for_who_has_its_link_and_holds_no_secret_and_goes_with_its_repository(
    own: tuple[Stage, Installation],
) -> None:
    stage, installation = own
    fleet = await stage.github.acts.add_repository("acme/paged", FILES, private=True)
    await stage.pull(fleet, {**BROKEN, "infra/secret.yaml": filled(SECRET)})
    await stage.settled()
    (run,) = stage.standing(fleet).check_runs
    link = str(run.details_url)

    async with aiohttp.ClientSession() as session:
        async with session.get(link) as good, session.get(f"{link}x") as bad:
            page = await good.text()
        await stage.github.select(installation, add=[], remove=[fleet])
        await stage.settled()
        installation.selected = None
        async with session.get(link) as gone:
            assert (good.status, bad.status, gone.status) == (200, 403, 404)

    assert link.startswith(f"{stage.process.url}/reviews/acme/paged/1/{run.head_sha}?")
    assert "ClusterIssuer/letsencrypt dry-run failed" in page
    assert "Secret/" in page
    assert leaks(page) == []


async def test_nothing_is_left_of_a_repository_that_was_taken_away_and_the_others_stay(
    own: tuple[Stage, Installation],
) -> None:
    stage, installation = own
    gone, stays = await reviewed(stage, "gone"), await reviewed(stage, "stays")
    home = stage.process.data / "repositories" / str(installation.id)
    before = kept(home / str(gone.id))

    await stage.github.select(installation, add=[stays], remove=[gone])
    await stage.settled()
    installation.selected = None

    found = await asyncio.to_thread(rows, stage.process.data)
    assert any("answers" in path.parts for path in before)
    assert not (home / str(gone.id)).exists()
    assert kept(home / str(stays.id))
    assert str(gone.id) not in found
    assert str(stays.id) in found


async def test_nothing_is_left_of_an_installation_that_was_deleted_and_a_new_one_is_served(
    own: tuple[Stage, Installation],
) -> None:
    stage, installation = own
    await reviewed(stage, "whole")

    await stage.github.uninstall(installation)
    await stage.settled()

    found = await asyncio.to_thread(rows, stage.process.data)
    left = kept(stage.process.data)
    assert [path for path in left if leaks(path.read_bytes().decode(errors="replace"))] == []
    assert not (stage.process.data / "repositories" / str(installation.id)).exists()
    assert found == ""
    await stage.github.add_installation("acme")
    await reviewed(stage, "again")
