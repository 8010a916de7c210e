"""Each answer of the server, over real HTTP, with a real database."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO

import aiohttp
import pytest

from bot.store.pool import connections
from bot.web.server import Desk, listening
from bot.web.webhook import LARGEST
from bot.work.meter import Meter
from bot.work.queue import Queue
from tests.web.server_process import events


@asynccontextmanager
async def server(queue: Queue, *, works: bool = True) -> AsyncIterator[aiohttp.ClientSession]:
    desk = Desk(("current", "previous"), events, queue, Meter(), lambda: works)
    async with listening(desk, "127.0.0.1", 0) as port, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        yield session


def signature(body: bytes, secret: str = "current") -> str:
    return "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()


def head(body: bytes, **changed: str | None) -> dict[str, str]:
    """The headers of a good delivery; a name with None is left out."""
    headers = {
        "X-GitHub-Delivery": "0b1c-1",
        "X-GitHub-Event": "pull_request",
        "X-Hub-Signature-256": signature(body),
        "Content-Type": "application/json",
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    return {name: value for name, value in headers.items() if value is not None}


GOOD = b'{"action": "opened", "number": 1}'


async def posted(session: aiohttp.ClientSession, body: bytes, headers: dict[str, str]) -> int:
    async with session.post("/webhook", data=BytesIO(body), headers=headers) as answer:
        await answer.read()
        return answer.status


async def test_a_signed_delivery_is_stored_and_its_task_waits(queue: Queue) -> None:
    async with server(queue) as session:
        status = await posted(session, GOOD, head(GOOD))

    assert status == 202
    assert await queue.counted() == (1, 0)


async def test_a_replayed_delivery_is_acknowledged_and_asks_for_nothing(queue: Queue) -> None:
    other = b'{"action": "opened", "number": 2}'
    async with server(queue) as session:
        statuses = [await posted(session, GOOD, head(GOOD)), await posted(session, other, head(other))]

    assert statuses == [202, 202]
    assert await queue.counted() == (1, 0)


async def test_deliveries_at_once_with_one_id_are_one(queue: Queue) -> None:
    async with server(queue) as session:
        statuses = await asyncio.gather(*(posted(session, GOOD, head(GOOD)) for _ in range(8)))

    assert statuses == [202] * 8
    assert await queue.counted() == (1, 0)


async def test_while_rotating_the_old_secret_is_good_and_a_third_is_not(queue: Queue) -> None:
    async with server(queue) as session:
        old = await posted(session, GOOD, head(GOOD, X_Hub_Signature_256=signature(GOOD, "previous")))
        third = await posted(session, GOOD, head(GOOD, X_Hub_Signature_256=signature(GOOD, "third")))

    assert (old, third) == (202, 401)


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        signature(GOOD).upper(),
        signature(GOOD).removeprefix("sha256="),
        "sha1=" + hmac.new(b"current", GOOD, "sha1").hexdigest(),
        "sha256=é" + "0" * 63,
        signature(GOOD + b" "),
    ],
)
async def test_a_bad_or_missing_signature_is_401_and_nothing_is_stored(queue: Queue, given: str | None) -> None:
    async with server(queue) as session:
        status = await posted(session, GOOD, head(GOOD, X_Hub_Signature_256=given))

    assert status == 401
    assert await queue.counted() == (0, 0)


async def test_a_sha1_signature_alone_is_401(queue: Queue) -> None:
    sha1 = "sha1=" + hmac.new(b"current", GOOD, "sha1").hexdigest()
    async with server(queue) as session:
        status = await posted(session, GOOD, head(GOOD, X_Hub_Signature_256=None, X_Hub_Signature=sha1))

    assert status == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b"[" * 200_000,
        b"{}" + b"1" * 9,
        b'{"a": ' + b"9" * 9_999 + b"}",
    ],
    ids=["empty", "half", "null", "list", "text", "bytes", "deep", "more", "number"],
)
async def test_a_signed_body_that_is_no_json_object_is_400(queue: Queue, body: bytes) -> None:
    async with server(queue) as session:
        status = await posted(session, body, head(body))

    assert status == 400
    assert await queue.counted() == (0, 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X_GitHub_Delivery", None),
        ("X_GitHub_Delivery", "a b"),
        ("X_GitHub_Delivery", "a" * 101),
        ("X_GitHub_Event", None),
        ("X_GitHub_Event", "Pull Request"),
        ("Content_Type", "application/x-www-form-urlencoded"),
    ],
)
async def test_a_malformed_head_is_400(queue: Queue, name: str, value: str | None) -> None:
    async with server(queue) as session:
        assert await posted(session, GOOD, head(GOOD, **{name: value})) == 400


async def test_an_event_whose_name_has_a_digit_is_one_of_github(queue: Queue) -> None:
    async with server(queue) as session:
        assert await posted(session, b"{}", head(b"{}", X_GitHub_Event="projects_v2_item")) == 202


async def test_a_payload_that_is_not_one_of_its_event_is_400_and_may_be_delivered_again(queue: Queue) -> None:
    body = b'{"action": "opened"}'
    async with server(queue) as session:
        first = await posted(session, body, head(body))
        second = await posted(session, GOOD, head(GOOD))

    assert (first, second) == (400, 202)


async def test_an_event_that_asks_for_nothing_is_stored(queue: Queue) -> None:
    body = b'{"zen": "Design for failure."}'
    async with server(queue) as session:
        assert await posted(session, body, head(body, X_GitHub_Event="ping")) == 202


async def test_a_body_of_25_mb_is_taken_and_one_byte_more_is_413(queue: Queue) -> None:
    largest = GOOD[:-1] + b" " * (LARGEST - len(GOOD)) + b"}"
    async with server(queue) as session:
        assert await posted(session, largest, head(largest)) == 202

        async with session.post("/webhook", headers={**head(GOOD), "Content-Length": str(LARGEST + 1)}) as answer:
            assert answer.status == 413


async def test_a_body_of_unknown_length_is_413_as_soon_as_it_is_too_large(queue: Queue) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(LARGEST // 2**20 + 1):
            yield b" " * 2**20

    async with server(queue) as session, session.post("/webhook", data=endless(), headers=head(GOOD)) as answer:
        assert answer.status == 413


async def test_what_was_packed_is_not_unpacked(queue: Queue) -> None:
    async with server(queue) as session:
        headers = head(GOOD, Content_Encoding="gzip")
        async with session.post("/webhook", data=GOOD, headers=headers, compress=None) as answer:
            assert answer.status == 202  # the signature is of the bytes, and they are JSON


async def test_without_a_database_it_lives_but_is_not_ready_and_stores_nothing() -> None:
    async with connections("host=127.0.0.1 port=9 user=nobody dbname=none connect_timeout=1") as pool:
        queue = Queue(pool)
        async with queue.opened(), server(queue) as session:
            places = ("/healthz", "/readyz", "/metrics")
            stored, told = await asyncio.gather(
                posted(session, GOOD, head(GOOD)), asyncio.gather(*(_got(session, path) for path in places))
            )

    assert stored == 503
    assert [status for status, _ in told] == [200, 503, 200]


async def test_a_worker_that_does_not_run_is_not_ready(queue: Queue) -> None:
    async with server(queue, works=False) as session:
        assert await _got(session, "/readyz") == (503, "the worker does not run\n")


async def test_metrics_count_deliveries_by_answer_and_the_jobs_that_wait(queue: Queue) -> None:
    async with server(queue) as session:
        await posted(session, GOOD, head(GOOD))
        await posted(session, GOOD, head(GOOD))
        await posted(session, GOOD, {})
        _, text = await _got(session, "/metrics")

    assert 'fluxbot_deliveries_total{event="pull_request",outcome="stored",status="202"} 1.0' in text
    assert 'fluxbot_deliveries_total{event="pull_request",outcome="repeated",status="202"} 1.0' in text
    assert 'fluxbot_deliveries_total{event="",outcome="refused",status="401"} 1.0' in text
    assert "fluxbot_jobs_waiting 1.0" in text


async def test_metrics_tell_how_long_the_first_job_has_waited_that_should_be_done_by_now(queue: Queue) -> None:
    older = "UPDATE procrastinate_events SET at = now() - interval '100 s'"
    later = "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 h' WHERE status = 'todo'"
    told = []
    async with server(queue) as session:
        told.append(await _oldest(session))
        await posted(session, GOOD, head(GOOD))
        for change in (older, later):
            async with queue.pool.connection() as connection:
                await connection.execute(change)
            told.append(await _oldest(session))

    assert told == [0, pytest.approx(100, abs=20), 0]


async def _oldest(session: aiohttp.ClientSession) -> float:
    _, text = await _got(session, "/metrics")
    (line,) = [line for line in text.splitlines() if line.startswith("fluxbot_job_oldest_seconds ")]
    return float(line.split()[1])


async def test_other_places_are_404_and_other_methods_405(queue: Queue) -> None:
    async with server(queue) as session:
        assert (await _got(session, "/"))[0] == 404
        assert (await _got(session, "/webhook"))[0] == 405


async def test_no_answer_repeats_what_was_sent(queue: Queue) -> None:
    body = json.dumps({"number": "a secret"}).encode()
    async with server(queue) as session, session.post("/webhook", data=body, headers=head(body)) as answer:
        assert answer.status == 400
        assert "secret" not in await answer.text()


async def _got(session: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with session.get(path) as answer:
        return answer.status, await answer.text()
