"""Merge groups, repositories that became ours, and tasks that were given up."""

from __future__ import annotations

from bot.app.perform import give_up, perform
from bot.model.task import Forget, ReviewGroup, ReviewPull, Welcome
from bot.ports import Unreachable
from bot.work.patience import Crashed
from tests.app.conftest import Bench
from tests.github.flux_repository import BROKEN


async def test_a_merge_group_is_judged_on_its_own_head(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    group = await bench.github.acts.queue(pull)
    task = ReviewGroup(bench.repository, str(group["head_sha"]), str(group["base_sha"]))

    await perform(task, bench.world)
    await perform(task, bench.world)

    (run,) = bench.github.state(bench.fleet).runs_at(str(group["head_sha"]))
    assert (run.conclusion, len(run.annotations)) == ("failure", 1)
    assert bench.github.state(pull).comments == ()


async def test_open_pull_requests_of_a_new_repository_are_reviewed_and_closed_ones_not(bench: Bench) -> None:
    first, second = await bench.pull(BROKEN, "one"), await bench.pull({"README.md": "x\n"}, "two")
    await bench.github.acts.close(second)

    await perform(Welcome(bench.repository), bench.world)
    await bench.work_off()

    assert [run.head_sha for run in bench.github.state(bench.fleet).check_runs] == [first.head_sha]


async def test_what_was_reviewed_already_is_not_reviewed_again_when_we_look_around(bench: Bench) -> None:
    await bench.review(await bench.pull(BROKEN))

    await perform(Welcome(bench.repository), bench.world)

    assert bench.deferred == []


async def test_a_suite_of_a_fork_that_was_asked_for_again_is_found_by_looking_around(bench: Bench) -> None:
    fork = await bench.github.acts.fork(bench.fleet, "mallory")
    await bench.github.acts.push(fork, "topic", BROKEN, by="mallory")
    pull = await bench.github.acts.open_pull(bench.fleet, "topic", fork=fork, by="mallory")
    await bench.review(pull)
    await bench.github.acts.rerun_all(bench.fleet, pull.head_sha)

    await perform(Welcome(bench.repository), bench.world)

    assert bench.deferred == [ReviewPull(bench.repository, pull.number, recheck=True)]


async def test_a_review_that_is_given_up_fails_with_the_reason(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    task = ReviewPull(bench.repository, pull.number)

    await give_up(task, Unreachable("GitHub answered with status 502"), 31, bench.world)

    (run,) = bench.github.state(pull).check_runs
    assert (run.conclusion, run.title) == ("failure", "fluxbot could not judge this change")
    assert run.summary == (
        "GitHub answered with status 502.\n\nNothing is known about the change itself.\n\n"
        "fluxbot tried 31 times. `Recheck` below has it reviewed again."
    )
    assert [action.label for action in run.actions] == ["Recheck"]


async def test_a_review_that_cannot_be_done_at_all_speaks_of_no_tries(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)

    await give_up(ReviewPull(bench.repository, pull.number), Crashed("fluxbot died 5 times"), 1, bench.world)

    (run,) = bench.github.state(pull).check_runs
    assert run.summary == "fluxbot died 5 times.\n\nNothing is known about the change itself."


async def test_a_bug_is_told_by_its_kind_only(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)

    await give_up(ReviewPull(bench.repository, pull.number), KeyError("a secret"), 3, bench.world)

    (run,) = bench.github.state(pull).check_runs
    assert "fluxbot broke (KeyError)" in str(run.summary)
    assert "secret" not in str(run.summary)


async def test_what_is_forgotten_leaves_no_file(bench: Bench) -> None:
    await bench.review(await bench.pull(BROKEN))
    assert list(bench.folder.iterdir())

    await perform(Forget(bench.installation.id), bench.world)

    assert list(bench.folder.iterdir()) == []
