"""A webhook's head and body, judged: what GitHub sent, or the status that refuses it."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from bot.store.deliveries import Delivery, described

LARGEST: Final = 25 * 1024 * 1024
"""GitHub sends no event that is larger (docs, "webhook events and payloads")."""

SIGNATURE: Final = "X-Hub-Signature-256"
_PREFIX: Final = b"sha256="
_ID: Final = re.compile(r"[A-Za-z0-9-]{1,100}")
_EVENT: Final = re.compile(r"[a-z0-9_]{1,60}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP status and why, for the delivery log of the App's owner. Nothing of the request is in it."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What GitHub sent."""

    delivery: Delivery
    payload: Mapping[str, object]


def signed(body: bytes, signature: str | None, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets signed exactly these bytes. All are tried, in a time that does not tell which."""
    given = (signature or "").encode("utf-8", "surrogateescape")
    found = False
    for secret in secrets:
        expected = _PREFIX + hmac.new(secret.encode(), body, sha256).hexdigest().encode()
        found |= hmac.compare_digest(expected, given)
    return found


def read(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> Sent | Refusal:
    """What was sent; nothing is parsed before the signature is right. ``headers`` finds names in any case."""
    if not signed(body, headers.get(SIGNATURE), secrets):
        return Refusal(401, f"{SIGNATURE} is missing or not of this body and secret")
    name = headers.get("X-GitHub-Delivery", "")
    event = headers.get("X-GitHub-Event", "")
    if not _ID.fullmatch(name) or not _EVENT.fullmatch(event):
        return Refusal(400, "X-GitHub-Delivery or X-GitHub-Event is missing or malformed")
    if headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
        return Refusal(400, "the content type is not application/json; choose it in the App's settings")
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return Refusal(400, "the body is not JSON")
    if not isinstance(payload, dict):
        return Refusal(400, "the body is not a JSON object")
    return Sent(described(name, event, payload), payload)
