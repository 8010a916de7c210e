"""A simulator with one organisation, one installed App and one repository, and a client for it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import aiohttp
import jwt
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.github_simulator.simulator import Simulator
from tests.github_simulator.world import Installation, Repository

REPOSITORY = "/repos/acme/fleet"


@cache  # reading a key checks it, which takes 25 ms
def _loaded(pem: str) -> RSAPrivateKey:
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


@dataclass(frozen=True, slots=True)
class Reply:
    """What the simulator answered."""

    status: int
    headers: Mapping[str, str]
    raw: bytes
    body: Any  # JSON of any shape, taken apart by the tests


@dataclass(slots=True)
class Client:
    """Speaks to a simulator in the App's name."""

    github: Simulator
    session: aiohttp.ClientSession
    installation: Installation
    tokens: dict[str, str] = field(default_factory=dict)

    def app_token(self, *, key: str | None = None, age: int = 60, life: int = 540) -> str:
        now = int(time.time())
        claims = {"iat": now - age, "exp": now + life, "iss": str(self.github.app.id)}
        return jwt.encode(claims, _loaded(key or self.github.app.private_key), algorithm="RS256")

    async def mint(self, **narrowing: object) -> str:
        path = f"/app/installations/{self.installation.id}/access_tokens"
        reply = await self.ask("POST", path, token=self.app_token(), body=narrowing or None)
        assert reply.status == 201, reply.body
        return str(reply.body["token"])

    async def ask(
        self, method: str, path: str, *, token: str | None = None, body: object = None, **headers: str
    ) -> Reply:
        """One request; without ``token`` by an installation token, with ``token=""`` by nobody."""
        if token is None:
            if "default" not in self.tokens:
                self.tokens["default"] = await self.mint()
            token = self.tokens["default"]
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        root = self.github.url if path.startswith("/api") else f"{self.github.url}/api/v3"
        async with self.session.request(method, root + path, json=body, headers=sent, allow_redirects=False) as answer:
            raw = await answer.read()
            parsed = await answer.json() if "json" in answer.content_type and raw else None
            return Reply(answer.status, answer.headers.copy(), raw, parsed)

    async def query(self, text: str, **variables: object) -> Any:  # noqa: ANN401 - JSON of any shape
        reply = await self.ask("POST", "/api/graphql", body={"query": text, "variables": variables})
        assert reply.status == 200
        return reply.body


@pytest_asyncio.fixture
async def github() -> AsyncIterator[Simulator]:
    async with Simulator() as simulator:
        yield simulator


@pytest_asyncio.fixture
async def fleet(github: Simulator) -> Repository:
    return await github.acts.add_repository("acme/fleet", {"a.yaml": "one\ntwo\nthree\n"}, private=True)


@pytest_asyncio.fixture
async def client(github: Simulator, fleet: Repository) -> AsyncIterator[Client]:
    installation = await github.add_installation(fleet.owner.login)
    async with aiohttp.ClientSession() as session:
        yield Client(github, session, installation)
