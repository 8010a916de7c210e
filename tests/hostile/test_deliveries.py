"""Replayed, forged, oversized, slow and malformed deliveries: the right status, and nothing stored that may not be."""

from __future__ import annotations

import hmac
import socket
from collections.abc import Iterator, Mapping

import pytest

import bot.web.server
from bot.web.webhook import LARGEST
from tests.hostile.webhook_wire import Wire, signature, wire

BODY = (
    b'{"action": "opened", "installation": {"id": 7}, "pull_request": {"number": 3},'
    b' "repository": {"id": 11, "name": "fleet", "owner": {"login": "acme"}}}'
)


@pytest.fixture
def line(database: str) -> Iterator[Wire]:
    with wire(database) as opened:
        yield opened


def head(body: bytes, *more: bytes, signed: str | None = "", name: bytes = b"d-1") -> bytes:
    """The head of a delivery, byte by byte; ``signed`` None leaves the signature out."""
    lines = [
        b"POST /webhook HTTP/1.1",
        b"Host: x",
        b"X-GitHub-Delivery: " + name,
        b"X-GitHub-Event: pull_request",
        b"Content-Type: application/json",
        *([] if signed is None else [f"X-Hub-Signature-256: {signed or signature(body)}".encode()]),
        b"Content-Length: %d" % len(body),
        b"Connection: close",
        *more,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else 0


def test_a_delivery_that_is_replayed_is_stored_once_and_worked_once(line: Wire) -> None:
    again = [status(line.raw(head(BODY) + BODY)) for _ in range(5)]
    another = status(line.raw(head(BODY, name=b"d-2") + BODY))

    assert (again, another) == ([202] * 5, 202)
    assert line.stored() == 2
    assert len(line.tasks()) == 1  # both ask for the same review, which waits already


FORGED: Mapping[str, tuple[str | None, tuple[bytes, ...]]] = {
    "no signature": (None, ()),
    "SHA-1 only": (None, (b"X-Hub-Signature: sha1=" + hmac.new(b"current", BODY, "sha1").hexdigest().encode(),)),
    "another secret": (signature(BODY, "other"), ()),
    "another body": (signature(BODY + b" "), ()),
    "empty secret": (signature(BODY, ""), ()),
    "upper case": (signature(BODY).upper(), ()),
    "cut": (signature(BODY)[:-1], ()),
    "longer": (signature(BODY) + "0", ()),
    "not ASCII": ("sha256=" + "é" * 64, ()),
    "two, the wrong one first": (signature(BODY, "other"), (b"X-Hub-Signature-256: " + signature(BODY).encode(),)),
    "two in one": (f"{signature(BODY, 'other')}, {signature(BODY)}", ()),
}


@pytest.mark.parametrize(("signed", "more"), FORGED.values(), ids=FORGED)
def test_a_forged_delivery_is_refused_before_anything_is_read_of_it(
    line: Wire, signed: str | None, more: tuple[bytes, ...]
) -> None:
    assert status(line.raw(head(BODY, *more, signed=signed) + BODY)) in (400, 401)

    assert line.stored() == 0
    assert line.tasks() == []


def test_what_is_too_large_is_413_however_its_length_is_told(line: Wire) -> None:
    large = BODY[:-1] + b" " * (LARGEST + 1 - len(BODY)) + b"}"
    chunked = head(large, b"Transfer-Encoding: chunked").replace(b"Content-Length: %d\r\n" % len(large), b"")
    pieces = (
        b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (large[: 2**24], large[2**24 :])) + b"0\r\n\r\n"
    )

    told = line.raw(head(large))
    untold = line.raw(chunked + pieces)

    assert status(told) == 413
    assert status(untold) in (413, 0)  # closed while we still sent
    assert line.stored() == 0


def test_a_body_that_does_not_come_is_given_up(line: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.web.server, "_BODY_WITHIN", 0.5)

    with socket.create_connection(("127.0.0.1", line.port), timeout=30) as slow:
        slow.sendall(head(BODY) + BODY[:10])
        answer = slow.recv(65_536)

    assert status(answer) == 400
    assert line.stored() == 0


