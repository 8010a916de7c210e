"""How long the App takes from a delivery to a completed check run, and how often it asks GitHub, over the simulator."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.fluxbot_process import Fluxbot, fluxbot
from tests.github_simulator.simulator import Simulator
from tests.github_simulator.world import Repository
from tests.open_postgres import reachable_postgres

_POLL: Final = 0.005
_WITHIN: Final = 300.0


@dataclass(frozen=True, slots=True)
class Answered:
    """One review: seconds until its check run was completed, and requests, those for tokens aside."""

    seconds: float
    requests: int


def answered(repository: Path, base: str, branches: Sequence[str]) -> tuple[str, str]:
    """Two lines of figures, of one pull request for each branch. All is warm: another one was reviewed before."""
    with reachable_postgres():
        reviews = asyncio.run(_reviews(repository, base, branches))
    seconds, requests = [each.seconds for each in reviews], [each.requests for each in reviews]
    middle, span = statistics.median(seconds), f"({min(seconds):.2f} – {max(seconds):.2f})"
    return (
        f"{'delivery to completed check run':40} {middle:6.2f} s {span}, the simulator's own time included",
        f"{'requests to GitHub for it':40} {statistics.median(requests):6.0f}   ({min(requests)} – {max(requests)})",
    )


async def _reviews(repository: Path, base: str, branches: Sequence[str]) -> list[Answered]:
    async with Simulator() as github:
        fleet = await github.acts.add_repository("acme/fleet", {"README.md": "# begun\n"})
        refs = [f"+refs/heads/{base}:refs/heads/main", *(f"+refs/heads/{each}:refs/heads/{each}" for each in branches)]
        await fleet.git.run("fetch", "--quiet", str(repository), *refs)
        async with fluxbot(github) as process, asyncio.timeout(_WITHIN):
            await github.add_installation("acme")
            await github.acts.push(fleet, "warm", {"README.md": "# warm\n"})
            _ = await _review(github, process, fleet, "warm")
            return [await _review(github, process, fleet, branch) for branch in branches]


async def _review(github: Simulator, process: Fluxbot, fleet: Repository, branch: str) -> Answered:
    github.hooks.hold()
    pull = await github.acts.open_pull(fleet, branch)

    async def is_completed() -> bool:
        return any(run.status == "completed" for run in github.state(pull).check_runs)

    github.counts.clear()
    began = time.monotonic()
    await github.hooks.release()
    await process.until(is_completed, _POLL)
    seconds = time.monotonic() - began
    await github.hooks.settle()
    return Answered(seconds, sum(number for route, number in github.counts.items() if "access_tokens" not in route))
