"""New issues and pull requests; the two share their numbers."""

from __future__ import annotations

from dataclasses import dataclass

from tests.github_simulator.conversation import Issue, Pull
from tests.github_simulator.people import Account
from tests.github_simulator.pushes import Pushes
from tests.github_simulator.world import Repository, World


def open_issue(world: World, where: Repository, by: Account, title: str, body: str | None = None) -> Issue:
    """An issue with the next number."""
    now = world.clock.now()
    number = max(where.issues, default=0) + 1
    made = Issue(world.next_id(), number, by, title, body, now, now)
    where.issues[number] = made
    return made


@dataclass(frozen=True, slots=True)
class Branches:
    """From where to where: ``branch`` of ``source`` into ``base`` of ``where``."""

    where: Repository
    base: str
    source: Repository
    branch: str


async def open_pull(pushes: Pushes, branches: Branches, by: Account, title: str) -> Pull:
    """A pull request; nobody is told yet."""
    where = branches.where
    issue = open_issue(pushes.world, where, by, title)
    made = Pull(pushes.world.next_id(), issue, where, branches.base, "", branches.source, branches.branch, "")
    await pushes.adopt_head(made)
    where.pulls[issue.number] = made
    if made.from_fork:
        pushes.suite(where, made.head_sha, None, None)
    return made
