"""Which walls of the cell stand on this machine, found by running into them."""

from __future__ import annotations

import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bot.model.ask import Build, Limit, Refused, Render
from bot.model.snapshot import Blob
from bot.ports import FluxbotError
from bot.render.apart import Way, way
from bot.render.cell import Cell, Finished, Stopped
from bot.render.helm import Helm
from bot.render.kustomize import Kustomize
from bot.render.landlock import TCP_SINCE, version
from bot.render.limits import Limits
from bot.render.python import PYTHON, READS
from bot.render.room import furnished, memory

_MEBIBYTE = 1024 * 1024
_ATTEMPTS = Path(__file__).with_name("attempts.py")
_KUSTOMIZATION = b"configMapGenerator: [{name: probe}]\n"
_CHART = b"apiVersion: v2\nname: probe\nversion: 1.0.0\n"
_TEMPLATE = b"kind: ConfigMap\n"


@dataclass(frozen=True, slots=True)
class Standing:
    """One wall or tool: whether it is as it should be, whether fluxbot can do without, and the words for it."""

    name: str
    stands: bool
    text: str
    needed: bool = True


def standing(limits: Limits | None = None) -> tuple[Standing, ...]:
    """What each probe found, in a fixed order. Takes a few seconds; ``limits`` are those of reviews."""
    held = limits or Limits()
    probes: tuple[Callable[[], Iterator[Standing]], ...] = (
        lambda: _kustomize(held),
        lambda: _helm(held),
        lambda: _stopping(held),
        lambda: _memory(held),
        _attempted,
        _rooms,
    )
    with ThreadPoolExecutor(2) as pool:
        return tuple(one for found in pool.map(lambda probe: tuple(probe()), probes) for one in found)


def _kustomize(limits: Limits) -> Iterator[Standing]:
    try:
        kustomize = Kustomize(Cell(limits))
        began = time.monotonic()
        answer = kustomize.build(Build("", {"kustomization.yaml": _blob(_KUSTOMIZATION)}))
    except (FluxbotError, OSError) as problem:
        yield Standing("kustomize", stands=False, text=str(problem))
        return
    if isinstance(answer, Refused):
        yield Standing("kustomize", stands=False, text=f"does not build: {answer.message}")
    else:
        took = time.monotonic() - began
        yield Standing("kustomize", stands=True, text=f"{kustomize.version}, a build takes {took * 1000:.0f} ms")


def _helm(limits: Limits) -> Iterator[Standing]:
    helm = Helm(Cell(limits))
    chart = {"Chart.yaml": _blob(_CHART), "templates/a.yaml": _blob(_TEMPLATE)}
    try:
        answer = helm.render(Render(chart, {}, "probe", "default"))
    except OSError as problem:
        answer = Refused(str(problem))
    if isinstance(answer, Refused):
        without = f"{answer.message}; charts in a repository are not rendered, the catalogue answers for them"
        yield Standing("helm", stands=False, text=without, needed=False)
    else:
        yield Standing("helm", stands=True, text=f"{helm.version} renders")


def _stopping(limits: Limits) -> Iterator[Standing]:
    """Walls that end a process: each is tried low, because it is the same one at its height in reviews."""
    for name, limit, low, program, height in (
        ("wall time", Limit.TIME, Limits(seconds=0.5), "import time; time.sleep(60)", f"{limits.seconds:g} s"),
        (
            "processor time",
            Limit.CPU,
            Limits(seconds=120.0, cpu=1),
            "while True: pass",
            f"{limits.cpu} s on all cores together",
        ),
        ("output", Limit.OUTPUT, Limits(output=_MEBIBYTE), "while True: print('x' * 999)", _mebibytes(limits.output)),
    ):
        end = _python("-c", program, limits=low)
        stopped = isinstance(end, Stopped) and end.limit is limit
        yield Standing(name, stands=stopped, text=f"{height}, then it is stopped" if stopped else "does not stop one")


