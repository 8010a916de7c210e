"""What stands on GitHub: accounts, repositories, the App and its installations."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from tests.github_simulator.clock import Clock
from tests.github_simulator.conversation import Comment, Issue, Pull, Review, ReviewComment
from tests.github_simulator.git_repository import GitRepository
from tests.github_simulator.people import Account, Role
from tests.github_simulator.verdicts import CheckRun, CheckSuite

Permissions: TypeAlias = dict[str, str]
LEVELS = ("none", "read", "write", "admin")
FIRST_ID = 5_000_000_001  # beyond 32 bits, as GitHub's newer ids are


@dataclass(slots=True, eq=False)
class App:
    """The GitHub App under test; ``private_key`` is PEM."""

    id: int
    slug: str
    name: str
    owner: Account
    bot: Account
    permissions: Permissions
    events: tuple[str, ...]
    private_key: str
    public_key: str
    webhook_secret: str
    created_at: datetime


@dataclass(slots=True, eq=False)
class Installation:
    """The App on one account; ``selected`` None means all repositories."""

    id: int
    account: Account
    permissions: Permissions
    events: tuple[str, ...]
    selected: set[int] | None
    created_at: datetime
    suspended_at: datetime | None = None


@dataclass(slots=True, eq=False)
class Repository:
    """One repository with everything that hangs on it, by id (issues and pulls by number)."""

    id: int
    owner: Account
    name: str
    private: bool
    git: GitRepository
    created_at: datetime
    default_branch: str = "main"
    archived: bool = False
    fork_of: Repository | None = None
    roles: dict[int, Role] = field(default_factory=dict)  # account id → role
    issues: dict[int, Issue] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    reviews: dict[int, Review] = field(default_factory=dict)
    review_comments: dict[int, ReviewComment] = field(default_factory=dict)
    check_suites: dict[int, CheckSuite] = field(default_factory=dict)
    check_runs: dict[int, CheckRun] = field(default_factory=dict)
    protected: set[str] = field(default_factory=set)  # branches that change by pull requests only
    tree_limit: int = 100_000  # entries of a recursive tree before it is truncated

    @property
    def full_name(self) -> str:
        """``owner/name``."""
        return f"{self.owner.login}/{self.name}"

    def role(self, account: Account) -> Role:
        """What ``account`` may do here; everybody may read what is public."""
        if account.id == self.owner.id:
            return Role.ADMIN
        return self.roles.get(account.id, Role.NONE if self.private else Role.READ)

    def pulls_of(self, ref: str, head: Repository) -> Iterator[Pull]:
        """Open pull requests from branch ``ref`` of ``head``."""
        for pull in self.pulls.values():
            if pull.state == "open" and pull.head_ref == ref and pull.head_repository is head:
                yield pull


class World:
    """All state; ids are unique over all kinds."""

    def __init__(self, clock: Clock, app: App) -> None:
        self.clock = clock
        self.app = app
        self.accounts: dict[str, Account] = {each.login.lower(): each for each in (app.owner, app.bot)}
        self.repositories: dict[int, Repository] = {}
        self.renamed: dict[str, int] = {}  # former full name in lower case → repository
        self.installations: dict[int, Installation] = {}
        self.manifest_codes: set[str] = set()
        self._ids = itertools.count(FIRST_ID)

    def next_id(self) -> int:
        """A number never given before."""
        return next(self._ids)

    def account(self, login: str, kind: str = "User") -> Account:
        """The account ``login``, made when there is none."""
        key = login.lower()
        if key not in self.accounts:
            self.accounts[key] = Account(self.next_id(), login, kind)
        return self.accounts[key]

    def repository(self, full_name: str) -> Repository | None:
        """The repository that has this name now, in any case."""
        wanted = full_name.lower()
        return next((each for each in self.repositories.values() if each.full_name.lower() == wanted), None)

    def installation_for(self, repository: Repository) -> Installation | None:
        """The installation that covers ``repository``."""
        for each in self.installations.values():
            if each.account.id == repository.owner.id and covers(each, repository):
                return each
        return None

    def network(self, repository: Repository) -> list[Repository]:
        """``repository``, its parent and all forks of these."""
        root = repository.fork_of or repository
        return [each for each in self.repositories.values() if each is root or each.fork_of is root]


def covers(installation: Installation, repository: Repository) -> bool:
    """Whether ``repository`` is among those the installation was given."""
    selected = installation.selected
    return installation.account.id == repository.owner.id and (selected is None or repository.id in selected)


def allows(permissions: Permissions, name: str, level: str) -> bool:
    """Whether ``permissions`` grant ``level`` of ``name``; metadata is always readable."""
    granted = permissions.get(name, "read" if name == "metadata" else "none")
    return LEVELS.index(granted) >= LEVELS.index(level)
