"""One request and its answer, over a connection to an address that the fence has checked.

The standard library's client speaks; what is added is that it never looks a
name up, and that every byte is counted against the time and the size that are
left. It knows no proxy, no cookie and no redirect.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPResponse
from ipaddress import ip_address
from typing import Final

from bot.fetch.budget import Budget
from bot.fetch.fence import Network, Place
from bot.fetch.limits import FetchLimits
from bot.fetch.refusal import Refusal
from bot.model.quote import code

_PIECE: Final = 64 * 1024
_HEAD: Final = 64 * 1024
"""Bytes of an answer that may stand before and between its content."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it came; ``body`` as far as it was asked for."""

    status: int
    headers: HTTPMessage
    body: bytes


class _Pipe(io.RawIOBase):
    """What comes through a socket, until time or size are used up."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        return self._wire.receive(memoryview(buffer))  # type: ignore[arg-type] # io.BufferedReader passes a buffer


class _Wire:
    """What the client takes for a socket. ``most`` bytes may come."""

    def __init__(self, sock: socket.socket, most: int, spending: Spending) -> None:
        self._sock = sock
        self._left = most
        self._spending = spending

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(self._patience())
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Pipe(self), _PIECE)

    def close(self) -> None:
        """Nothing: the client closes before the answer is read; whoever opened the socket closes it."""

    def receive(self, buffer: memoryview) -> int:
        self._sock.settimeout(self._patience())
        count = self._sock.recv_into(buffer)
        self._left -= count
        if self._left < 0:
            raise Refusal("the answer is larger than it may be")
        self._spending.budget.spend(count)
        return count

    def _patience(self) -> float:
        left = self._spending.end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, self._spending.limits.silence)


@dataclass(frozen=True, slots=True)
class Spending:
    """What a request may cost, what is left for the whole review, and until when the request may last."""

    limits: FetchLimits
    budget: Budget
    end: float


def exchange(
    place: Place, addresses: Sequence[str], headers: Mapping[str, str], most: int, through: tuple[Network, Spending]
) -> Answered:
    """The answer to a GET whose body has up to ``most`` bytes. Raise Refusal for everything else."""
    network, spending = through
    shown = code(place.host)
    try:
        with _connected(place, addresses, network, spending.limits) as sock:
            return _asked(place, headers, most, _Wire(sock, most + _HEAD, spending))
    except ssl.SSLCertVerificationError as error:
        raise Refusal(f"the certificate of {shown} does not hold: {error.verify_message}") from None
    except TimeoutError:
        raise Refusal(f"{shown} takes too long") from None
    except (OSError, HTTPException, ValueError):
        raise Refusal(f"{shown} gives no answer that can be used") from None
    except Refusal as refusal:
        raise Refusal(f"{shown}: {refusal}") from None


def _connected(place: Place, addresses: Sequence[str], network: Network, limits: FetchLimits) -> socket.socket:
    """A connection to the first of the addresses that takes one."""
    sock = _dialled(place, addresses, limits)
    try:
        _must_be_among(addresses, sock)
        if place.scheme == "https":
            return network.tls.wrap_socket(sock, server_hostname=place.host)
    except BaseException:
        sock.close()
        raise
    return sock


def _must_be_among(addresses: Sequence[str], sock: socket.socket) -> None:
    """Raise Refusal where the other end is none of the addresses that were checked."""
    peer = ip_address(sock.getpeername()[0])
    if peer not in {ip_address(address) for address in addresses}:
        raise Refusal("the connection leads to an address that was not checked")


def _dialled(place: Place, addresses: Sequence[str], limits: FetchLimits) -> socket.socket:
    failed: OSError = OSError("no address")
    for address in addresses:
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        sock.settimeout(limits.connect / len(addresses))
        try:
            sock.connect((address, place.port))
        except OSError as error:
            sock.close()
            failed = error
        else:
            return sock
    raise failed


def _asked(place: Place, headers: Mapping[str, str], most: int, wire: _Wire) -> Answered:
    client = HTTPConnection(place.host, place.port)
    client.sock = wire  # as much of a socket as the client uses
    client.request("GET", place.target, headers={"Host": place.authority, **headers})
    response = client.getresponse()
    try:
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Refusal("the answer is compressed although that was not asked for")
        return Answered(response.status, response.headers, _body(response, most))
    finally:
        # What is left of the answer is not wanted.
        with suppress(OSError):
            response.close()


def _body(response: HTTPResponse, most: int) -> bytes:
    if response.length is not None and response.length > most:
        raise Refusal(f"the answer is larger than {most:,} bytes")
    pieces: list[bytes] = []
    size = 0
    while piece := response.read(_PIECE):
        size += len(piece)
        if size > most:
            raise Refusal(f"the answer is larger than {most:,} bytes")
        pieces.append(piece)
    if response.length:
        raise Refusal("the answer ended before it was whole")
    return b"".join(pieces)