HEADS: Mapping[str, tuple[bytes, ...]] = {
    "two lengths": (b"Content-Length: 2",),
    "length and chunks": (b"Transfer-Encoding: chunked",),
    "a folded line": (b"X-A: b", b" c"),
    "no name": (b": x",),
    "NUL": (b"X-A: \0",),
    "a line too long": (b"X-A: " + b"a" * 100_000,),
    "blank before the colon": (b"X-A : b",),
}


@pytest.mark.parametrize("more", HEADS.values(), ids=HEADS)
def test_a_head_that_can_be_read_in_two_ways_is_refused(line: Wire, more: tuple[bytes, ...]) -> None:
    assert status(line.raw(head(BODY, *more) + BODY)) in (400, 431)

    assert line.stored() == 0


@pytest.mark.parametrize("header", [b"X-GitHub-Delivery: d-9", b"X-GitHub-Event: push", b"Content-Type: text/plain"])
def test_a_header_that_comes_twice_is_never_a_500(line: Wire, header: bytes) -> None:
    assert status(line.raw(head(BODY, header) + BODY)) in (202, 400)


@pytest.mark.parametrize(
    "kind", [b"text/plain", b"application/x-www-form-urlencoded", b"application/jsonx", b"", b"\xff"]
)
def test_another_content_type_is_400(line: Wire, kind: bytes) -> None:
    sent = head(BODY).replace(b"Content-Type: application/json", b"Content-Type: " + kind)

    assert status(line.raw(sent + BODY)) == 400
    assert line.stored() == 0


ODD_BODIES: Mapping[str, tuple[bytes, int]] = {
    "deep lists": (b'{"a": ' + b"[" * 100_000, 400),
    "deep and closed": (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
    "deep objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400),
    "a number of 10,000 digits": (BODY.replace(b": 3", b": " + b"9" * 10_000), 400),
    "a number beyond 64 bits": (BODY.replace(b": 3", b": %d" % 2**70), 400),
    "a negative number": (BODY.replace(b": 3", b": -3"), 400),
    "a truth for a number": (BODY.replace(b": 3", b": true"), 400),
    "not a number": (BODY.replace(b": 3", b": NaN"), 400),
    "infinite": (BODY.replace(b": 3", b": -Infinity"), 400),
    "1e400": (BODY.replace(b": 3", b": 1e400"), 400),
    "lone surrogate": (BODY.replace(b"fleet", b"\\ud800"), 400),
    "NUL": (BODY.replace(b"fleet", b"\\u0000"), 400),
    "a number beyond 64 bits where none is asked for": (BODY.replace(b'"id": 7', b'"id": %d' % 2**64), 400),
    "not UTF-8": (BODY.replace(b"fleet", b"\xff\xfe"), 400),
    "two documents": (BODY + BODY, 400),
    "the last of two keys counts": (BODY[:-1] + b', "action": "closed"}', 202),
    "an action that is a list": (BODY.replace(b'"opened"', b'["opened"]'), 202),
    "an action of a megabyte": (BODY.replace(b"opened", b"o" * 1_000_000), 202),
}


@pytest.mark.parametrize(("body", "expected"), ODD_BODIES.values(), ids=ODD_BODIES)
def test_a_signed_body_that_is_odd_is_refused_or_asks_for_nothing(line: Wire, body: bytes, expected: int) -> None:
    assert status(line.raw(head(body) + body)) == expected

    assert line.stored() == (expected == 202)
    assert line.tasks() == []


@pytest.mark.parametrize(
    "event", [b"no_such_event", b"../../etc", b"PULL_REQUEST", b"a" * 61, b"'; --", b"\xc3\xa9", b""]
)
def test_an_event_that_does_not_exist_is_stored_without_a_task_or_refused(line: Wire, event: bytes) -> None:
    sent = head(BODY).replace(b"X-GitHub-Event: pull_request", b"X-GitHub-Event: " + event)

    answered = status(line.raw(sent + BODY))

    assert answered == (202 if event == b"no_such_event" else 400)
    assert line.tasks() == []


def test_a_body_that_was_packed_is_not_unpacked(line: Wire) -> None:
    assert status(line.raw(head(BODY, b"Content-Encoding: gzip") + BODY)) in (202, 400)
    assert status(line.raw(head(b"\x1f\x8b\x08", b"Content-Encoding: gzip", name=b"d-2") + b"\x1f\x8b\x08")) == 400
