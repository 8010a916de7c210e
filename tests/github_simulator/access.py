"""Who asks, and what they may."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias, assert_never

import jwt

from tests.github_simulator.people import Account, Role
from tests.github_simulator.refusal import Refused, not_accessible, not_found
from tests.github_simulator.world import LEVELS, Installation, Permissions, Repository, World, allows, covers

TOKEN_LIFE = timedelta(hours=1)
JWT_LIFE = timedelta(minutes=10)
CLOCK_SKEW = timedelta(seconds=60)  # GitHub's advice to date `iat` 60 s back bounds what it tolerates


@dataclass(frozen=True, slots=True)
class AsApp:
    """The App itself, by a JSON web token."""


@dataclass(frozen=True, slots=True)
class AsInstallation:
    """The App on one account; ``repositories`` None means all that the installation covers."""

    installation: Installation
    permissions: Permissions
    repositories: frozenset[int] | None
    expires_at: datetime

    def sees(self, repository: Repository) -> bool:
        """Whether ``repository`` is within the token."""
        inside = self.repositories is None or repository.id in self.repositories
        return inside and covers(self.installation, repository)


@dataclass(frozen=True, slots=True)
class AsUser:
    """A person, by a personal token."""

    account: Account


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody in particular."""


Actor: TypeAlias = AsApp | AsInstallation | AsUser | Anonymous


@dataclass(frozen=True, slots=True)
class Need:
    """A permission that would do."""

    name: str
    level: str


class Access:
    """Tokens, and the questions asked of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tokens: dict[str, AsInstallation] = {}
        self._users: dict[str, Account] = {}
        self._secret = secrets.token_bytes(32)

    def actor(self, headers: Mapping[str, str]) -> Actor:
        """Who sent ``headers``; 401 for what is no valid credential."""
        words = headers.get("Authorization", "").split()
        if not words:
            return Anonymous()
        if len(words) != 2 or words[0].lower() not in {"bearer", "token"}:
            raise Refused(401, "Bad credentials")
        token = words[1]
        if token in self._users:
            return AsUser(self._users[token])
        if token.startswith("ghs_"):
            return self._installation(token)
        if token.count(".") == 2:
            self._verify(token)
            return AsApp()
        raise Refused(401, "Bad credentials")

    def mint(
        self, installation: Installation, permissions: Permissions, repositories: frozenset[int] | None
    ) -> tuple[str, AsInstallation]:
        """A new installation token: of the long form that GitHub has been moving to since 2026."""
        token = f"ghs_{self._world.app.id}_{secrets.token_urlsafe(30)}.{secrets.token_urlsafe(60)}"
        actor = AsInstallation(installation, permissions, repositories, self._world.clock.now() + TOKEN_LIFE)
        self._tokens[token] = actor
        return token, actor

    def user_token(self, account: Account) -> str:
        """A new personal token of ``account``."""
        token = f"ghp_{secrets.token_hex(18)}"
        self._users[token] = account
        return token

    def archive_token(self, repository_id: int, sha: str, until: int) -> str:
        """The signature of an archive's address that is good until a Unix time."""
        return hmac.new(self._secret, f"{repository_id} {sha} {until}".encode(), hashlib.sha256).hexdigest()

    def revoke(self, headers: Mapping[str, str]) -> None:
        """Forget the token in ``headers``."""
        self._tokens.pop(headers.get("Authorization", "").split()[-1], None)

    def revoke_all(self) -> None:
        """Make every installation token invalid at once, as when a day goes wrong."""
        self._tokens.clear()

    def _installation(self, token: str) -> AsInstallation:
        actor = self._tokens.get(token)
        if actor is None or actor.expires_at <= self._world.clock.now():
            raise Refused(401, "Bad credentials")
        if actor.installation.id not in self._world.installations:
            raise Refused(401, "Bad credentials")
        if actor.installation.suspended_at is not None:
            raise Refused(403, "This installation has been suspended")
        return actor

    def _verify(self, token: str) -> None:
        app = self._world.app
        try:
            # The times are compared with the simulator's clock, below.
            options: jwt.types.Options = {"verify_exp": False, "verify_iat": False, "require": ["iat", "exp", "iss"]}
            claims = jwt.decode(token, app.public_key, algorithms=["RS256"], options=options)
        except jwt.InvalidTokenError as wrong:
            raise Refused(401, "A JSON web token could not be decoded") from wrong
        if str(claims["iss"]) != str(app.id):
            raise Refused(401, "Integration not found")
        now = self._world.clock.now()
        if float(claims["iat"]) > (now + CLOCK_SKEW).timestamp():
            raise Refused(401, "'Issued at' claim ('iat') must be an Integer representing the time in the past")
        if float(claims["exp"]) <= now.timestamp():
            raise Refused(401, "'Expiration time' claim ('exp') must be a future time")
        if float(claims["exp"]) > (now + JWT_LIFE + CLOCK_SKEW).timestamp():
            raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")


def check(actor: Actor, repository: Repository, needs: tuple[Need, ...]) -> None:
    """Let ``actor`` do what any one of ``needs`` covers in ``repository``, or refuse as GitHub does.

    What a token does not see is 404 when private. A public repository outside
    a token can be read, not written. Within a token each permission counts,
    also for reading what is public: GitHub is laxer there, but a permission
    that is missing in tests is missing in production.
    """
    level = needs[0].level
    match actor:
        case AsApp():
            raise Refused(401, "Bad credentials")
        case AsInstallation() if actor.sees(repository):
            if not any(allows(actor.permissions, need.name, need.level) for need in needs):
                raise not_accessible("; ".join(f"{need.name}={need.level}" for need in needs))
        case AsInstallation() | Anonymous():
            if repository.private:
                raise not_found()
            if level != "read":
                raise Refused(401, "Requires authentication") if actor == Anonymous() else not_accessible("none")
        case AsUser(account):
            _check_user(account, repository, needs)
        case _:
            assert_never(actor)
    if level != "read" and repository.archived:
        raise Refused(403, "Repository was archived so is read-only.")


def _check_user(account: Account, repository: Repository, needs: tuple[Need, ...]) -> None:
    role = repository.role(account)
    if role is Role.NONE:
        raise not_found()
    talking = {need.name for need in needs} <= {"issues", "pull_requests"}
    if needs[0].level == "write" and not talking and not role.at_least(Role.WRITE):
        raise Refused(403, "Must have push access to view repository.")


def narrowed(granted: Permissions, asked: Permissions) -> Permissions:
    """``asked``, all of which must lie within ``granted``."""
    for name, level in asked.items():
        if level not in LEVELS or not allows(granted, name, level):
            raise Refused(422, "The permissions requested are not granted to this installation.")
    return {"metadata": "read", **asked}
