"""Check runs: the rules that stand in no schema, and what stands afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from tests.github_simulator.simulator import Simulator
from tests.github_simulator.world import Repository
from tests.github_simulator_tests.conftest import REPOSITORY, Client

RUNS = f"{REPOSITORY}/check-runs"


def remark(line: int = 1, **more: object) -> dict[str, object]:
    return {
        "path": "a.yaml", "start_line": line, "end_line": line, "annotation_level": "failure", "message": "no", **more
    }  # fmt: skip


def output(**more: object) -> dict[str, object]:
    return {"title": "t", "summary": "s", **more}


async def started(client: Client, fleet: Repository, **more: object) -> Any:  # noqa: ANN401 - JSON of any shape
    sha = await fleet.git.resolve("main")
    reply = await client.ask("POST", RUNS, body={"name": "fluxbot", "head_sha": sha, **more})
    assert reply.status == 201, reply.body
    return reply.body


async def test_annotations_of_several_requests_add_up(github: Simulator, client: Client, fleet: Repository) -> None:
    run = await started(client, fleet, status="in_progress")

    for start in (1, 51):
        remarks = [remark(line) for line in range(start, start + 50)]
        await client.ask("PATCH", f"{RUNS}/{run['id']}", body={"output": output(annotations=remarks)})

    (stands,) = github.state(fleet).check_runs
    assert [each.start_line for each in stands.annotations] == list(range(1, 101))
    listed = await client.ask("GET", f"{RUNS}/{run['id']}/annotations?per_page=100")
    assert len(listed.body) == 100


@pytest.mark.parametrize(
    "wrong",
    [
        {"output": output(annotations=[remark() for _ in range(51)])},
        {"output": output(summary="x" * 65_536)},
        {"output": output(text="x" * 65_536)},
        {"output": {"summary": "a title is missing"}, "status": "nonsense"},
        {"output": output(annotations=[remark(title="x" * 256)])},
        {"output": output(annotations=[remark(message="x" * 65_537)])},
        {"output": output(annotations=[{**remark(1), "end_line": 2, "start_column": 1}])},
        {"output": output(annotations=[{**remark(2), "end_line": 1}])},
        {"status": "completed"},
        {"conclusion": "stale"},
        {"actions": [{"label": "l", "description": "d", "identifier": str(n)} for n in range(4)]},
        {"actions": [{"label": "x" * 21, "description": "d", "identifier": "i"}]},
    ],
)
async def test_what_github_refuses_of_a_check_run_is_422_and_leaves_nothing(
    github: Simulator, client: Client, fleet: Repository, wrong: dict[str, object]
) -> None:
    sha = await fleet.git.resolve("main")

    reply = await client.ask("POST", RUNS, body={"name": "fluxbot", "head_sha": sha, **wrong})

    assert reply.status == 422
    assert github.state(fleet).check_runs == ()
    github.take_problems()


async def test_a_completed_run_cannot_be_reopened(github: Simulator, client: Client, fleet: Repository) -> None:
    run = await started(client, fleet, status="completed", conclusion="failure")

    reply = await client.ask("PATCH", f"{RUNS}/{run['id']}", body={"status": "in_progress"})

    assert reply.status == 422
    (stands,) = github.state(fleet).check_runs
    assert (stands.status, stands.conclusion) == ("completed", "failure")


async def test_a_conclusion_completes_the_run(github: Simulator, client: Client, fleet: Repository) -> None:
    run = await started(client, fleet, external_id="key")

    await client.ask("PATCH", f"{RUNS}/{run['id']}", body={"conclusion": "success", "output": output()})

    (stands,) = github.state(fleet).check_runs
    assert (stands.status, stands.conclusion, stands.external_id) == ("completed", "success", "key")
    assert stands.completed_at is not None


async def test_a_check_run_needs_a_commit_that_exists(client: Client) -> None:
    reply = await client.ask("POST", RUNS, body={"name": "fluxbot", "head_sha": "0" * 40})

    assert reply.status == 422
    assert "No commit found" in reply.body["message"]


async def test_the_newest_run_of_a_name_is_listed_unless_all_are_asked_for(client: Client, fleet: Repository) -> None:
    await started(client, fleet, status="completed", conclusion="failure")
    newer = await started(client, fleet)

    latest = await client.ask("GET", f"{REPOSITORY}/commits/main/check-runs?check_name=fluxbot&app_id=4242")
    every = await client.ask("GET", f"{REPOSITORY}/commits/heads/main/check-runs?filter=all")

    assert [each["id"] for each in latest.body["check_runs"]] == [newer["id"]]
    assert every.body["total_count"] == 2


async def test_the_suite_says_what_its_runs_say(client: Client, fleet: Repository) -> None:
    run = await started(client, fleet)
    suite = f"{REPOSITORY}/check-suites/{run['check_suite']['id']}"
    before = await client.ask("GET", suite)

    await client.ask("PATCH", f"{RUNS}/{run['id']}", body={"conclusion": "failure"})

    assert before.body["status"] == "in_progress"
    assert (await client.ask("GET", suite)).body["conclusion"] == "failure"
    listed = await client.ask("GET", f"{REPOSITORY}/commits/main/check-suites")
    assert listed.body["total_count"] == 1


async def test_checks_of_a_fork_name_no_pull_request(github: Simulator, client: Client, fleet: Repository) -> None:
    fork = await github.acts.fork(fleet, "mallory")
    sha = await github.acts.push(fork, "topic", {"a.yaml": "1\n"})
    await github.acts.open_pull(fleet, "topic", fork=fork)
    own = await github.acts.push(fleet, "own", {"a.yaml": "2\n"})
    await github.acts.open_pull(fleet, "own")

    foreign = await client.ask("POST", RUNS, body={"name": "fluxbot", "head_sha": sha})
    inside = await client.ask("POST", RUNS, body={"name": "fluxbot", "head_sha": own})

    assert foreign.body["pull_requests"] == []
    suite = await client.ask("GET", f"{REPOSITORY}/check-suites/{foreign.body['check_suite']['id']}")
    assert suite.body["head_branch"] is None
    assert [each["number"] for each in inside.body["pull_requests"]] == [2]
