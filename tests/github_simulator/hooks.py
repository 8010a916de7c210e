"""Signed webhook deliveries over HTTP, and the log of them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from tests.github_simulator.json_value import JsonObject
from tests.github_simulator.world import World

PATIENCE = aiohttp.ClientTimeout(total=10)  # GitHub waits ten seconds for an answer
KEPT = timedelta(days=3)
PAYLOAD_LIMIT = 25 * 1024 * 1024  # bytes; larger events are not sent at all


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt; further attempts of the same event have the same ``guid`` and another ``id``."""

    id: int
    guid: str
    event: str
    action: str | None
    payload: bytes
    installation_id: int | None
    repository_id: int | None
    delivered_at: datetime
    redelivery: bool = False
    status: str = "pending"
    status_code: int = 0
    duration: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    answer: str = ""


class Hooks:
    """Sends events to ``url``; can lose, hold back, repeat and reorder them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._held: list[Delivery] | None = None
        self.url: str | None = None
        self.losing = False  # as in GitHub's incidents: events happen, deliveries are never created
        self.failures: list[BaseException] = []  # of background work: bugs of the simulator
        self._log: list[Delivery] = []

    async def start(self) -> None:
        """Be ready to send."""
        self._session = aiohttp.ClientSession(timeout=PATIENCE)

    async def stop(self) -> None:
        """Give up what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def later(self, work: Coroutine[Any, Any, object]) -> None:
        """Do ``work`` beside the request that caused it, as GitHub does."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self.failures.append(failure)

    async def settle(self) -> None:
        """Wait until no delivery is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def log(self) -> list[Delivery]:
        """The attempts that GitHub still remembers, newest first."""
        since = self._world.clock.now() - KEPT
        return [each for each in reversed(self._log) if each.delivered_at >= since]

    async def send(
        self,
        event: str,
        payload: JsonObject | bytes,
        *,
        installation_id: int | None = None,
        repository_id: int | None = None,
    ) -> Delivery | None:
        """Sign and deliver one event; None when it is lost, held back or too large."""
        raw = payload if isinstance(payload, bytes) else json.dumps(payload, separators=(",", ":")).encode()
        if self.losing or len(raw) > PAYLOAD_LIMIT:
            return None
        action = payload.get("action") if isinstance(payload, dict) else None
        delivery = Delivery(
            self._world.next_id(), str(uuid.uuid4()), event, action if isinstance(action, str) else None, raw,
            installation_id, repository_id, self._world.clock.now(),
        )  # fmt: skip
        if self._held is not None:
            self._held.append(delivery)
            return None
        return await self._attempt(delivery)

    async def redeliver(self, delivery: Delivery) -> Delivery:
        """Send the same event again under the same guid."""
        now = self._world.clock.now()
        return await self._attempt(replace(delivery, id=self._world.next_id(), delivered_at=now, redelivery=True))

    def hold(self) -> None:
        """Keep deliveries back from now on."""
        self._held = self._held if self._held is not None else []

    async def release(self, *, backwards: bool = False, copies: int = 1) -> None:
        """Send what was held back, in either order, each ``copies`` times at once."""
        held, self._held = self._held or [], None
        for delivery in reversed(held) if backwards else held:
            await asyncio.gather(*(self._attempt(delivery) for _ in range(copies)))

    def signed(self, delivery: Delivery) -> dict[str, str]:
        """The headers of a delivery."""
        secret = self._world.app.webhook_secret.encode()
        return {
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/simulator",
            "X-GitHub-Delivery": delivery.guid,
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Hook-ID": str(self._world.app.id),
            "X-GitHub-Hook-Installation-Target-ID": str(self._world.app.id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature": f"sha1={hmac.new(secret, delivery.payload, hashlib.sha1).hexdigest()}",
            "X-Hub-Signature-256": f"sha256={hmac.new(secret, delivery.payload, hashlib.sha256).hexdigest()}",
        }

    async def _attempt(self, delivery: Delivery) -> Delivery:
        headers = self.signed(delivery)
        started = time.monotonic()
        status, code, answer = await self._post(delivery.payload, headers)
        done = replace(
            delivery, status=status, status_code=code, answer=answer, headers=headers,
            duration=round(time.monotonic() - started, 3),
        )  # fmt: skip
        self._log.append(done)
        return done

    async def _post(self, payload: bytes, headers: dict[str, str]) -> tuple[str, int, str]:
        if self.url is None or self._session is None:
            return "failed to connect to host", 0, ""
        try:
            async with self._session.post(self.url, data=payload, headers=headers, allow_redirects=False) as answer:
                text = await answer.text(errors="replace")
        except TimeoutError:
            return "timed out", 0, ""
        except aiohttp.ClientError:
            return "failed to connect to host", 0, ""
        good = 200 <= answer.status < 300
        return ("OK" if good else f"Invalid HTTP Response: {answer.status}"), answer.status, text
