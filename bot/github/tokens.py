"""The App's own token, and those of its installations: for one repository each, with the least permissions."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, TypeAlias

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import RSAAlgorithm

from bot.github.payload import number, word
from bot.github.transport import Transport
from bot.model.task import Repository
from bot.ports import NotPermitted, Permanent, Unreachable

PERMISSIONS: Final = {"checks": "write", "contents": "read", "metadata": "read", "pull_requests": "write"}
"""What a review needs; app.yml asks for no more than this and the events."""

READING: Final = {"contents": "read", "metadata": "read"}
"""What is asked of a repository that is not the one under review."""

LISTING: Final = {"metadata": "read"}
"""What is asked of an installation as a whole: which repositories it has."""

WRITING: Final = {**PERMISSIONS, "contents": "write"}
"""What only those installations grant that let fluxbot resolve threads and push fixes."""

_BACK = 60  # seconds that GitHub advises to date a token back, because clocks differ
_LIFE = 540  # of at most ten minutes
_EARLY = 300.0  # an installation token is not used any more when it has less left
_MOST = 1_000


_Key: TypeAlias = tuple[int, int | str, bool]
"""Installation, repository by its id or else its name, and whether its contents may be changed."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who the App is; ``private_key`` is PEM."""

    app_id: int
    private_key: str


@dataclass(frozen=True, slots=True)
class Token:
    """An installation token and when it was made and ends, as Unix times. Never print one."""

    text: str
    minted: float
    expires: float


@dataclass(frozen=True, slots=True)
class App:
    """What GitHub says that we are."""

    id: int
    slug: str


@lru_cache(maxsize=4)
def _loaded(pem: str) -> RSAPrivateKey:
    """A key, which is checked when it is read: that costs more than ten signatures.

    Raise ValueError or jwt.InvalidKeyError for what is no private key.
    """
    key = RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(pem)
    if not isinstance(key, RSAPrivateKey):
        raise jwt.InvalidKeyError("it is a public key")
    return key


def _wanted(repository: Repository, *, writing: bool) -> Mapping[str, str]:
    """The permissions of a token; of a repository that is known by name only, nothing but its files is read."""
    if not repository.id:
        return READING if repository.name else LISTING
    return WRITING if writing else PERMISSIONS


def _known(repository: Repository) -> int | str:
    """What a token is for: two repositories without an id are two."""
    return repository.id or repository.name.lower()


def _which(repository: Repository) -> Mapping[str, object]:
    """What a token is narrowed to; one without a name stands for the installation as a whole."""
    if repository.id:
        return {"repository_ids": [repository.id]}
    return {"repositories": [repository.name]} if repository.name else {}


class Tokens:
    """Mints tokens when they are needed, once for all who wait for the same."""

    def __init__(self, transport: Transport, credentials: Credentials) -> None:
        self._transport = transport
        self._credentials = credentials
        self._held: dict[_Key, Token] = {}
        self._minting: defaultdict[_Key, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._app: App | None = None

    async def app(self) -> App:
        """Our own App, asked for once."""
        if self._app is None:
            said = await self._transport.getitem("/app", jwt=self.of_app())
            self._app = App(number(said, "id"), word(said, "slug"))
        return self._app

    def of_app(self) -> str:
        """A token of the App itself, good for nine minutes."""
        now = int(self._transport.clock())
        claims = {"iat": now - _BACK, "exp": now + _LIFE, "iss": str(self._credentials.app_id)}
        return jwt.encode(claims, _loaded(self._credentials.private_key), algorithm="RS256")

    async def of(self, repository: Repository, *, writing: bool = False) -> Token:
        """A token for one repository that lasts for at least five minutes. Raise NotPermitted, NotFound, Transient.

        One for ``writing`` may change the repository's contents too, where the installation grants that.
        """
        key = (repository.installation, _known(repository), writing)
        async with self._minting[key]:
            held = self._held.get(key)
            if held is None or held.expires - _EARLY < self._transport.clock():
                held = await self._mint(repository, _wanted(repository, writing=writing))
                self._hold(key, held)
            return held

    def drop(self, repository: Repository, token: Token) -> None:
        """Do not use ``token`` again."""
        for key in [key for key, held in self._held.items() if key[1] == _known(repository) and held == token]:
            del self._held[key]

    def _hold(self, key: _Key, token: Token) -> None:
        if len(self._held) >= _MOST:
            now = self._transport.clock()
            self._held = {old: held for old, held in self._held.items() if held.expires > now}
        self._held[key] = token

    async def _mint(self, repository: Repository, permissions: Mapping[str, str]) -> Token:
        wanted = {**_which(repository), "permissions": permissions}
        place = {"installation": str(repository.installation)}
        path = "/app/installations/{installation}/access_tokens"
        try:
            said = await self._transport.post(path, place, data=wanted, jwt=self.of_app())
        except (NotPermitted, Unreachable):
            raise
        except Permanent as refused:
            if "not granted" in str(refused):
                raise NotPermitted(", ".join(f"{name}: {level}" for name, level in permissions.items())) from refused
            raise
        expires = datetime.fromisoformat(word(said, "expires_at")).timestamp()
        return Token(word(said, "token"), self._transport.clock(), expires)
