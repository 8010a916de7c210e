"""What happens on GitHub, told to the App: payloads of webhooks, each checked against the description."""

from __future__ import annotations

import asyncio

from tests.github_simulator.conversation import Comment, Pull, ReviewComment
from tests.github_simulator.description import description
from tests.github_simulator.diff import between
from tests.github_simulator.hooks import Delivery, Hooks
from tests.github_simulator.json_value import JsonObject
from tests.github_simulator.people import Account
from tests.github_simulator.shapes import accounts, checks, comments, commits, pulls, repositories
from tests.github_simulator.shapes.links import Links, node_id
from tests.github_simulator.verdicts import CheckRun, CheckSuite
from tests.github_simulator.world import Installation, Repository, World

# Sent to the App whether it subscribed or not.
UNASKED = frozenset({
    "check_run.rerequested", "check_run.requested_action", "check_suite.rerequested",
    "check_suite.requested", "installation", "installation_repositories",
})  # fmt: skip


class Announcer:
    """Builds payloads and hands them to the hooks; ``problems`` collects payloads that the description refuses."""

    def __init__(self, world: World, links: Links, hooks: Hooks) -> None:
        self.world = world
        self.links = links
        self.hooks = hooks
        self.problems: list[str] = []

    async def size(self, pull: Pull) -> pulls.Size:
        """How much a pull request changes."""
        git = pull.repository.git
        base = await git.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha
        files, names = await asyncio.gather(between(git, base, pull.head_sha), git.history(f"{base}..{pull.head_sha}"))
        added, removed = sum(each.additions for each in files), sum(each.deletions for each in files)
        return pulls.Size(len(names), len(files), added, removed)

    async def pull(self, action: str, pull: Pull, by: Account, extra: JsonObject | None = None) -> list[Delivery]:
        """pull_request: opened, synchronize, …"""
        shown = pulls.pull(self.links, pull, await self.size(pull))
        payload: JsonObject = {"action": action, "number": pull.number, "pull_request": shown, **(extra or {})}
        return await self._tell("pull_request", pull.repository, by, payload)

    async def comment(
        self, action: str, where: Repository, which: Comment, by: Account, *, before: str | None = None
    ) -> list[Delivery]:
        """issue_comment; ``before`` is the former body of an edited one."""
        payload: JsonObject = {
            "action": action,
            "issue": pulls.issue(self.links, where, where.issues[which.number]),
            "comment": comments.comment(self.links, where, which, self.world.app),
        }
        if before is not None:
            payload["changes"] = {"body": {"from": before}}
        return await self._tell("issue_comment", where, by, payload)

    async def review_comment(self, where: Repository, which: ReviewComment, by: Account) -> list[Delivery]:
        """pull_request_review_comment.created."""
        shown = comments.review_comment(self.links, where, which, which.place.line)
        pull = pulls.listed_pull(self.links, where.pulls[which.number])
        payload: JsonObject = {"action": "created", "comment": shown, "pull_request": pull}
        return await self._tell("pull_request_review_comment", where, by, payload)

    async def check_run(
        self, action: str, where: Repository, run: CheckRun, by: Account, *, identifier: str | None = None
    ) -> list[Delivery]:
        """check_run: created, completed, rerequested, requested_action."""
        suite = await self.suite_shape(where, where.check_suites[run.suite_id])
        shown = checks.check_run(self.links, where, run, self.world.app)
        payload: JsonObject = {"action": action, "check_run": {**shown, "check_suite": suite}}
        if identifier is not None:
            payload["requested_action"] = {"identifier": identifier}
        return await self._tell("check_run", where, by, payload)

    async def check_suite(self, action: str, where: Repository, suite: CheckSuite, by: Account) -> list[Delivery]:
        """check_suite: requested, rerequested, completed."""
        payload: JsonObject = {"action": action, "check_suite": await self.suite_shape(where, suite)}
        return await self._tell("check_suite", where, by, payload)

    async def suite_shape(self, where: Repository, suite: CheckSuite) -> JsonObject:
        """A suite as deliveries show it."""
        commit = commits.head_commit(await where.git.commit(suite.head_sha))
        return checks.check_suite(self.links, where, suite, self.world.app, commit)

    async def merge_group(
        self, action: str, where: Repository, group: JsonObject, reason: str | None = None
    ) -> list[Delivery]:
        """merge_group: checks_requested, destroyed."""
        payload: JsonObject = {"action": action, "merge_group": group}
        if reason is not None:
            payload["reason"] = reason
        return await self._tell("merge_group", where, where.owner, payload)

    async def repository(self, action: str, where: Repository, extra: JsonObject | None = None) -> list[Delivery]:
        """repository: renamed, archived, …"""
        return await self._tell("repository", where, where.owner, {"action": action, **(extra or {})})

    async def installation(
        self, action: str, which: Installation, event: str = "installation", extra: JsonObject | None = None
    ) -> list[Delivery]:
        """installation and installation_repositories."""
        covered = [
            repositories.short_repository(each)
            for each in self.world.repositories.values()
            if self.world.installation_for(each) is which
        ]
        payload: JsonObject = {
            "action": action,
            "installation": accounts.installation(self.links, which, self.world.app),
            "sender": accounts.account(self.links, which.account),
            **({"repositories": list(covered), "requester": None} if event == "installation" else {}),
            **(extra or {}),
        }
        return await self._deliver(event, payload, which, None)

    async def _tell(self, event: str, where: Repository, by: Account, payload: JsonObject) -> list[Delivery]:
        """Deliver to the installation that covers ``where``, if it wants this event."""
        which = self.world.installation_for(where)
        if which is None or which.suspended_at is not None:
            return []
        names = {event, f"{event}.{payload['action']}"}
        if event not in which.events and not names & UNASKED:
            return []
        payload["repository"] = repositories.repository(self.links, where)
        payload["sender"] = accounts.account(self.links, by)
        payload["installation"] = {"id": which.id, "node_id": node_id("MDIz", which.id)}
        if where.owner.kind == "Organization":
            payload["organization"] = self._organization(where.owner)
        return await self._deliver(event, payload, which, where)

    def _organization(self, who: Account) -> JsonObject:
        url = f"{self.links.api}/orgs/{who.login}"
        names = ("repos", "events", "hooks", "issues", "members", "public_members")
        return {
            "login": who.login,
            "id": who.id,
            "node_id": node_id("O", who.id),
            "url": url,
            **{f"{name}_url": f"{url}/{name}" for name in names},
            "avatar_url": f"{self.links.root}/avatars/{who.id}",
            "description": None,
        }

    async def _deliver(
        self, event: str, payload: JsonObject, which: Installation, where: Repository | None
    ) -> list[Delivery]:
        if problem := description().delivery_problem(event, str(payload["action"]), payload):
            self.problems.append(f"delivery {event}.{payload['action']}: {problem}")
        repository_id = None if where is None else where.id
        sent = await self.hooks.send(event, payload, installation_id=which.id, repository_id=repository_id)
        return [] if sent is None else [sent]