def _memory(limits: Limits) -> Iterator[Standing]:
    low = Limits(memory=512 * _MEBIBYTE)
    end = _python("-c", f"bytearray({1024 * _MEBIBYTE}); print('had it')", limits=low)
    stands = isinstance(end, Finished) and b"MemoryError" in end.complaint
    lacks = "address space cannot be limited here, so a build may fill the memory"
    text = f"{_mebibytes(limits.memory)} of address space" if stands else lacks
    yield Standing("memory", stands=stands, text=text, needed=False)


def _attempted() -> Iterator[Standing]:
    with socket.create_server(("127.0.0.1", 0)) as listening, tempfile.NamedTemporaryFile() as outside:
        end = _python(str(_ATTEMPTS), outside.name, str(listening.getsockname()[1]), limits=Limits())
    yield from judged(end.output if isinstance(end, Finished) else b"")


def judged(tried: bytes) -> Iterator[Standing]:
    """What follows from the output of the program that tries walls from inside."""
    if b"tried" not in tried:
        yield Standing("attempts", stands=False, text="the program that tries the other walls does not run")
        return
    could = {line.partition(" ")[0]: line.partition(" ")[2] for line in tried.decode().splitlines()}
    yield _files(could)
    written = "write" not in could
    yield Standing("writing", stands=written, text="nothing into any file" if written else "files can be written")
    yield _network(could)
    yield _processes(could)
    yield _powers(could)


def _files(could: Mapping[str, str]) -> Standing:
    if "read" not in could and "make" not in could:
        return Standing("files", stands=True, text=f"only its own can be read, and none made (Landlock {version()})")
    lacks = "this kernel has no Landlock, so a build may read what fluxbot's user may read"
    return Standing("files", stands=False, text=lacks, needed=False)


def _network(could: Mapping[str, str]) -> Standing:
    walls = ["no TCP (Landlock)"] if version() >= TCP_SINCE else []
    if "namespace" in could and could["namespace"] != str(Path("/proc/self/ns/net").readlink()):
        walls.append(f"a namespace without devices ({way().value})")
    if "socket" not in could:
        walls.append("no socket (seccomp)")
    if "connect" not in could and "send" not in could:
        return Standing("network", stands=True, text=f"cannot be reached: {', '.join(walls)}")
    lacks = "cannot be taken away here; remote references are cut out before a build all the same"
    return Standing("network", stands=False, text=lacks, needed=False)


def _processes(could: Mapping[str, str]) -> Standing:
    kept = "fork" not in could and "exec" not in could
    start = "none can be started" if kept else "can be started"
    end = "what it started ends with it" if way() is Way.THREAD else "its group ends with it"
    text = f"{start}, {end}; threads are bounded by memory alone"
    return Standing("processes", stands=kept or way() is Way.THREAD, text=text, needed=False)


def _powers(could: Mapping[str, str]) -> Standing:
    if "power" not in could:
        return Standing("powers", stands=True, text="none of root's but to read")
    return Standing("powers", stands=False, text="root's, which cannot be given up here", needed=False)


def _rooms() -> Iterator[Standing]:
    free = memory()
    if free is None:
        lacks = "on the disk: /dev/shm is missing, full or closed, so builds are slower"
        yield Standing("rooms", stands=False, text=lacks, needed=False)
    else:
        yield Standing("rooms", stands=True, text=f"in memory, {_mebibytes(free)} free in /dev/shm")


def _python(*arguments: str, limits: Limits) -> Finished | Stopped:
    with furnished({}) as room:
        return Cell(limits).run((*PYTHON, *arguments), room, reads=(str(_ATTEMPTS), *READS))


def _blob(data: bytes) -> Blob:
    return Blob("0" * 40, len(data), data)


def _mebibytes(size: int) -> str:
    return f"{size // _MEBIBYTE:,} MiB"
