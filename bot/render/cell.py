"""Runs one process on untrusted input: without network, environment or other files, and never longer than it may."""

from __future__ import annotations

import os
import resource
import select
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import IO

from bot.model.ask import Limit
from bot.render.landlock import confine
from bot.render.room import Room

_KIBIBYTE = 1024
_MEBIBYTE = 1024 * _KIBIBYTE
_PIECE = 256 * _KIBIBYTE
_COMPLAINT = 64 * _KIBIBYTE
_NOWHERE = "http://127.0.0.1:9"
# The Go runtime ends with 2 where it cannot go on (a library in a Python process: aborts); errors end with 1.
_RUNTIME_FAILURES = (2, -signal.SIGABRT)
_OUT_OF_MEMORY = (b"memory", b"stack exceeds", b"OS thread")
_PANIC = b"panic: "


@dataclass(frozen=True, slots=True)
class Limits:
    """The walls of a cell. ``seconds`` of wall time; ``memory`` is address space, ``output`` what is read: in bytes.

    Go reserves address space in advance: kustomize fails with 1.3 GB and is safe with 2 GiB.
    """

    seconds: float = 30.0
    memory: int = 2048 * _MEBIBYTE
    output: int = 64 * _MEBIBYTE
    written: int = _MEBIBYTE
    open_files: int = 256


@dataclass(frozen=True, slots=True)
class _Wall:
    """One resource limit: the kernel's number and ulimit's letter of it, and what ulimit counts it in."""

    kind: int
    letter: str
    most: int
    unit: int


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
        self._walls = _walls(self.limits)
        self._entrance = (*_limiting(self._walls), *_network_taken_away())

    def run(
        self, command: Sequence[str], room: Room, *, stdin: str = os.devnull, reads: Sequence[str] = ()
    ) -> Finished | Stopped:
        """What ``command`` (an absolute path and arguments) answers, run in the room's tree.

        Where the platform allows, it finds no files but the room's, its own, those in ``reads`` and the system's
        libraries. The whole process group is killed where it runs into a wall.
        """
        deadline = time.monotonic() + self.limits.seconds
        # Landlock binds the thread that asks for it and what that thread starts, so a thread is spent on each process.
        with ThreadPoolExecutor(max_workers=1) as spent, Path(stdin).open("rb") as given:
            process = spent.submit(self._started, command, room, given, reads).result()
        with process:
            try:
                _limit(process.pid, self._walls)
                return self._followed(process, deadline)
            finally:
                if process.returncode is None:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)

    def _started(
        self, command: Sequence[str], room: Room, stdin: IO[bytes], reads: Sequence[str]
    ) -> subprocess.Popen[bytes]:
        confine(room.root, (*self._entrance[:1], command[0], *reads))
        return subprocess.Popen(
            (*self._entrance, *command),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=room.tree,
            env=_environment(room.home),
            start_new_session=True,
        )

    def _followed(self, process: subprocess.Popen[bytes], deadline: float) -> Finished | Stopped:
        read = _read(process, deadline, self.limits.output)
        if isinstance(read, Stopped):
            return read
        try:
            code = _waited(process, max(deadline - time.monotonic(), 0.0))
        except subprocess.TimeoutExpired:
            return Stopped(Limit.TIME)
        wall = _wall(code, read[1])
        return Stopped(wall) if wall else Finished(code, *read)


def _read(process: subprocess.Popen[bytes], deadline: float, most: int) -> tuple[bytes, bytes] | Stopped:
    """Both outputs to their ends, read as they come."""
    output, complaint = bytearray(), bytearray()
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
            del complaint[_COMPLAINT:]
            if len(output) > most:
                return Stopped(Limit.OUTPUT)
    return bytes(output), bytes(complaint)


def _waited(process: subprocess.Popen[bytes], seconds: float) -> int:
    """The exit code. Raise TimeoutExpired.

    Popen would look and sleep by turns, which costs up to several milliseconds a build.
    """
    if sys.platform == "linux":
        handle = os.pidfd_open(process.pid)
        try:
            waiting = select.poll()
            waiting.register(handle, select.POLLIN)
            waiting.poll(seconds * 1000)
        finally:
            os.close(handle)
    return process.wait(0 if sys.platform == "linux" else seconds)


def _wall(code: int, complaint: bytes) -> Limit | None:
    """Which wall the end of a process means, if one."""
    if code == -signal.SIGXFSZ:
        return Limit.OUTPUT
    if code == -signal.SIGXCPU:
        return Limit.TIME
    # Nobody else kills it: this is the kernel, which ran out of memory.
    if code == -signal.SIGKILL:
        return Limit.MEMORY
    ran_out = code in _RUNTIME_FAILURES and _PANIC not in complaint
    return Limit.MEMORY if ran_out and any(sign in complaint for sign in _OUT_OF_MEMORY) else None


def _environment(home: str) -> dict[str, str]:
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


def _walls(limits: Limits) -> tuple[_Wall, ...]:
    """The limits as the kernel counts them.

    Processor time only matters where fluxbot itself was killed and cannot stop the process any more.
    """
    seconds = int(limits.seconds + 1) * ((os.cpu_count() or 1) + 1)
    walls = (
        _Wall(resource.RLIMIT_CORE, "c", 0, 1),
        _Wall(resource.RLIMIT_CPU, "t", seconds, 1),
        _Wall(resource.RLIMIT_FSIZE, "f", limits.written, 512),
        _Wall(resource.RLIMIT_NOFILE, "n", limits.open_files, 1),
        _Wall(resource.RLIMIT_AS, "v", limits.memory, _KIBIBYTE),
    )
    return tuple(replace(wall, most=_allowed(wall.kind, wall.most)) for wall in walls)


def _limiting(walls: tuple[_Wall, ...]) -> tuple[str, ...]:
    """A command that limits itself, then becomes what follows; empty on Linux, which limits a process from outside.

    macOS knows no limit of address space. preexec_fn would do it too, but is not safe with threads.
    """
    if sys.platform == "linux":
        return ()
    script = [f"ulimit -{wall.letter} {wall.most // wall.unit}" for wall in walls if wall.kind != resource.RLIMIT_AS]
    return ("/bin/sh", "-c", "; ".join([*script, 'exec "$@"']), "cell")


def _limit(pid: int, walls: tuple[_Wall, ...]) -> None:
    """Put up the walls around a process that has only just begun. Saves the millisecond of a shell with ulimit."""
    if sys.platform == "linux":
        for wall in walls:
            resource.prlimit(pid, wall.kind, (wall.most, wall.most))


def _allowed(kind: int, wanted: int) -> int:
    """A limit no higher than the one that already holds, which nobody but root may raise."""
    hard = resource.getrlimit(kind)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


@cache
def _network_taken_away() -> tuple[str, ...]:
    """A command that starts what follows in a network namespace of its own; empty where the platform has none."""
    unshare = shutil.which("unshare", path="/usr/bin:/bin:/usr/sbin:/sbin")
    if unshare is None:
        return ()
    for entrance in ((unshare, "--net", "--"), (unshare, "--map-root-user", "--net", "--")):
        tried = subprocess.run((*entrance, "/bin/sh", "-c", ":"), capture_output=True, check=False)
        if tried.returncode == 0:
            return entrance
    return ()
