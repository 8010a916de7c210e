"""What was missed is found: deliveries that failed, and pull requests of which there was no delivery at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.app import catch_up
from bot.app.perform import perform
from bot.model.task import EndLeft, LookAround, LookThrough, ReviewGroup, ReviewPull, TakeMissed, Task
from bot.ports import RateLimited
from tests.app.conftest import Bench, Killed
from tests.e2e.conftest import said
from tests.github.flux_repository import BROKEN, FIXED
from tests.github_simulator.conversation import Pull
from tests.github_simulator.faults import Answered

LIST = "GET /app/hook/deliveries"
DETAIL = "GET /app/hook/deliveries/{delivery_id}"


async def missed(bench: Bench) -> None:
    """Wait until GitHub has given up what is under way, and look."""
    await bench.github.hooks.settle()
    await perform(TakeMissed(), bench.world)


async def test_a_delivery_that_failed_is_taken_in_as_if_it_had_come(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)

    await missed(bench)
    await bench.work_off()

    assert [run.conclusion for run in bench.github.state(pull).check_runs] == ["failure"]


async def test_what_came_after_all_is_not_taken_in_again(bench: Bench) -> None:
    await bench.pull(BROKEN)
    await missed(bench)
    bench.deferred.clear()
    read = bench.github.counts[DETAIL]

    await missed(bench)

    assert bench.deferred == []
    assert bench.github.counts[DETAIL] == read


async def test_a_look_reads_no_further_back_than_the_one_before_and_an_hour(bench: Bench) -> None:
    await bench.pull(BROKEN)
    await bench.github.hooks.settle()
    bench.intake.until = datetime.now(UTC) + timedelta(hours=2)

    await missed(bench)

    assert bench.deferred == []
    assert bench.github.counts[LIST] == 1
    assert bench.github.counts[DETAIL] == 0


async def test_a_look_that_broke_off_is_made_again_from_where_the_last_whole_one_was(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.github.hooks.settle()
    bench.github.fail_next("GET", "/app/hook/deliveries/*", Answered(500), times=3)

    try:
        await missed(bench)
    except Exception:  # noqa: BLE001 - whatever it is, the queue tries again
        assert bench.intake.until is None
    await missed(bench)

    assert ReviewPull(bench.repository, pull.number) in bench.deferred


async def test_more_than_one_look_can_take_in_is_left_to_the_next(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 30
    monkeypatch.setattr(catch_up, "MOST_MISSED", most)
    for _ in range(most + 20):
        await bench.github.hooks.send("star", {"action": "created"}, installation_id=bench.installation.id)

    await missed(bench)

    assert TakeMissed() in bench.deferred
    bench.deferred.clear()
    await missed(bench)
    assert TakeMissed() not in bench.deferred
    assert len(bench.intake.came) >= most + 20


async def test_pull_requests_without_any_delivery_are_found_and_the_newest_is_reviewed_first(bench: Bench) -> None:
    bench.github.hooks.losing = True
    old = await bench.pull(BROKEN, "old")
    new = await bench.pull(FIXED, "new")

    await perform(LookAround(), bench.world)
    assert bench.deferred == [LookAround(bench.installation.id)]
    await perform(bench.deferred.pop(), bench.world)
    assert bench.deferred == [LookThrough(bench.repository)]
    await perform(bench.deferred.pop(), bench.world)

    assert bench.deferred == [ReviewPull(bench.repository, new.number), ReviewPull(bench.repository, old.number)]
    await bench.work_off()
    assert [run.conclusion for run in bench.github.state(old).check_runs] == ["failure"]


async def test_who_was_reviewed_as_it_stands_is_not_looked_at_again_until_it_changes(bench: Bench) -> None:
    bench.github.hooks.losing = True
    pull = await bench.pull(BROKEN)
    await bench.review(pull)

    await perform(LookThrough(bench.repository), bench.world)
    assert bench.deferred == []

    await bench.github.acts.push(bench.fleet, "topic", FIXED)
    await perform(LookThrough(bench.repository), bench.world)
    assert bench.deferred == [ReviewPull(bench.repository, pull.number)]


async def test_after_the_database_was_lost_a_look_says_nothing_twice(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    before = said(bench.github.state(pull))
    bench.journal.over.clear()

    await perform(LookThrough(bench.repository), bench.world)
    await bench.work_off()
    await perform(LookThrough(bench.repository), bench.world)

    after = bench.github.state(pull)
    assert bench.deferred == []
    assert (len(after.check_runs), len(after.comments), len(after.threads)) == (1, 1, 1)
    assert said(after) == before


async def test_a_quiet_repository_costs_a_look_around_nothing(bench: Bench) -> None:
    await perform(LookAround(bench.installation.id), bench.world)

    assert bench.deferred == []


async def test_a_suspended_installation_is_left_alone_and_looked_at_when_it_is_back(bench: Bench) -> None:
    bench.github.hooks.losing = True
    await bench.pull(BROKEN)
    await bench.github.suspend(bench.installation)

    await perform(LookAround(), bench.world)
    await perform(LookAround(bench.installation.id), bench.world)
    assert bench.deferred == []

    await bench.github.unsuspend(bench.installation)
    await perform(LookAround(), bench.world)
    assert bench.deferred == [LookAround(bench.installation.id)]


async def test_a_run_that_nobody_works_on_any_more_ends_as_timed_out(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await die_while_reviewing(bench, pull)

    await perform(EndLeft(), bench.world)

    (run,) = bench.github.state(pull).check_runs
    assert (run.status, run.conclusion, run.title) == ("completed", "timed_out", "fluxbot did not finish")
    assert await bench.journal.left(3_600) == []


async def test_a_run_whose_task_still_waits_is_left_to_it(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await die_while_reviewing(bench, pull)
    bench.deferred.append(ReviewPull(bench.repository, pull.number))

    await perform(EndLeft(), bench.world)

    assert [run.status for run in bench.github.state(pull).check_runs] == ["in_progress"]


async def test_the_run_of_a_merge_group_that_nobody_works_on_any_more_ends_as_timed_out(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    group = ReviewGroup(bench.repository, pull.head_sha, pull.base_sha)
    await die_while(bench, group)

    await perform(EndLeft(), bench.world)

    assert [run.conclusion for run in bench.github.state(bench.fleet).runs_at(pull.head_sha)] == ["timed_out"]


async def test_little_left_of_the_hour_stops_the_look_and_no_review_that_an_event_asks_for(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    bench.github.limits.spend(bench.installation.id, 4_000)
    await bench.review(pull, recheck=True, event="again")

    with pytest.raises(RateLimited):
        await perform(LookAround(bench.installation.id), bench.world)
    with pytest.raises(RateLimited):
        await perform(LookThrough(bench.repository), bench.world)
    await bench.review(pull, recheck=True, event="once-more")

    assert len(bench.github.state(pull).check_runs) == 3


async def die_while(bench: Bench, task: Task) -> None:
    """The worker is killed in the middle of a task, and its job is lost."""

    async def die() -> None:
        raise Killed

    bench.during.append(die)
    with pytest.raises(Killed):
        await perform(task, bench.world)


async def die_while_reviewing(bench: Bench, pull: Pull) -> None:
    await die_while(bench, ReviewPull(bench.repository, pull.number))
