"""Runs one process on untrusted input: without network, environment or other files, and never longer than it may."""

from __future__ import annotations

import os
import select
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bot.model.ask import Limit
from bot.render.apart import check_entrance, enter, entrance
from bot.render.landlock import confine
from bot.render.limits import Limits, limit, limiting, walls
from bot.render.room import Room
from bot.render.seccomp import filter_calls

_KIBIBYTE = 1024
_PIECE = 256 * _KIBIBYTE
_COMPLAINT = 64 * _KIBIBYTE
_NOWHERE = "http://127.0.0.1:9"
# The Go runtime ends with 2 where it cannot go on; a library in a Python process aborts, which the first process of a
# family can only do by an illegal access. Errors end with 1.
_RUNTIME_FAILURES = (2, -signal.SIGABRT, -signal.SIGSEGV)
_OUT_OF_MEMORY = (b"memory", b"stack exceeds", b"OS thread")
_PANIC = b"panic: "
# The kernel compares with its own sampled count, which may run far ahead of the sum that it reports in the
# end on a machine that is busy.
_NEARLY = 0.5


@dataclass(frozen=True, slots=True)
class Finished:
    """The process ended by itself. ``complaint`` is the beginning of its stderr."""

    code: int
    output: bytes
    complaint: bytes


@dataclass(frozen=True, slots=True)
class Stopped:
    """The process ran into a wall."""

    limit: Limit


class Cell:
    """Runs processes within ``limits``; may be used by several threads at once."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._walls = walls(self.limits)

    def run(
        self, command: Sequence[str], room: Room, *, stdin: str = os.devnull, reads: Sequence[str] = ()
    ) -> Finished | Stopped:
        """What ``command`` (an absolute path and arguments) answers, run in the room's tree.

        Where the platform allows, it finds no files but the room's, its own, those in ``reads`` and the system's
        libraries, and writes none. It is killed where it runs into a wall, and all that it started. Raise Unreachable
        where the machine has no room for another process with its walls.
        """
        deadline = time.monotonic() + self.limits.seconds
        # What is taken away is taken from the thread and what that thread starts, so a thread is spent on each process.
        with ThreadPoolExecutor(max_workers=1) as spent, Path(stdin).open("rb") as given:
            process = spent.submit(self._started, command, room, given, reads).result()
        with process:
            try:
                return self._followed(process, deadline)
            finally:
                if process.returncode is None:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)

    def _started(
        self, command: Sequence[str], room: Room, stdin: IO[bytes], reads: Sequence[str]
    ) -> subprocess.Popen[bytes]:
        first = (*limiting(self._walls), *entrance())
        enter()
        confine((room.root, *reads), (*first[:1], command[0]))
        filter_calls()
        process = subprocess.Popen(
            (*first, *command),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=room.tree,
            env=environment(room.home),
            start_new_session=True,
        )
        # At once and by this thread: until another one is awake on a busy machine, a short process has long ended.
        try:
            limit(process.pid, self._walls)
        except OSError:
            process.kill()
            process.wait()
            raise
        return process

    def _followed(self, process: subprocess.Popen[bytes], deadline: float) -> Finished | Stopped:
        read = _read(process, deadline, self.limits.output)
        if isinstance(read, Stopped):
            return read
        try:
            used = _waited(process, max(deadline - time.monotonic(), 0.0))
        except subprocess.TimeoutExpired:
            return Stopped(Limit.TIME)
        code = process.returncode
        check_entrance(code, read[1])
        wall = _wall(code, read[1], worn_out=used >= self.limits.cpu * _NEARLY)
        return Stopped(wall) if wall else Finished(code, *read)


def _read(process: subprocess.Popen[bytes], deadline: float, most: int) -> tuple[bytes, bytes] | Stopped:
    """Both outputs to their ends, read as they come."""
    output, complaint, total = bytearray(), bytearray(), 0
    with selectors.DefaultSelector() as waiting:
        for pipe, store in ((process.stdout, output), (process.stderr, complaint)):
            if pipe is not None:  # both were asked for
                waiting.register(pipe, selectors.EVENT_READ, store)
        while waiting.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                return Stopped(Limit.TIME)
            for ready, _ in waiting.select(left):
                piece = os.read(ready.fd, _PIECE)
                if not piece:
                    waiting.unregister(ready.fileobj)
                ready.data.extend(piece)
                total += len(piece)
            del complaint[_COMPLAINT:]
            if total > most:
                return Stopped(Limit.OUTPUT)
    return bytes(output), bytes(complaint)


def _waited(process: subprocess.Popen[bytes], seconds: float) -> float:
    """Wait for the end, in ``returncode``; the seconds of processor time that it took. Raise TimeoutExpired.

    Popen would look and sleep by turns, which costs up to several milliseconds a build, and would not tell the time.
    """
    if sys.platform != "linux":
        process.wait(seconds)
        return 0.0
    handle = os.pidfd_open(process.pid)
    try:
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        if not waiting.poll(seconds * 1000):
            raise subprocess.TimeoutExpired(process.args, seconds)
    finally:
        os.close(handle)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def _wall(code: int, complaint: bytes, *, worn_out: bool) -> Limit | None:
    """Which wall the end of a process means, if one."""
    stopped_itself = code in _RUNTIME_FAILURES and _PANIC not in complaint
    if (
        code == -signal.SIGXCPU
        or (code == -signal.SIGKILL and worn_out)
        or (stopped_itself and b"SIGXCPU" in complaint)
    ):
        return Limit.CPU
    if code == -signal.SIGXFSZ or (stopped_itself and b"SIGXFSZ" in complaint):
        return Limit.WRITING
    # Nobody else kills it: this is the kernel, which ran out of memory.
    if code == -signal.SIGKILL:
        return Limit.MEMORY
    return Limit.MEMORY if stopped_itself and any(sign in complaint for sign in _OUT_OF_MEMORY) else None


def environment(home: str) -> dict[str, str]:
    """All that a process learns about this machine: nothing.

    A build lives for 30 ms, so Go's garbage collector only costs time, until GOMEMLIMIT is reached.
    """
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), _NOWHERE)
    return {
        "PATH": "/nonexistent",
        "HOME": home,
        "TMPDIR": home,
        "KUBECONFIG": os.devnull,
        "GOGC": "off",
        "GOMEMLIMIT": "512MiB",
        "LC_ALL": "C",
    } | proxies
