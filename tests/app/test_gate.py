"""When the gate opens, and for which tree."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.app.overtaken import EVERY
from bot.app.perform import perform
from bot.model.task import BaseMoved, CancelGroup, ReviewGroup, ReviewPull
from bot.ports import Unreachable
from tests.app.conftest import Bench, Killed
from tests.github.flux_repository import BROKEN, FIXED, INFRA
from tests.github_simulator.conversation import Pull
from tests.github_simulator.faults import Cut
from tests.github_simulator.git_writing import Content

APPS = INFRA.replace("infra", "apps")
WAITS_FOR_APPS: dict[str, Content] = {
    "clusters/production/infra.yaml": INFRA.replace("prune: true", "prune: true, dependsOn: [{name: apps}]")
}
WAITS_FOR_INFRA: dict[str, Content] = {
    "clusters/production/apps.yaml": APPS.replace("prune: true", "prune: true, dependsOn: [{name: infra}]")
}


async def halves(bench: Bench) -> tuple[Pull, Pull]:
    """Two pull requests that are each fine; together they are a cycle."""
    apps = "apiVersion: v1\nkind: Namespace\nmetadata: {name: apps}\n"
    await bench.github.acts.push(
        bench.fleet, "main", {"clusters/production/apps.yaml": APPS, "apps/namespace.yaml": apps}
    )
    first = await bench.pull(WAITS_FOR_APPS, "first")
    second = await bench.pull(WAITS_FOR_INFRA, "second")
    for pull in (first, second):
        await bench.review(pull)
        assert [run.conclusion for run in bench.github.state(pull).check_runs] == ["success"]
    return first, second


async def test_two_that_are_fine_apart_and_a_cycle_together_are_stopped_in_the_merge_queue(bench: Bench) -> None:
    first, second = await halves(bench)
    group = await bench.github.acts.queue(first, second)

    await perform(ReviewGroup(bench.repository, str(group["head_sha"]), str(group["base_sha"])), bench.world)

    (run,) = bench.github.state(bench.fleet).runs_at(str(group["head_sha"]))
    assert run.conclusion == "failure"
    assert "depends-on-cycle" in (run.summary or "")
    assert run.annotations


async def test_a_destroyed_group_is_cancelled_while_it_is_judged(bench: Bench) -> None:
    first, _ = await halves(bench)
    group = await bench.github.acts.queue(first)
    head = str(group["head_sha"])

    async def destroy_and_wait() -> None:
        bench.deferred.append(CancelGroup(bench.repository, head))
        await asyncio.sleep(60)

    bench.during.append(destroy_and_wait)
    began = time.monotonic()
    await perform(ReviewGroup(bench.repository, head, str(group["base_sha"])), bench.world)

    assert [run.conclusion for run in bench.github.state(bench.fleet).runs_at(head)] == ["cancelled"]
    assert time.monotonic() - began < 20


async def test_a_group_that_was_destroyed_before_its_worker_died_is_cancelled(bench: Bench) -> None:
    first, _ = await halves(bench)
    group = await bench.github.acts.queue(first)
    head = str(group["head_sha"])

    async def die() -> None:
        raise Killed

    bench.during.append(die)
    with pytest.raises(Killed):
        await perform(ReviewGroup(bench.repository, head, str(group["base_sha"])), bench.world)
    await perform(CancelGroup(bench.repository, head), bench.world)

    assert [run.conclusion for run in bench.github.state(bench.fleet).runs_at(head)] == ["cancelled"]


async def test_a_push_stops_the_review_of_the_commit_before_within_two_seconds(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    old = pull.head_sha
    pushed: list[float] = []

    async def push_and_wait() -> None:
        await bench.github.acts.push(bench.fleet, "topic", FIXED)
        bench.deferred.append(ReviewPull(bench.repository, pull.number))
        pushed.append(time.monotonic())
        await asyncio.sleep(60)

    bench.during.append(push_and_wait)
    await bench.review(pull)
    took = time.monotonic() - pushed[0]
    await bench.work_off()

    standing = bench.github.state(bench.fleet)
    assert [run.conclusion for run in standing.runs_at(old)] == ["cancelled"]
    assert [run.conclusion for run in standing.runs_at(pull.head_sha)] == ["success"]
    assert took < 2 + EVERY


async def test_a_repetition_of_the_same_event_stops_nothing(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)

    async def again() -> None:
        bench.deferred.append(ReviewPull(bench.repository, pull.number))
        await asyncio.sleep(3 * EVERY)

    bench.during.append(again)
    await bench.review(pull)

    assert [run.conclusion for run in bench.github.state(pull).check_runs] == ["failure"]


async def moved(bench: Bench) -> None:
    """The event of a push to ``main``, and all that comes of it."""
    head = await bench.fleet.git.resolve("refs/heads/main")
    await perform(BaseMoved(bench.repository, "main", head or ""), bench.world)
    await bench.work_off()


async def test_a_base_that_moved_into_a_cycle_with_an_open_pull_request_fails_it_and_says_so_once(
    bench: Bench,
) -> None:
    first, second = await halves(bench)
    await bench.github.acts.merge(first)

    await moved(bench)
    await moved(bench)

    standing = bench.github.state(second)
    assert [run.conclusion for run in standing.runs_at(second.head_sha)] == ["success", "failure"]
    assert len(standing.comments) == 1
    assert "depends-on-cycle" in standing.comments[0].body


async def test_a_base_that_moved_elsewhere_changes_nothing_and_writes_nothing(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    before = bench.github.state(pull).comments[0].updated_at
    await bench.github.acts.push(bench.fleet, "main", {"README.md": "# moved\n"})
    bench.github.counts.clear()

    await moved(bench)

    assert bench.github.state(pull).comments[0].updated_at == before
    assert len(bench.github.state(pull).check_runs) == 1
    assert not [route for route in bench.github.counts if route.startswith(("POST /repos", "PATCH"))]


async def failing_with_its_base(bench: Bench) -> Pull:
    """A pull request that is fine by itself, and a cycle with what its base branch has by now."""
    first, second = await halves(bench)
    await bench.github.acts.merge(first)
    await moved(bench)
    assert [run.conclusion for run in bench.github.state(second).check_runs] == ["success", "failure"]
    return second


def verdict(bench: Bench, pull: Pull) -> str | None:
    """What stands on the newest commit in the end."""
    return bench.github.state(pull).runs_at(pull.head_sha)[-1].conclusion


async def test_a_push_does_not_turn_a_branch_green_that_fails_with_its_base(bench: Bench) -> None:
    pull = await failing_with_its_base(bench)
    await bench.github.acts.push(bench.fleet, "second", {"README.md": "# more\n"})

    await bench.review(pull)
    await bench.work_off()

    assert verdict(bench, pull) == "failure"
    (comment,) = bench.github.state(pull).comments
    assert "depends-on-cycle" in comment.body


async def test_a_recheck_does_not_turn_a_branch_green_that_fails_with_its_base(bench: Bench) -> None:
    pull = await failing_with_its_base(bench)

    await bench.review(pull, recheck=True, event="comment-1")
    await bench.work_off()

    assert verdict(bench, pull) == "failure"


async def test_a_branch_that_left_its_base_long_ago_is_judged_as_it_would_be_merged_from_the_beginning(
    bench: Bench,
) -> None:
    first, second = await halves(bench)
    await bench.github.acts.merge(first)
    await bench.github.acts.push(bench.fleet, "late", WAITS_FOR_INFRA, onto=second.base_sha)
    late = await bench.github.acts.open_pull(bench.fleet, "late")

    await bench.review(late)
    await bench.work_off()

    assert verdict(bench, late) == "failure"


async def test_the_look_at_the_merged_tree_is_done_after_a_crash_and_says_so_once(bench: Bench) -> None:
    pull = await failing_with_its_base(bench)
    await bench.github.acts.push(bench.fleet, "second", {"README.md": "# more\n"})
    await bench.review(pull)
    task = bench.deferred[-1]
    bench.github.fail_next("PATCH", "/repos/acme/fleet/check-runs/*", Cut())

    with pytest.raises(Unreachable):
        await bench.work_off()
    for _ in range(2):
        await perform(task, bench.world)
        await bench.work_off()

    runs = bench.github.state(pull).runs_at(pull.head_sha)
    assert runs[-1].conclusion == "failure"
    assert all(run.status == "completed" for run in runs)
    assert len(bench.github.state(pull).comments) == 1


async def test_a_change_that_reaches_no_cluster_is_not_looked_at_again_however_old_its_base(bench: Bench) -> None:
    pull = await bench.pull({"docs/README.md": "# ours\n"})
    await bench.github.acts.push(bench.fleet, "main", {"README.md": "# moved\n"})

    await bench.review(pull)

    assert bench.deferred == []


async def test_at_most_twenty_are_looked_at_again_and_the_newest_first(bench: Bench) -> None:
    bench.journal.aimed = {(bench.fleet.id, number): "main" for number in range(1, 31)}

    await perform(BaseMoved(bench.repository, "main", "0" * 40), bench.world)

    assert [task.number for task in bench.deferred if isinstance(task, ReviewPull)] == list(range(30, 10, -1))


async def test_advisory_mode_says_everything_and_never_fails(bench: Bench) -> None:
    gate = "version: 1\ngate: {fresh: never, running: never}\n"
    await bench.github.acts.push(bench.fleet, "main", {".fluxbot.yaml": gate})
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    standing = bench.github.state(pull)
    assert [run.conclusion for run in standing.check_runs] == ["success"]
    assert "1 deadlock" in (standing.check_runs[0].title or "")
    assert len(standing.threads) == 1


async def test_what_was_wrong_before_is_nobodys_to_answer_for(bench: Bench) -> None:
    await bench.github.acts.push(bench.fleet, "main", BROKEN)
    pull = await bench.pull({"infra/namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: new}\n"})

    await bench.review(pull)

    standing = bench.github.state(pull)
    assert [run.conclusion for run in standing.check_runs] == ["success"]
    assert (standing.comments, standing.threads) == ((), ())


async def test_a_change_that_reaches_no_cluster_is_a_success_in_one_line(bench: Bench) -> None:
    pull = await bench.pull({"README.md": "# our fleet\n"})

    await bench.review(pull)

    (run,) = bench.github.state(pull).check_runs
    assert run.conclusion == "success"
    assert (run.summary or "").splitlines()[0] == "Nothing changes of what Flux applies in `clusters/production`."
    assert len((run.summary or "").strip().splitlines()) <= 3


async def test_the_check_run_tells_what_the_merge_does_and_how_the_order_changes(bench: Bench) -> None:
    pull = await bench.pull(FIXED)

    await bench.review(pull)

    (run,) = bench.github.state(pull).check_runs
    summary = run.summary or ""
    assert run.title == "Nothing found · production"
    assert "| `clusters/production` | 2 | 1 | 0 | – | 3 ready |" in summary
    assert "| `clusters/production` | `Kustomization/flux-system/issuers` | – | 3 |" in summary
