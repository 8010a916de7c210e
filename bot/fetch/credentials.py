"""The operator's names and passwords for hosts that do not serve everybody."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

HTTPS: Final = 443


@dataclass(frozen=True, slots=True)
class HostCredentials:
    """By ``host:port`` in lower case; the values of Authorization headers, which are in no ``repr``."""

    by_host: Mapping[str, str] = field(default_factory=dict, repr=False)

    def of(self, host: str, port: int) -> str | None:
        """The header for one host and port, and for no other than it is for."""
        return self.by_host.get(f"{host}:{port}")


def host_credentials(text: str) -> HostCredentials:
    """The credentials in a text that has the form of docker's ``config.json``: ``auths`` by host.

    An entry has ``auth`` (``user:password`` in base64), or ``username`` and
    ``password``. Raise ValueError with what is wrong, without a word of the text.
    """
    try:
        said = json.loads(text)
    except ValueError:
        raise ValueError("is no JSON of the form of docker's config.json") from None
    entries = said.get("auths") if isinstance(said, dict) else None
    if not isinstance(entries, dict):
        raise ValueError('has no "auths" by host, as docker\'s config.json has them')  # noqa: TRY004 - a wrong text
    return HostCredentials({_key(host): _header(entry) for host, entry in entries.items()})


def _key(host: str) -> str:
    whole = host.strip().lower().removeprefix("https://")
    bare = whole.partition("/")[0]
    if not bare or "@" in bare or "://" in whole:
        raise ValueError("names what is no host in its auths")
    name, colon, port = bare.rpartition(":")
    return bare if colon and port.isdecimal() and name else f"{bare}:{HTTPS}"


def _header(entry: object) -> str:
    told = entry if isinstance(entry, dict) else {}
    auth, user, password = told.get("auth"), told.get("username"), told.get("password")
    if isinstance(user, str) and isinstance(password, str):
        pair = f"{user}:{password}".encode()
    elif isinstance(auth, str):
        try:
            pair = base64.b64decode(auth, validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("has an auth that is not base64") from None
    else:
        raise ValueError("has an entry without auth, or without username and password")  # noqa: TRY004 - a wrong text
    if b":" not in pair:
        raise ValueError("has an auth that is not user:password")
    return f"Basic {base64.b64encode(pair).decode()}"
