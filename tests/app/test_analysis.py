"""The process that computes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from datetime import date
from itertools import count
from pathlib import Path

import pytest

from bot.app.analysis import Analysis, AnalysisBroke
from bot.app.asked import Change, Explain, Judge, Tools
from bot.bootstrap import own_answerer
from bot.github.storage import Reader, Storage, tree_of
from bot.model.ask import Answers
from bot.model.limits import Limits
from bot.model.publication import Ending, Publication
from bot.model.snapshot import Snapshot
from bot.ports import Permanent, TooLarge, Unreachable

COMMIT = "1" * 40


class Nobody:
    """Is asked for nothing."""

    def answer(self, asks: object, progress: object = None) -> Answers:
        raise NotImplementedError  # never asked: no test here builds anything


def tools() -> Tools:
    return Tools(own_answerer, Reader().snapshot)


def slow(_folder: str, _commit: str) -> Snapshot:
    time.sleep(60)
    raise AssertionError("the process is ended long before")


def broken(_folder: str, _commit: str) -> Snapshot:
    raise KeyError("a bug")


def suicidal(_folder: str, _commit: str) -> Snapshot:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody lives to see this")


def slow_tools() -> Tools:
    return Tools(lambda _folder: Nobody(), slow)


def broken_tools() -> Tools:
    return Tools(lambda _folder: Nobody(), broken)


def suicidal_tools() -> Tools:
    return Tools(lambda _folder: Nobody(), suicidal)


def counting_tools() -> Tools:
    times = count(1)

    def counting(_folder: str, _commit: str) -> Snapshot:
        raise Permanent(f"asked {next(times)} times")

    return Tools(lambda _folder: Nobody(), counting)


def change(folder: Path) -> Change:
    storage = Storage(folder)
    storage.put_tree(COMMIT, tree_of([], ()))
    return Change(str(folder), COMMIT, COMMIT, date(2026, 11, 22))


async def test_a_question_is_answered_by_the_same_process_again_and_again(tmp_path: Path) -> None:
    analysis = Analysis(tools)

    judged = await analysis(Judge(change(tmp_path)))
    told = await analysis(Explain(change(tmp_path), "crd-unknown"))
    await analysis.close()

    assert isinstance(judged, Publication)
    assert (judged.ending, judged.title) == (Ending.SUCCESS, "No Flux cluster found")
    assert isinstance(told, str)
    assert told.startswith("# crd-unknown")


async def test_what_takes_too_long_is_stopped_and_the_next_question_is_answered(tmp_path: Path) -> None:
    analysis = Analysis(slow_tools, Limits(seconds=1))

    for _ in range(2):
        with pytest.raises(TooLarge, match="longer than 1 s"):
            await analysis(Judge(change(tmp_path)))
    await analysis.close()


async def test_a_bug_comes_back_with_its_traceback_and_the_process_lives(tmp_path: Path) -> None:
    analysis = Analysis(broken_tools)

    for _ in range(2):
        with pytest.raises(AnalysisBroke, match=r"broken\nKeyError$"):
            await analysis(Judge(change(tmp_path)))
    await analysis.close()


async def test_a_process_that_was_killed_is_an_outage_and_is_replaced(tmp_path: Path) -> None:
    analysis = Analysis(suicidal_tools)

    for _ in range(2):
        with pytest.raises(Unreachable):
            await analysis(Judge(change(tmp_path)))
    await analysis.close()


async def test_a_commit_that_was_swept_away_is_an_outage(tmp_path: Path) -> None:
    analysis = Analysis(tools)

    with pytest.raises(Unreachable, match="gone"):
        await analysis(Judge(Change(str(tmp_path), COMMIT, COMMIT, date(2026, 11, 22))))
    await analysis.close()


async def test_what_is_forgotten_leaves_the_memory_and_the_next_question_is_answered(tmp_path: Path) -> None:
    analysis = Analysis(counting_tools)
    with pytest.raises(Permanent, match="asked 1 times"):
        await analysis(Judge(change(tmp_path)))
    with pytest.raises(Permanent, match="asked 2 times"):
        await analysis(Judge(change(tmp_path)))

    await analysis.forget()

    with pytest.raises(Permanent, match="asked 1 times"):
        await analysis(Judge(change(tmp_path)))
    await analysis.close()


async def test_the_event_loop_goes_on_while_it_computes(tmp_path: Path) -> None:
    analysis = Analysis(slow_tools, Limits(seconds=1))
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    with pytest.raises(TooLarge):
        await analysis(Judge(change(tmp_path)))
    ticking.cancel()
    await analysis.close()

    assert ticks > 10


def greedy(_folder: str, _commit: str) -> Snapshot:
    hoard = [bytearray(64 * 2**20) for _ in range(64)]
    raise AssertionError(f"{len(hoard)} pieces fit where only some may")


def greedy_tools() -> Tools:
    return Tools(lambda _folder: Nobody(), greedy)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold a limit on address space")
async def test_what_needs_too_much_memory_is_stopped_and_says_which_setting_raises_it(tmp_path: Path) -> None:
    analysis = Analysis(greedy_tools, Limits(memory_bytes=1024 * 2**20))

    for _ in range(2):
        with pytest.raises(TooLarge, match="the limit is 1,024 MiB; FLUXBOT_LIMIT_MEMORY_MIB raises it"):
            await analysis(Judge(change(tmp_path)))
    await analysis.close()
