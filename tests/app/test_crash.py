"""A worker that dies, or a connection that breaks, between any two steps leaves what an undisturbed one leaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.ports import RateLimited, Transient
from tests.app.conftest import Bench
from tests.github.flux_repository import BROKEN, FIXED
from tests.github_simulator.clock import Clock
from tests.github_simulator.conversation import Pull
from tests.github_simulator.faults import Answered, Cut, HtmlPage

STEPS = (
    ("GET", "/repos/*/pulls/*"),
    ("GET", "/repos/*/check-runs*"),
    ("POST", "/repos/*/check-runs"),
    ("GET", "/repos/*/compare/*"),
    ("GET", "/repos/*/git/trees/*"),
    ("POST", "/graphql"),
    ("GET", "/repos/*/pulls/*/files"),
    ("POST", "/repos/*/pulls/*/reviews"),
    ("PATCH", "/repos/*/check-runs/*"),
    ("POST", "/repos/*/comments"),
)
"""Every request of a review that comments; the PATCH concludes the run, all that is found stands in a comment."""


async def until_done(work: Callable[[], Awaitable[None]], clock: Clock) -> int:
    """Do it again until it succeeds, as the queue does, which lets a limit's time pass; how often it failed."""
    for failures in range(10):
        try:
            await work()
        except RateLimited as limited:
            clock.advance(timedelta(seconds=max(0.0, limited.until - clock.now().timestamp())))
            continue
        except Transient:
            continue
        return failures
    raise AssertionError("it never succeeds")


def said(bench: Bench, pull: Pull) -> object:
    """What stands there, without ids and times."""
    standing = bench.github.state(pull)
    runs = [(run.name, run.status, run.conclusion, run.summary, tuple(run.annotations)) for run in standing.check_runs]
    return runs, [comment.body for comment in standing.comments]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize(("method", "path"), STEPS)
async def test_a_connection_cut_at_any_step_changes_nothing_in_the_end(
    bench: Bench, method: str, path: str, skip: int, after: bool
) -> None:
    pull = await bench.pull(BROKEN)
    bench.github.fail_next(method, path, Cut(after_effect=after), skip=skip, times=3)

    await until_done(lambda: bench.review(pull), bench.github.clock)

    (run,) = bench.github.state(pull).check_runs
    standing = bench.github.state(pull)
    assert (run.status, run.conclusion, len(run.annotations)) == ("completed", "failure", 0)
    assert (len(standing.comments), len(standing.reviews), len(standing.threads)) == (1, 1, 1)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_cut_while_the_comment_is_folded_changes_nothing_in_the_end(bench: Bench, after: bool) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    await bench.github.acts.push(bench.fleet, "topic", FIXED)
    bench.github.fail_next("PATCH", "/repos/*/issues/comments/*", Cut(after_effect=after), times=4)

    await until_done(lambda: bench.review(pull), bench.github.clock)

    standing = bench.github.state(pull)
    assert [run.conclusion for run in standing.check_runs] == ["success"]
    assert ["all is well" in comment.body for comment in standing.comments] == [True]


async def test_a_proxy_page_a_502_and_both_kinds_of_limits_are_only_delays(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    bench.github.fail_next("POST", "/repos/*/check-runs", HtmlPage())
    bench.github.fail_next("GET", "/repos/*/compare/*", Answered(502), times=4)
    bench.github.fail_next("PATCH", "*", Answered(429, "slow down", {"Retry-After": "3"}))
    bench.github.fail_next("POST", "/repos/*/comments", Answered(403, "You have exceeded a secondary rate limit"))

    failures = await until_done(lambda: bench.review(pull), bench.github.clock)

    assert failures >= 3
    assert [run.conclusion for run in bench.github.state(pull).check_runs] == ["failure"]
    assert len(bench.github.state(pull).comments) == 1
    assert "crd-in-same-kustomization" in str(said(bench, pull))
