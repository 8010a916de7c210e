"""kill -9 between any two steps of publishing; the next process finds the same end, and nothing stands twice.

One process is killed while it is in the middle of several reviews, each at
another step: a dead worker's jobs are taken over only after a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

import pytest

from tests.e2e.conftest import Stage, said
from tests.github.flux_repository import BROKEN, FILES, FIXED
from tests.github_simulator.conversation import Pull
from tests.github_simulator.faults import Delayed

pytestmark = pytest.mark.asyncio(loop_scope="module")

Step: TypeAlias = tuple[str, str, int]
"""Method and path of a request, with a place for the owner's name, and how many of them pass before."""

_FOR_EVER: Final = 3_600.0
_RUNS: Final = "/repos/{}/fleet/check-runs"
_PUBLISHING: Final[Mapping[str, Step]] = {
    "create": ("POST", _RUNS, 0),
    "review": ("POST", "/repos/{}/fleet/pulls/*/reviews", 0),
    "comment": ("POST", "/repos/{}/fleet/issues/*/comments", 0),
    "complete": ("PATCH", f"{_RUNS}/*", 0),
}
_FOLDING: Final[Mapping[str, Step]] = {
    "create": ("POST", _RUNS, 0),
    "gone": ("PATCH", "/repos/{}/fleet/pulls/comments/*", 0),
    "fold": ("PATCH", "/repos/{}/fleet/issues/comments/*", 0),
    "complete": ("PATCH", f"{_RUNS}/*", 0),
}


def names(of: str, steps: Mapping[str, Step]) -> Iterator[tuple[str, Step, bool]]:
    """Two owners for each step, because writes of one wait for each other: no effect, or an answer that never comes."""
    for step, request in steps.items():
        yield f"{of}-{step}-before", request, False
        yield f"{of}-{step}-after", request, True


def stop(stage: Stage, name: str, request: Step, *, after: bool) -> None:
    """Let a request about a repository wait for its effect, or for its answer, until the process is dead."""
    method, path, skip = request
    stage.github.fail_next(method, path.format(name), Delayed(_FOR_EVER, after), skip=skip)


async def broken(stage: Stage, owner: str) -> Pull:
    """A broken pull request to the repository of somebody who has just installed fluxbot."""
    fleet = await stage.github.acts.add_repository(f"{owner}/fleet", FILES)
    await stage.github.add_installation(owner)
    return await stage.pull(fleet, BROKEN)


async def killed_and_started(stage: Stage) -> None:
    """Kill it when every review has come to its step, and start it again."""

    async def all_stopped() -> bool:
        return stage.github.faults.unmet == 0

    async with asyncio.timeout(60):
        await stage.process.until(all_stopped)
    await stage.process.kill()
    await stage.process.start()
    await stage.settled()


async def test_a_review_that_was_killed_at_any_step_ends_as_an_undisturbed_one(stage: Stage) -> None:
    undisturbed = await broken(stage, "undisturbed")
    await stage.settled()
    pulls = {}

    for name, request, after in names("review", _PUBLISHING):
        stop(stage, name, request, after=after)
        pulls[name] = await broken(stage, name)
    await killed_and_started(stage)

    expected = stage.standing(undisturbed)
    assert len(expected.check_runs) == len(expected.threads) == len(expected.reviews) == len(expected.comments) == 1
    assert {name: said(stage.standing(pull)) for name, pull in pulls.items()} == dict.fromkeys(pulls, said(expected))


async def test_a_repair_that_was_killed_at_any_step_is_green_and_its_comment_folded(stage: Stage) -> None:
    pulls = {}
    for name in ("calm", *(name for name, _, _ in names("repair", _FOLDING))):
        pulls[name] = await broken(stage, name)
    await stage.settled()
    await stage.github.acts.push(pulls["calm"].repository, "topic", FIXED)
    await stage.settled()

    for name, request, after in names("repair", _FOLDING):
        stop(stage, name, request, after=after)
        await stage.github.acts.push(pulls[name].repository, "topic", FIXED)
    await killed_and_started(stage)

    expected = stage.standing(pulls["calm"])
    assert [run.conclusion for run in expected.check_runs] == ["success"]
    assert ["all is well again" in comment.body for comment in expected.comments] == [True]
    assert {name: said(stage.standing(pull)) for name, pull in pulls.items()} == dict.fromkeys(pulls, said(expected))
