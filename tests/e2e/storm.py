"""Deliveries that come while something goes wrong, and what has to stand on GitHub afterwards."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from tests.github.flux_repository import BROKEN, FILES
from tests.github_simulator.conversation import Pull
from tests.github_simulator.simulator import Simulator

PUSHES: Final = 4
"""Deliveries about one pull request, its opening among them."""
OF_ONE: Final = 25
"""Pull requests of one installation: all that is asked about them fits into its hour at GitHub."""
APART: Final = 0.2
"""Seconds between two pushes."""

Disturb: TypeAlias = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Course:
    """What came, and how long that took."""

    pulls: Sequence[Pull]
    seconds: float


async def pushed(github: Simulator, deliveries: int) -> list[Pull]:
    """Pull requests, with pushes to all of them by and by, and a repository of another owner for each few of them."""
    pulls: list[Pull] = []
    for number in range(deliveries // PUSHES):
        if number % OF_ONE == 0:
            fleet = await github.acts.add_repository(f"acme-{number}/fleet", FILES)
            await github.add_installation(f"acme-{number}")
        await github.acts.push(fleet, f"topic-{number}", {**BROKEN, "README.md": f"# {number}\n"})
        pulls.append(await github.acts.open_pull(fleet, f"topic-{number}"))
        await asyncio.sleep(APART)
    for turn in range(1, PUSHES):
        for number, pull in enumerate(pulls):
            await github.acts.push(pull.repository, f"topic-{number}", {"README.md": f"# {number}, {turn}\n"})
            await asyncio.sleep(APART)
    return pulls


async def disturbed(storm: Sequence[Disturb], every: float, during: Awaitable[list[Pull]]) -> Course:
    """What comes of ``during``, while something goes wrong every so many seconds, and each thing once at least."""
    began = time.monotonic()
    work = asyncio.ensure_future(during)
    for turn in range(1_000_000):
        done, _ = await asyncio.wait({work}, timeout=every)
        if done and turn >= len(storm):
            return Course(work.result(), time.monotonic() - began)
        await storm[turn % len(storm)]()
    raise AssertionError("it never ends")


def judge(github: Simulator, pulls: Sequence[Pull]) -> None:
    """Nothing is lost and nothing doubled: one ended run a commit, one comment and one thread a pull request."""
    assert {pull.number: wrong for pull in pulls if (wrong := _wrong(github, pull))} == {}
    runs = [
        run
        for fleet in {pull.repository.id: pull.repository for pull in pulls}.values()
        for run in github.state(fleet).check_runs
    ]
    assert {run.status for run in runs} == {"completed"}
    assert [sha for sha, times in Counter(run.head_sha for run in runs).items() if times > 1] == []


def _wrong(github: Simulator, pull: Pull) -> object:
    """What stands on a pull request that is not exactly one judgement; None where it is."""
    standing = github.state(pull)
    said = [(run.status, run.conclusion, str(run.title)) for run in standing.check_runs]
    match said:
        case [("completed", "failure", title)] if "not judge" not in title:
            right = len(standing.comments) == len(standing.threads) == 1
        case _:
            right = False
    return None if right else (said, len(standing.comments), len(standing.threads))


def told(github: Simulator, course: Course, settled: float, met: Counter[str]) -> str:
    """The figures of a storm that nothing was lost in."""
    log = github.hooks.log()
    events = {each.guid for each in log}
    failed = len(events - {each.guid for each in log if each.status == "OK"})
    done = ", ".join(f"{times} × {what}" for what, times in sorted(met.items()))
    return (
        f"{len(events)} deliveries in {course.seconds:.0f} s, {failed} of them not taken at first; {done};"
        f" all right {settled:.0f} s later: {len(course.pulls)} pull requests, 0 lost, 0 doubled"
    )
