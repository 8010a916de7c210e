"""GitHub, the real server and the real worker: one of each for a module, a repository for each test."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest_asyncio

from tests.fluxbot_process import Fluxbot, fluxbot
from tests.github_simulator.conversation import Pull
from tests.github_simulator.git_writing import Content
from tests.github_simulator.simulator import Simulator
from tests.github_simulator.standing import Standing
from tests.github_simulator.world import Repository
from tests.postgres import database, server

__all__ = ["database", "server"]


@dataclass(frozen=True, slots=True)
class Stage:
    """What runs, and how to wait for it."""

    github: Simulator
    process: Fluxbot

    async def pull(self, fleet: Repository, files: dict[str, Content], branch: str = "topic") -> Pull:
        """A pull request whose branch changes ``files``."""
        await self.github.acts.push(fleet, branch, files)
        return await self.github.acts.open_pull(fleet, branch)

    async def settled(self, seconds: float = 60) -> None:
        """Wait until all deliveries are stored and all that they ask for is done."""
        async with asyncio.timeout(seconds):
            await self.github.hooks.settle()
            await self.process.until(self.process.idle)
            await self.github.hooks.settle()

    def standing(self, where: Repository | Pull) -> Standing:
        """What stands on GitHub."""
        return self.github.state(where)


def said(standing: Standing) -> object:
    """What stands there, without ids, times and the addresses of lines, which hold a commit."""
    return (
        [
            (run.name, run.status, run.conclusion, run.title, _anywhere(run.summary or ""), run.annotations)
            for run in standing.check_runs
        ],
        [(comment.author.login, _anywhere(comment.body)) for comment in standing.comments],
        [(review.state, review.body) for review in standing.reviews],
        [
            (
                thread.path,
                thread.line,
                thread.resolved,
                [(_anywhere(one.body), one.minimized) for one in thread.comments],
            )
            for thread in standing.threads
        ],
    )


def _anywhere(text: str) -> str:
    return re.sub(r"/[\w-]+/[\w-]+/blob/[0-9a-f]{40}/", "/", text)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with Simulator() as github, fluxbot(github) as process:
        await github.add_installation("acme")
        yield Stage(github, process)
