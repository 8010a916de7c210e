"""The address of a review page, over real HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import psycopg
import pytest

from bot.model.task import Repository
from bot.report.link import LIFE, PageOf, link_key, signed
from bot.report.page import packed
from bot.store.pages import Pages
from bot.web.reviews import Reviews
from bot.web.server import Desk, listening
from bot.work.meter import Meter
from bot.work.queue import Queue
from tests.web.server_process import events

KEY = link_key("private")
NOW = 1_800_000_000.0
SHOP = Repository(7, 70, "acme", "shop")
HEAD = "a" * 40
DATA = packed({"headline": "1 deadlock", "repository": "acme/shop", "clusters": [], "findings": []})


def link(number: int = 12, expires: float = NOW + LIFE, key: bytes = KEY) -> str:
    return signed(PageOf.of(SHOP, number, HEAD), key, int(expires))


@asynccontextmanager
async def server(queue: Queue, reviews: Reviews | None = None) -> AsyncIterator[aiohttp.ClientSession]:
    pages = Pages(queue.pool)
    await pages.keep(SHOP, 12, HEAD, DATA)
    desk = Desk(("s",), events, queue, Meter(), lambda: True, reviews or Reviews(pages.find, KEY, lambda: NOW))
    async with listening(desk, "127.0.0.1", 0) as port, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        yield session


async def answered(session: aiohttp.ClientSession, path: str) -> tuple[int, str, dict[str, str]]:
    async with session.get(path) as answer:
        return answer.status, await answer.text(), dict(answer.headers)


async def test_who_has_the_link_sees_the_page_and_nothing_may_run_in_it_but_its_own_script(queue: Queue) -> None:
    async with server(queue) as session:
        status, text, headers = await answered(session, link())

    assert status == 200
    assert "<title>1 deadlock · acme/shop · fluxbot</title>" in text
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Referrer-Policy"] == "no-referrer"


async def test_a_link_that_is_too_old_says_how_to_get_another(queue: Queue) -> None:
    async with server(queue) as session:
        status, text, _ = await answered(session, link(expires=NOW))

    assert status == 403
    assert "Press Recheck" in text


async def test_a_false_link_is_told_the_same_whether_there_is_such_a_page_or_not(queue: Queue) -> None:
    async with server(queue) as session:
        false = [
            await answered(session, link(key=b"another")),
            await answered(session, link(number=13, key=b"another")),
            await answered(session, link(expires=NOW - LIFE, key=b"another")),
            await answered(session, f"/reviews/acme/shop/12/{HEAD}"),
            await answered(session, link().replace("/12/", "/twelve/")),
            await answered(session, "/reviews/acme/other/1/x?r=1&e=2&s=3"),
        ]

    assert {status for status, _, _ in false} == {403}
    assert len({hashlib.sha256(text.encode()).hexdigest() for _, text, _ in false}) == 1


async def test_a_page_that_is_no_longer_kept_is_not_found(queue: Queue) -> None:
    async with server(queue) as session:
        status, text, headers = await answered(session, link(number=13))

    assert status == 404
    assert "no longer kept" in text
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src")


async def test_a_database_that_does_not_answer_is_not_a_page_that_is_gone(queue: Queue) -> None:
    async def find(_repository: int, _number: int, _head: str) -> bytes | None:
        raise psycopg.OperationalError

    async with server(queue, Reviews(find, KEY, lambda: NOW)) as session:
        status, _, _ = await answered(session, link())

    assert status == 503


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_a_page_is_only_looked_at(queue: Queue, method: str) -> None:
    async with server(queue) as session, session.request(method, link()) as answer:
        assert answer.status == 405
