"""Where GitHub's APIs are."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.ports import BadQuestion


@dataclass(frozen=True, slots=True)
class Address:
    """The roots of the REST and the GraphQL API, without a slash at the end."""

    rest: str
    graphql: str


def address(url: str = "") -> Address:
    """The APIs of github.com (the default), of a tenant below ghe.com, or of a GitHub Enterprise Server.

    ``url`` is a root without a path. Plain http is taken only for loopback: tokens travel there. Raise BadQuestion.
    """
    parts = urlsplit(url or "https://github.com")
    host = parts.hostname or ""
    if parts.path.strip("/") or parts.query or not host or parts.scheme not in ("http", "https"):
        raise BadQuestion(f"{url} is no root of a GitHub: scheme and host, nothing else")
    if parts.scheme == "http" and host not in ("127.0.0.1", "localhost", "::1"):
        raise BadQuestion(f"{url} is not encrypted: only https, or http on this machine")
    if host in ("github.com", "www.github.com", "api.github.com"):
        return Address("https://api.github.com", "https://api.github.com/graphql")
    if host.endswith(".ghe.com"):
        tenant = f"https://api.{host.removeprefix('api.')}"
        return Address(tenant, f"{tenant}/graphql")
    root = f"{parts.scheme}://{parts.netloc}"
    return Address(f"{root}/api/v3", f"{root}/api/graphql")
