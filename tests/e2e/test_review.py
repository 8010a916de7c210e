"""What stands on GitHub after the real server and worker took the deliveries."""

from __future__ import annotations

import asyncio

import pytest

from tests.e2e.conftest import Stage, said
from tests.example_repository import change, files
from tests.github.flux_repository import BROKEN, FILES, FIXED, ISSUER
from tests.github_simulator.people import Role

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_deadlock_fails_on_its_line_with_one_comment_and_its_fix_turns_it_green_and_folds_it(
    stage: Stage,
) -> None:
    fleet = await stage.github.acts.add_repository("acme/example", files("base"))
    pull = await stage.pull(fleet, {**change("base", "head")})
    await stage.settled()
    broken = stage.standing(pull)

    await stage.github.acts.push(fleet, "topic", change("head", "fixed"))
    await stage.settled()

    fixed = stage.standing(pull)
    assert [(run.name, run.status, run.conclusion) for run in broken.check_runs] == [
        ("fluxbot", "completed", "failure")
    ]
    assert [(each.path, each.line) for each in broken.threads] == [("infra/issuer.yaml", 2)]
    assert ["crd-in-same-kustomization" in comment.body for comment in broken.comments] == [True]
    assert [(run.conclusion, run.annotations) for run in fixed.check_runs] == [("success", [])]
    assert [(comment.id, "all is well again" in comment.body) for comment in fixed.comments] == [
        (broken.comments[0].id, True)
    ]


async def test_a_pull_request_from_a_fork_is_reviewed_in_the_base_repository(stage: Stage) -> None:
    fleet = await stage.github.acts.add_repository("acme/forked", FILES)
    fork = await stage.github.acts.fork(fleet, "mallory")
    await stage.github.acts.push(fork, "topic", BROKEN, by="mallory")

    pull = await stage.github.acts.open_pull(fleet, "topic", fork=fork, by="mallory")
    await stage.settled()

    standing = stage.standing(pull)
    assert [(run.head_sha, run.conclusion) for run in standing.check_runs] == [(pull.head_sha, "failure")]
    assert [(each.path, each.line) for each in standing.threads] == [("infra/issuer.yaml", 3)]
    assert len(standing.comments) == 1
    assert stage.standing(fork).check_runs == ()


async def test_twenty_pull_requests_at_once_are_all_done(stage: Stage) -> None:
    fleet = await stage.github.acts.add_repository("acme/twenty", FILES)
    stage.github.hooks.hold()
    pulls = []
    for number in range(20):
        name = f"infra/issuer-{number}.yaml"
        pulls.append(await stage.pull(fleet, {name: ISSUER.replace("letsencrypt", f"ca-{number}")}, f"topic-{number}"))

    await stage.github.hooks.release()
    await stage.settled()

    done = [stage.standing(pull) for pull in pulls]
    assert [[(run.status, run.conclusion) for run in each.check_runs] for each in done] == [
        [("completed", "failure")]
    ] * 20
    assert [[each.path for each in standing.threads] for standing in done] == [
        [f"infra/issuer-{number}.yaml"] for number in range(20)
    ]
    assert [len(each.comments) for each in done] == [1] * 20


async def test_deliveries_that_come_twice_at_once_and_again_later_change_nothing(stage: Stage) -> None:
    fleet = await stage.github.acts.add_repository("acme/repeated", FILES)
    stage.github.hooks.hold()
    pull = await stage.pull(fleet, BROKEN)
    await stage.github.hooks.release(copies=3)
    await stage.settled()
    first = stage.standing(pull)

    for delivery in [each for each in stage.github.hooks.log() if each.repository_id == fleet.id]:
        again = await stage.github.hooks.redeliver(delivery)
        assert again.status_code == 202
    await stage.settled()

    assert len(first.check_runs) == len(first.threads) == len(first.comments) == 1
    assert said(stage.standing(pull)) == said(first)


async def test_deliveries_in_the_wrong_order_end_in_the_review_of_the_newest_commit(stage: Stage) -> None:
    fleet = await stage.github.acts.add_repository("acme/reordered", FILES)
    stage.github.hooks.hold()
    pull = await stage.pull(fleet, BROKEN)
    broken = pull.head_sha
    await stage.github.acts.push(fleet, "topic", FIXED)

    await stage.github.hooks.release(backwards=True)
    await stage.settled()

    whole = stage.standing(fleet)
    assert whole.runs_at(broken) == ()
    assert [(run.status, run.conclusion) for run in whole.runs_at(pull.head_sha)] == [("completed", "success")]
    assert whole.comments == ()


