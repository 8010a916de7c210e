"""Runs the engine in one process of its own, so that the event loop never computes and a review can be stopped.

The process is spawned, polite to others, and replaced when it ran into a
limit, ended by itself, or has done enough to have collected rubbish.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final, Protocol, TypeVar

from bot.app.asked import Asked, Said, Surveyed, Tools
from bot.app.fleets import Needs
from bot.app.local import took_too_long
from bot.app.verdict import answered
from bot.model.limits import LIMITS, Limits, passed
from bot.model.publication import Acceptable, Mended, Publication
from bot.ports import FluxbotError, Interrupted, Tally, TooLarge
from bot.report.crash import crash_report

MOST_ANALYSES: Final = 500
"""After so many the process is replaced."""

_NICE = 10
_PATIENCE = 5.0

T = TypeVar("T")


class AnalysisBroke(Exception):
    """A bug: where in the other process, and of which kind."""


class _Process(Protocol):
    def is_alive(self) -> bool: ...
    def kill(self) -> None: ...
    def join(self, timeout: float | None = None) -> None: ...


@dataclass(slots=True)
class _Running:
    """The process and our end of the pipe to it."""

    process: _Process
    pipe: Connection
    done: int = 0


class Analysis:
    """Answers one question after the other. ``open_tools`` is called in the process, so it must be importable."""

    def __init__(self, open_tools: Callable[[], Tools], limits: Limits = LIMITS, tally: Tally | None = None) -> None:
        self._open_tools = open_tools
        self._tally = tally
        self._limits = limits
        self._running: _Running | None = None
        self._turn = asyncio.Lock()

    async def __call__(self, asked: Asked) -> Said:
        """What is to be published, or the Markdown of an answer.

        Raise TooLarge where it took too long, Interrupted where the process
        died or was killed by somebody else, AnalysisBroke for a bug.
        """
        async with self._turn:
            running = self._ready()
            try:
                return await asyncio.to_thread(self._exchange, running, asked)
            except (EOFError, OSError) as error:
                await asyncio.to_thread(self._stop)
                raise Interrupted("the analysis process ended before it answered") from error
            except (TooLarge, asyncio.CancelledError):
                self._kill()
                raise
            finally:
                running.done += 1
                if running.done >= MOST_ANALYSES:
                    await asyncio.to_thread(self._stop)

    async def close(self) -> None:
        """End the process."""
        await asyncio.to_thread(self._stop)

    async def forget(self) -> None:
        """End the process and all that it has in memory, once it has answered; the next question starts another."""
        async with self._turn:
            await asyncio.to_thread(self._stop)

    def _exchange(self, running: _Running, asked: Asked) -> Said:
        running.pipe.send(asked)
        seconds = self._limits.seconds
        if not running.pipe.poll(seconds):
            raise TooLarge(took_too_long(seconds))
        answer, lookups = running.pipe.recv()
        if self._tally:
            self._tally.looked_up(*lookups)
        match answer:
            case FluxbotError():
                raise answer
            case _Broken(text):
                raise AnalysisBroke(text)
            case Publication() | Acceptable() | Mended() | Surveyed() | Needs() | str():
                return answer
            case _:
                raise TypeError(f"the analysis process answered with {type(answer).__name__}")

    def _ready(self) -> _Running:
        if self._running is None or not self._running.process.is_alive():
            spawning = multiprocessing.get_context("spawn")
            ours, theirs = spawning.Pipe()
            told = (theirs, self._open_tools, self._limits.memory_bytes)
            process = spawning.Process(target=serve, args=told, name="analysis", daemon=True)
            process.start()
            theirs.close()
            self._running = _Running(process, ours)
        return self._running

    def _kill(self) -> None:
        if self._running is not None:
            # The thread that waits at the pipe is woken by the end of the process; the pipe closes with it.
            self._running.process.kill()
            self._running = None

    def _stop(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.pipe.close()
            running.process.join(_PATIENCE)
            running.process.kill()
            running.process.join(_PATIENCE)


@dataclass(frozen=True, slots=True)
class _Broken:
    """A bug in the process, as text: not every exception survives the way, and its message may hold a manifest."""

    report: str


def serve(pipe: Connection, open_tools: Callable[[], Tools], memory: int) -> None:
    """Answer what comes through the pipe until its other end is closed. Runs in the process."""
    os.nice(_NICE)
    sys.unraisablehook = lambda given: sys.stderr.write(f"{type(given.exc_value).__name__} in a destructor\n")
    if sys.platform == "linux":  # others have no such limit, or do not hold it
        resource.setrlimit(resource.RLIMIT_AS, (memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
    tools = open_tools()
    while True:
        try:
            asked = pipe.recv()
        except EOFError:
            return
        pipe.send((_answer(tools, asked, memory), tools.looked_up()))


def _answer(tools: Tools, asked: Asked, memory: int) -> object:
    try:
        return answered(asked, tools)
    except FluxbotError as error:
        return error
    except MemoryError:
        return TooLarge(f"the review needs too much memory: {passed('memory_bytes', memory)}")
    except Exception as error:  # noqa: BLE001 - boundary: it is raised again in the process that asked
        return _Broken(crash_report(error))
