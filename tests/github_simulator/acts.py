"""What people do on GitHub. Each act returns when the App has answered the deliveries it caused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.github_simulator.announcer import Announcer
from tests.github_simulator.conversation import Comment, Issue, Pull
from tests.github_simulator.git_writing import Change, Content, commit_files, create, delete_ref, merge, set_ref
from tests.github_simulator.hooks import Delivery
from tests.github_simulator.json_value import JsonObject
from tests.github_simulator.opening import Branches, open_issue, open_pull
from tests.github_simulator.people import Role
from tests.github_simulator.pushes import Pushes, person
from tests.github_simulator.shapes import commits
from tests.github_simulator.verdicts import CheckRun
from tests.github_simulator.world import Repository, World


class Acts:
    """The hands of people: ``octocat`` unless another login is given."""

    def __init__(self, world: World, announcer: Announcer, folder: Path) -> None:
        self.world = world
        self.announcer = announcer
        self.pushes = Pushes(world, announcer)
        self._folder = folder

    async def add_repository(
        self, full_name: str, files: Mapping[str, Content], *, private: bool = False
    ) -> Repository:
        """A repository whose first commit on ``main`` has ``files``; its owner is made when there is none."""
        owner, _, name = full_name.partition("/")
        now = self.world.clock.now()
        number = self.world.next_id()
        git = await create(self._folder / f"{number}.git")
        made = Repository(number, self.world.account(owner, "Organization"), name, private, git, now)
        await commit_files(git, "refs/heads/main", Change(files, "Begin", None, person("octocat", now)))
        self.world.repositories[made.id] = made
        return made

    async def fork(self, where: Repository, owner: str) -> Repository:
        """A fork in the account ``owner``, with all branches as they are."""
        git = await create(self._folder / f"{(number := self.world.next_id())}.git")
        await git.run("fetch", "--quiet", str(where.git.path), "+refs/heads/*:refs/heads/*")
        made = Repository(
            number, self.world.account(owner), where.name, where.private, git, self.world.clock.now(),
            default_branch=where.default_branch, fork_of=where,
        )  # fmt: skip
        self.world.repositories[made.id] = made
        return made

    def set_role(self, where: Repository, login: str, role: Role) -> None:
        """Give ``login`` a role."""
        where.roles[self.world.account(login).id] = role

    async def push(  # noqa: PLR0913 - keywords that a test rarely gives
        self,
        where: Repository,
        branch: str,
        files: Mapping[str, Content],
        *,
        onto: str | None = None,
        by: str = "octocat",
        message: str = "Change",
    ) -> str:
        """A commit with ``files`` on ``branch``; ``onto`` another commit it is a force-push.

        A branch that is new begins at the default branch. Content None removes a file.
        """
        ref = f"refs/heads/{branch}"
        before = await where.git.resolve(ref)
        parent = onto or before or await where.git.resolve(f"refs/heads/{where.default_branch}")
        change = Change(files, message, parent, person(by, self.world.clock.now()))
        after = await commit_files(where.git, ref, change)
        await self.pushes.moved(where, branch, before, after, self.world.account(by))
        return after

    async def open_pull(  # noqa: PLR0913 - keywords that a test rarely gives
        self,
        where: Repository,
        branch: str,
        *,
        base: str | None = None,
        fork: Repository | None = None,
        title: str = "Change",
        by: str = "octocat",
        draft: bool = False,
    ) -> Pull:
        """A pull request of ``branch``, here or in ``fork``."""
        who = self.world.account(by)
        made = await open_pull(
            self.pushes, Branches(where, base or where.default_branch, fork or where, branch), who, title
        )
        made.draft = draft
        await self.announcer.pull("opened", made, who)
        return made

    async def ready(self, pull: Pull) -> list[Delivery]:
        """A draft is ready for review."""
        pull.draft = False
        return await self.announcer.pull("ready_for_review", pull, pull.issue.author)

    async def close(self, pull: Pull) -> list[Delivery]:
        """Close without merging."""
        pull.issue.state, pull.issue.closed_at = "closed", self.world.clock.now()
        return await self.announcer.pull("closed", pull, pull.issue.author)

    async def reopen(self, pull: Pull) -> list[Delivery]:
        """Open it again."""
        pull.issue.state, pull.issue.closed_at = "open", None
        await self.pushes.adopt_head(pull)
        return await self.announcer.pull("reopened", pull, pull.issue.author)

    async def change_base(self, pull: Pull, base: str) -> list[Delivery]:
        """Aim it at another branch."""
        before: JsonObject = {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}
        pull.base_ref = base
        await self.pushes.adopt_head(pull)
        return await self.announcer.pull("edited", pull, pull.issue.author, {"changes": {"base": before}})

    async def merge(self, pull: Pull, by: str = "octocat") -> str:
        """Merge it into its base; ValueError where they conflict."""
        now, who, git = self.world.clock.now(), self.world.account(by), pull.repository.git
        base = await git.resolve(f"refs/heads/{pull.base_ref}")
        sha = None if base is None else await merge(git, base, pull.head_sha, person(by, now))
        if sha is None:
            raise ValueError(f"pull request {pull.number} conflicts with {pull.base_ref}")
        await set_ref(git, f"refs/heads/{pull.base_ref}", sha)
        pull.issue.state, pull.issue.closed_at = "closed", now
        pull.merged_at, pull.merged_by, pull.merge_commit_sha = now, who, sha
        await self.announcer.pull("closed", pull, who)
        await self.pushes.moved(pull.repository, pull.base_ref, base, sha, who)
        return sha

    async def open_issue(self, where: Repository, title: str, by: str = "octocat") -> Issue:
        """An issue that is no pull request."""
        return open_issue(self.world, where, self.world.account(by), title)

    async def comment(self, where: Repository, number: int, body: str, *, by: str = "octocat") -> Comment:
        """A comment of a person."""
        now, who = self.world.clock.now(), self.world.account(by)
        made = Comment(self.world.next_id(), number, who, body, now, now)
        where.comments[made.id] = made
        await self.announcer.comment("created", where, made, who)
        return made

    async def edit_comment(self, where: Repository, which: Comment, body: str, *, by: str) -> list[Delivery]:
        """Another text; ``by`` may be somebody else than the author."""
        before, which.body, which.updated_at = which.body, body, self.world.clock.now()
        return await self.announcer.comment("edited", where, which, self.world.account(by), before=before)

    async def rerun(self, where: Repository, run: CheckRun, by: str = "octocat") -> list[Delivery]:
        """Press “Re-run” of one check."""
        suite = where.check_suites[run.suite_id]
        suite.rerequested = True
        return await self.announcer.check_run("rerequested", where, where.check_runs[run.id], self.world.account(by))

    async def rerun_all(self, where: Repository, sha: str, by: str = "octocat") -> list[Delivery]:
        """Press “Re-run all checks” of a commit."""
        suite = next(each for each in where.check_suites.values() if each.head_sha == sha)
        suite.rerequested = True
        return await self.announcer.check_suite("rerequested", where, suite, self.world.account(by))

    async def press(self, where: Repository, run: CheckRun, identifier: str, by: str = "octocat") -> list[Delivery]:
        """Press a button of a completed run; ValueError where it has no such button."""
        current = where.check_runs[run.id]
        if current.status != "completed" or identifier not in {each.identifier for each in current.actions}:
            raise ValueError(f"check run {run.id} has no button {identifier}")
        who = self.world.account(by)
        return await self.announcer.check_run("requested_action", where, current, who, identifier=identifier)

    async def queue(self, *pulls: Pull) -> JsonObject:
        """Put pull requests into the merge queue together; the merge group that is to be checked."""
        first, last = pulls[0], pulls[-1]
        git, where = first.repository.git, first.repository
        base = await git.resolve(f"refs/heads/{first.base_ref}")
        assert base is not None
        head = base
        for pull in pulls:
            merged = await merge(git, head, pull.head_sha, person("octocat", self.world.clock.now()))
            if merged is None:
                raise ValueError(f"pull request {pull.number} conflicts")
            head = merged
        ref = f"refs/heads/gh-readonly-queue/{first.base_ref}/pr-{last.number}-{base}"
        await set_ref(git, ref, head)
        group: JsonObject = {
            "head_sha": head,
            "head_ref": ref,
            "base_sha": base,
            "base_ref": f"refs/heads/{first.base_ref}",
            "head_commit": commits.head_commit(await git.commit(head)),
        }
        await self.announcer.merge_group("checks_requested", where, group)
        return group

    async def destroy(self, where: Repository, group: JsonObject, reason: str = "dequeued") -> list[Delivery]:
        """Take a merge group apart (``merged``, ``invalidated`` or ``dequeued``)."""
        await delete_ref(where.git, str(group["head_ref"]))
        return await self.announcer.merge_group("destroyed", where, group, reason)

    async def rename(self, where: Repository, name: str) -> list[Delivery]:
        """Another name; the old one redirects."""
        before = where.name
        self.world.renamed[where.full_name.lower()] = where.id
        where.name = name
        changes: JsonObject = {"repository": {"name": {"from": before}}}
        return await self.announcer.repository("renamed", where, {"changes": changes})

    def transfer(self, where: Repository, owner: str) -> None:
        """Another owner; the old name redirects. Only an App that is installed there sees it from now on.

        The event is not delivered: the cut description has no payload of it.
        """
        self.world.renamed[where.full_name.lower()] = where.id
        where.owner = self.world.account(owner, "Organization")

    async def archive(self, where: Repository) -> list[Delivery]:
        """Make it read-only."""
        where.archived = True
        return await self.announcer.repository("archived", where)