async def test_a_delivery_that_comes_after_a_later_push_or_the_end_of_the_pull_request_changes_nothing(
    stage: Stage,
) -> None:
    fleet = await stage.github.acts.add_repository("acme/late", FILES)
    pull = await stage.pull(fleet, BROKEN)
    await stage.settled()
    stage.github.hooks.hold()
    await stage.github.acts.push(fleet, "topic", {"README.md": "# late\n"})
    late = pull.head_sha
    await stage.github.acts.push(fleet, "topic", FIXED)
    await stage.github.acts.close(pull)
    before = said(stage.standing(fleet))

    await stage.github.hooks.release()
    await stage.settled()

    assert stage.standing(fleet).runs_at(late) == ()
    assert said(stage.standing(fleet)) == before


async def test_fifty_pushes_in_ten_seconds_cost_three_reviews_and_end_in_one_of_the_last(stage: Stage) -> None:
    fleet = await stage.github.acts.add_repository("acme/busy", FILES)
    pull = await stage.pull(fleet, BROKEN)
    created = "POST /repos/{owner}/{repo}/check-runs"
    before = stage.github.counts[created]

    for number in range(50):
        await stage.github.acts.push(fleet, "topic", {"infra/note.yaml": f"# push {number}\n"})
        await asyncio.sleep(0.1)
    await stage.settled()

    last = stage.standing(pull)
    assert stage.github.counts[created] - before <= 4  # that of the opening may come late, then three
    assert [(run.head_sha, run.status, run.conclusion) for run in last.check_runs] == [
        (pull.head_sha, "completed", "failure")
    ]
    assert len(last.comments) == 1


async def test_what_is_ignored_by_a_command_is_remembered_over_the_next_push(stage: Stage) -> None:
    fleet = await stage.github.acts.add_repository("acme/ignoring", FILES)
    stage.github.acts.set_role(fleet, "octocat", Role.WRITE)
    pull = await stage.pull(fleet, BROKEN)
    await stage.settled()
    finding = stage.standing(pull).threads[0].comments[0].body.rpartition("`</sub>")[0].rpartition("`")[2]

    await stage.github.acts.comment(fleet, pull.number, f"/fluxbot ignore {finding} installed by hand")
    await stage.settled()
    ignored = stage.standing(pull)
    await stage.github.acts.push(fleet, "topic", {"README.md": "# more\n"})
    await stage.settled()

    assert [run.conclusion for run in ignored.check_runs] == ["failure", "success"]
    assert "installed by hand (octocat, on this pull request" in (ignored.check_runs[-1].summary or "")
    assert [run.conclusion for run in stage.standing(pull).runs_at(pull.head_sha)] == ["success"]


async def test_the_fix_button_commits_and_the_review_of_that_commit_is_green_with_the_comment_folded(
    stage: Stage,
) -> None:
    fleet = await stage.github.acts.add_repository("acme/mended", FILES)
    (installation,) = stage.github.world.installations.values()
    granted = installation.permissions["contents"]
    installation.permissions["contents"] = "write"
    stage.github.acts.set_role(fleet, "octocat", Role.WRITE)
    pull = await stage.pull(fleet, BROKEN)
    await stage.settled()
    broken = stage.standing(pull)
    judged = pull.head_sha

    await stage.github.acts.press(fleet, broken.check_runs[-1], "fix")
    await stage.settled()
    await stage.settled()  # what the commit sets off

    fixed = stage.standing(pull)
    installation.permissions["contents"] = granted
    assert [run.conclusion for run in broken.check_runs] == ["failure"]
    assert [(run.head_sha, run.conclusion) for run in fixed.check_runs] == [(pull.head_sha, "success")]
    assert pull.head_sha != judged
    assert [thread.resolved for thread in broken.threads] == [False]
    assert [thread.resolved for thread in fixed.threads] == [True]
    summary, answer = fixed.comments
    assert "all is well again" in summary.body
    assert f"Committed as {pull.head_sha}" in answer.body
