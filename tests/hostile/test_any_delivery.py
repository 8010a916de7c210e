"""No body and no head of a delivery is answered with a 500, keeps the server, or stores what is no task."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.task import EndLeft, Forget, LookAround, ReviewGroup, ReviewPull, TakeMissed, Welcome
from tests.example_payloads import examples
from tests.hostile.cases import WHOLE_SUITE, no_longer_than, strangers
from tests.hostile.webhook_wire import Wire, signature, wire

pytestmark = [
    pytest.mark.timeout(WHOLE_SUITE),
    # The server runs in a thread of this process and its libraries use chance, which hypothesis takes for a strategy's.
    pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies"),
]

EVENTS: Final = (
    *("pull_request", "issue_comment", "check_run", "check_suite", "merge_group"),
    *("installation", "installation_repositories", "repository"),
)
ANSWERS: Final = {202, 400, 401, 413}
_numbers = count(1)


@pytest.fixture
def line(database: str) -> Iterator[Wire]:
    """The real server, one for all cases of a test."""
    with wire(database) as opened:
        yield opened


INJECTIONS: Final = (
    *("'; DROP TABLE fluxbot_delivery; --", "%s", "$1", "\\'", '"', "\0", "\x00' OR 1=1", "{}", "%(id)s", "\\u0000"),
    *("../../../etc/passwd", "..", ".", "/etc/passwd", "a/b", "?x=y", "#", "%2e%2e%2f", "a b", "\r\nX: y", "a\nb"),
    *("https://169.254.169.254/", "//example.org", "@example.org", "\ud800", "\udfff\ud800", "😀", "é"),
    *("x" * 5_000, ""),
)
ODD_JSON: Final[Sequence[Any]] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63 - 1, 2**63, 2**70, -(2**70), 1.5, 1e308, float("inf"), float("nan")),
    *([], {}, [None], [[]], {"id": None}, {"id": True}, {"id": "1"}, {"id": 2**64}, [{"number": 1}], [{"id": 1}], "1"),
    *INJECTIONS,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - JSON
    """Every container of a payload with each of its keys."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


