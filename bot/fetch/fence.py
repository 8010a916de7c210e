"""The fence: which requests may be made at all.

An address of a repository is a stranger's word. It is refused unless it is
https to a name that the operator and the repository allow, and all addresses
that this name leads to are public. The name is resolved once for each request
and the connection goes to an address that was checked, so a name that leads
elsewhere a moment later changes nothing.

Only what the operator names literally, ``127.0.0.1:5000``, may be http and
this very machine; no repository and no redirect can bring that about.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import quote, urljoin, urlsplit

from bot.fetch.address import is_public
from bot.fetch.credentials import HTTPS
from bot.fetch.refusal import Refusal
from bot.model.quote import code

_LONGEST: Final = 4096
_LOOPBACK: Final = ("127.0.0.1", "[::1]")
_UNFIT = re.compile(r"[^\x21-\x7e]|[\\<>\"{}|^`]")
_NAME = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NO_URL: Final = "its address is no URL"  # which is not repeated: it may hold a password
_KEPT: Final = "%/:=&?~+!$,;'@()*[]"


class Place(NamedTuple):
    """Where a request goes. ``target`` is path and query as they stand in the request."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port as a Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.scheme == "https" and self.port == HTTPS else f"{host}:{self.port}"


def _resolved(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True, slots=True)
class Network:
    """What the fence knows of the world: names to addresses, which of them are public, which certificates count."""

    resolve: Callable[[str, int], Sequence[str]] = _resolved
    is_public: Callable[[str], bool] = is_public
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)


Hosts: TypeAlias = tuple[str, ...] | None


class Fence:
    """``operator`` and ``repository`` are lists of hosts, None where there is none: both must allow a host.

    An entry without a port means the one of https; ``*.example.org`` means all names below.
    """

    def __init__(self, operator: Hosts, repository: Hosts, network: Network) -> None:
        self._operator = operator
        self._lists = [one for one in (operator, repository) if one is not None]
        self._network = network

    def admit(self, url: str, came_from: Place | None = None) -> tuple[Place, Sequence[str]]:
        """The place of a URL with the addresses to connect to. Raise Refusal.

        ``came_from`` is the place that redirected here. A host that is allowed
        may redirect to any public one, because large files often lie with a
        delivery network; never to this machine, and never to http.
        """
        place = placed(url)
        is_own = self._is_own(place) and (came_from is None or self._is_own(came_from))
        if place.scheme != "https" and not is_own:
            raise Refusal(f"{code(place.host)} is asked for without https")
        if came_from is None or is_own:
            self._must_be_listed(place)
        elif place.port != HTTPS and not self._is_listed(place):
            raise Refusal(f"{code(came_from.host)} redirects to port {place.port} of {code(place.host)}")
        return place, self._addresses(place, is_own=is_own)

    def _must_be_listed(self, place: Place) -> None:
        if not self._is_listed(place):
            shown = place.host if place.port == HTTPS else place.authority
            raise Refusal(f"{code(shown)} is not among the hosts that charts may be fetched from")

    def _is_listed(self, place: Place) -> bool:
        if not self._lists:
            return place.port == HTTPS
        return all(any(_matches(entry, place) for entry in one) for one in self._lists)

    def _is_own(self, place: Place) -> bool:
        """Whether a place is this machine, as the operator allows it: by a literal address with its port."""
        return f"{_bracketed(place.host)}:{place.port}" in own_places(self._operator)

    def _addresses(self, place: Place, *, is_own: bool) -> Sequence[str]:
        if is_own:
            return (place.host,)
        try:
            found = self._network.resolve(place.host, place.port)
        except (OSError, UnicodeError):
            raise Refusal(f"{code(place.host)} cannot be resolved") from None
        if not found:
            raise Refusal(f"{code(place.host)} cannot be resolved")
        if not all(self._network.is_public(address) for address in found):
            raise Refusal(f"{code(place.host)} leads to an address that is not public, where fluxbot makes no request")
        return found


def own_places(operator: Hosts) -> tuple[str, ...]:
    """The entries of the operator's list that are this machine: the only places that may be asked without https."""
    return tuple(one for one in operator or () if one.rpartition(":")[0] in _LOOPBACK)


def seen_from(base: str, url: str) -> str:
    """A URL, relative or not, as it reads from another one. Raise Refusal for what is none."""
    try:
        return urljoin(base, url)
    except ValueError:
        raise Refusal(_NO_URL) from None


def placed(url: str) -> Place:
    """The place that a URL names. Raise Refusal for anything but http and https to a plain host."""
    if len(url) > _LONGEST or _UNFIT.search(url):
        raise Refusal(_NO_URL)
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        raise Refusal(_NO_URL) from None
    if parts.scheme not in ("http", "https"):
        raise Refusal(f"the scheme {code(parts.scheme)} is neither https nor oci")
    if "@" in parts.netloc:
        raise Refusal(f"the address at {code(host)} holds a user's name")
    if not _is_host(host):
        raise Refusal(f"{code(host)} is no name of a host")
    target = quote(parts.path or "/", safe=_KEPT) + (f"?{quote(parts.query, safe=_KEPT)}" if parts.query else "")
    return Place(parts.scheme, host, port or (HTTPS if parts.scheme == "https" else 80), target)


def _is_host(host: str) -> bool:
    """Whether it is a name whose last part is no number, or an address as it is always written.

    Resolvers take ``127.1``, ``0x7f.1`` and ``2130706433`` for addresses too.
    """
    if _NAME.fullmatch(host):
        return True
    try:
        return str(ip_address(host)) == host
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _matches(entry: str, place: Place) -> bool:
    """Whether an entry of a list allows a place."""
    host, colon, port = entry.rpartition(":")
    if not colon or entry.endswith("]"):
        host, port = entry, str(HTTPS)
    if port != str(place.port):
        return False
    name = host.removeprefix("[").removesuffix("]").removesuffix(".").lower()
    if name.startswith("*."):
        return place.host.endswith(name[1:])
    return place.host == name
