"""What follows when a branch moves: pull requests follow it, suites are made, the App is told."""

from __future__ import annotations

from datetime import datetime

from tests.github_simulator.announcer import Announcer
from tests.github_simulator.conversation import Pull
from tests.github_simulator.git_repository import Person
from tests.github_simulator.git_writing import fetch, merge, set_ref
from tests.github_simulator.hooks import Delivery
from tests.github_simulator.people import Account
from tests.github_simulator.verdicts import CheckSuite
from tests.github_simulator.world import Repository, World, allows


class Pushes:
    """Keeps pull requests in step with their branches."""

    def __init__(self, world: World, announcer: Announcer) -> None:
        self.world = world
        self.announcer = announcer

    async def moved(
        self, where: Repository, branch: str, before: str | None, after: str, by: Account
    ) -> list[Delivery]:
        """``branch`` now points to ``after``; the deliveries that came of it."""
        told: list[Delivery] = []
        for base in self.world.network(where):
            for pull in base.pulls_of(branch, where):
                told += await self._synchronize(pull, by)
            for pull in base.pulls.values():
                if base is where and pull.base_ref == branch and pull.state == "open":
                    pull.mergeable, pull.merge_asked = None, False
        suite = self.suite(where, after, branch, before)
        if suite is not None:
            told += await self.announcer.check_suite("requested", where, suite, by)
        return told

    def suite(self, where: Repository, sha: str, branch: str | None, before: str | None) -> CheckSuite | None:
        """The new suite that GitHub makes for a push when the App may write checks; None when it makes none."""
        installation = self.world.installation_for(where)
        if installation is None or not allows(installation.permissions, "checks", "write"):
            return None
        if any(each.head_sha == sha for each in where.check_suites.values()):
            return None
        now = self.world.clock.now()
        made = CheckSuite(self.world.next_id(), sha, branch, before, now, now)
        where.check_suites[made.id] = made
        return made

    async def _synchronize(self, pull: Pull, by: Account) -> list[Delivery]:
        before = pull.head_sha
        await self.adopt_head(pull)
        told = await self.announcer.pull("synchronize", pull, by, {"before": before, "after": pull.head_sha})
        if pull.from_fork and (suite := self.suite(pull.repository, pull.head_sha, None, before)) is not None:
            told += await self.announcer.check_suite("requested", pull.repository, suite, by)
        return told

    async def adopt_head(self, pull: Pull) -> None:
        """Read head and base from their branches; a fork's head comes into ``refs/pull/N/head`` here."""
        base = await pull.repository.git.resolve(f"refs/heads/{pull.base_ref}")
        head = await pull.head_repository.git.resolve(f"refs/heads/{pull.head_ref}")
        if base is None or head is None:
            raise ValueError(f"{pull.base_ref} or {pull.head_ref} is no branch")
        ref = f"refs/pull/{pull.number}/head"
        if pull.from_fork:
            await fetch(pull.repository.git, pull.head_repository.git, head, ref)
        else:
            await set_ref(pull.repository.git, ref, head)
        pull.head_sha, pull.base_sha = head, base
        pull.mergeable, pull.merge_asked = None, False
        pull.issue.updated_at = self.world.clock.now()

    async def test_merge(self, pull: Pull) -> None:
        """Find out whether a pull request can be merged, as GitHub's background job does after the first question."""
        git = pull.repository.git
        base = await git.resolve(f"refs/heads/{pull.base_ref}")
        assert base is not None
        sha = await merge(git, base, pull.head_sha, person("GitHub", self.world.clock.now()))
        pull.mergeable, pull.merge_commit_sha = sha is not None, sha
        if sha is not None:
            await set_ref(git, f"refs/pull/{pull.number}/merge", sha)


def person(login: str, now: datetime) -> Person:
    """The author of a commit made at ``now``."""
    return Person(login, f"{login}@example.org", int(now.timestamp()))