def changed(event: str, which: int, steps: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """An example of GitHub with some values replaced, or taken away."""
    known = examples()[event]
    payload: dict[str, Any] = copy.deepcopy(dict(known[which % len(known)]))
    payload.setdefault("installation", {"id": 7})
    for where, what in steps:
        found = list(places(payload))
        if not found:
            break
        container, key = found[where % len(found)]
        if what < len(ODD_JSON):
            container[key] = copy.deepcopy(ODD_JSON[what])
        else:
            del container[key]
    return payload


NUMBERS = st.integers(0, 2**16 - 1)
CHANGES = st.lists(st.tuples(NUMBERS | st.integers(0, 40), st.integers(0, len(ODD_JSON))), max_size=5)
TEARS = st.lists(st.tuples(NUMBERS, st.binary(max_size=3)), max_size=3)


def torn(body: bytes, tears: Sequence[tuple[int, bytes]]) -> bytes:
    for number, piece in tears:
        at = number % (len(body) + 1)
        body = body[:at] + piece + body[at + len(piece) :]
    return body


def headers(event: str, body: bytes) -> dict[str, str]:
    """The head of a good delivery, each with an id of its own."""
    return {
        "X-GitHub-Delivery": f"case-{next(_numbers)}",
        "X-GitHub-Event": event,
        "X-Hub-Signature-256": signature(body),
        "Content-Type": "application/json",
    }


@strangers()
@given(event=st.sampled_from(EVENTS), which=st.integers(0, 30), steps=CHANGES, tears=st.just([]) | TEARS)
def test_no_signed_body_is_answered_with_a_500_and_what_is_stored_is_a_task(
    line: Wire, event: str, which: int, steps: Sequence[tuple[int, int]], tears: Sequence[tuple[int, bytes]]
) -> None:
    # With Python's own NaN and Infinity, which other parsers refuse.
    body = torn(json.dumps(changed(event, which, steps)).encode(), tears)

    with no_longer_than(10):
        status = line.post(body, headers(event, body))

    assert status in ANSWERS


HEAD_PIECES: Final = (
    *(b"X-Hub-Signature-256: ", b"X-Hub-Signature: sha1=", b"X-GitHub-Delivery: ", b"X-GitHub-Event: "),
    b"Content-Type: ",
    *(b"Content-Length: ", b"Transfer-Encoding: chunked", b"Content-Encoding: gzip", b"Expect: 100-continue"),
    b"Host: ",
    *(b"Connection: close", b"Connection: upgrade", b"Upgrade: websocket", b"Upgrade: h2c", b"X-Forwarded-For: "),
    *(b"sha256=", b"0" * 64, b"application/json", b"text/plain; charset=x", b"pull_request", b"ping", b"a" * 9_000),
    *(b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\t", b" ", b"\r\n ", b"\0", b"\xff", b"\xc3\xa9", b":", b";", b",", b"="),
    *(b"-1", b"0", b"2", b"+2", b"0x2", b"99999999999999999999", b"26214401", b"2, 2", b"1\r\nContent-Length: 3"),
)
STARTS: Final = (
    *(b"POST /webhook HTTP/1.1", b"POST /webhook HTTP/1.0", b"POST /webhook HTTP/2.0", b"PRI * HTTP/2.0"),
    b"GET / HTTP/1.1",
    *(b"POST //webhook HTTP/1.1", b"POST /webhook/../metrics HTTP/1.1", b"POST http://x/webhook HTTP/1.1"),
    b"POST /webhook",
    *(b"POST /%77ebhook?\xff HTTP/1.1", b"OPTIONS * HTTP/1.1", b"TRACE /webhook HTTP/1.1"),
    *(b"\x16\x03\x01\x02\x00", b""),
)
GOOD_BODY: Final = b'{"zen": "x"}'
GOOD_HEAD: Final = (
    b"Host: x\r\nConnection: close\r\n"
    b"X-GitHub-Delivery: d\r\nX-GitHub-Event: ping\r\nContent-Type: application/json\r\n"
    + f"X-Hub-Signature-256: {signature(GOOD_BODY)}\r\nContent-Length: {len(GOOD_BODY)}\r\n".encode()
)
STATUS: Final = re.compile(rb"HTTP/1\.[01] ([0-9]{3})")


@strangers()
@given(
    start=st.sampled_from((STARTS[0], *STARTS)),
    pieces=st.lists(st.sampled_from(HEAD_PIECES) | st.binary(max_size=5), max_size=12),
    whole=st.booleans(),
    at=st.integers(0, len(GOOD_HEAD)),
)
def test_no_head_is_answered_with_a_500(line: Wire, start: bytes, pieces: list[bytes], whole: bool, at: int) -> None:
    head = GOOD_HEAD[:at] + b"".join(pieces) + GOOD_HEAD[at:] if whole else b"".join(pieces)

    with no_longer_than(10):
        answer = line.raw(start + b"\r\n" + head + b"\r\n" + GOOD_BODY, patience=0.05)

    statuses = [int(status) for status in STATUS.findall(answer)]
    assert all(100 <= status < 500 for status in statuses), answer
    assert b"Traceback" not in answer


HERE: Final = {"id": 11, "name": "fleet", "full_name": "acme/fleet", "owner": {"login": "acme"}}
PAYLOADS: Final[Sequence[tuple[str, Any]]] = (
    ("pull_request", {"action": "opened", "pull_request": {"number": 3, "base": {"ref": "main"}}}),
    ("merge_group", {"action": "checks_requested", "merge_group": {"head_sha": "a" * 40, "base_sha": "b" * 40}}),
    (
        "check_run",
        {"action": "rerequested", "check_run": {"id": 5, "app": {"id": 1}, "external_id": "", "pull_requests": []}},
    ),
    ("installation", {"action": "created", "repositories": [{"id": 11, "full_name": "acme/fleet"}]}),
    ("repository", {"action": "transferred"}),
)
NAMES: Final = (*INJECTIONS[::3], "acme/../..", "acme/a%2f..", "..", ".", "a" * 39 + "'", "A" * 40)
NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
SHA: Final = re.compile(r"[0-9a-f]{40,64}")


def test_nothing_of_a_payload_becomes_sql_a_path_or_a_name_that_github_does_not_give(line: Wire) -> None:
    for event, more in PAYLOADS:
        whole = {"installation": {"id": 7}, "repository": HERE, **more}
        for number in range(len(list(places(whole)))):
            for injection in NAMES:
                payload = copy.deepcopy(whole)
                container, key = list(places(payload))[number]
                container[key] = injection
                body = json.dumps(payload).encode()
                assert line.post(body, headers(event, body)) in ANSWERS

    assert line.stored() > 100  # the table is still there
    found = line.tasks()
    assert {type(task) for task in found} == {ReviewPull, ReviewGroup, Welcome}
    for task in found:
        if not isinstance(task, (EndLeft, Forget, LookAround, TakeMissed)):
            assert NAME.fullmatch(task.repository.owner)
            assert NAME.fullmatch(task.repository.name)
            assert task.repository.name not in (".", "..")
        if isinstance(task, ReviewGroup):
            assert SHA.fullmatch(task.head)
            assert SHA.fullmatch(task.base)
