"""How much a process may take, and the kernel's limits that hold it to that."""

from __future__ import annotations

import resource
import sys
from dataclasses import dataclass, replace

_KIBIBYTE = 1024
_MEBIBYTE = 1024 * _KIBIBYTE


@dataclass(frozen=True, slots=True)
class Limits:
    """The walls of a cell. ``seconds`` of wall time, ``cpu`` seconds of processor time, whatever the number of cores.

    ``memory`` is address space, ``output`` what is read of both outputs: in bytes. Go reserves address space in
    advance: kustomize fails with 1.3 GB and is safe with 2 GiB. ``files`` is how many a question may bring.
    A process may write no file, so there is no limit on that but nothing.
    """

    seconds: float = 30.0
    cpu: int = 20
    memory: int = 2048 * _MEBIBYTE
    output: int = 64 * _MEBIBYTE
    files: int = 10_000
    open_files: int = 256


@dataclass(frozen=True, slots=True)
class Wall:
    """One resource limit: the kernel's number and ulimit's letter of it, and what ulimit counts it in."""

    kind: int
    letter: str
    most: int
    unit: int


def walls(limits: Limits) -> tuple[Wall, ...]:
    """The limits as the kernel counts them.

    Processor time also ends what is left of a build where fluxbot itself was killed.
    """
    raised = (
        Wall(resource.RLIMIT_CORE, "c", 0, 1),
        Wall(resource.RLIMIT_CPU, "t", limits.cpu, 1),
        Wall(resource.RLIMIT_FSIZE, "f", 0, 512),
        Wall(resource.RLIMIT_NOFILE, "n", limits.open_files, 1),
        Wall(resource.RLIMIT_AS, "v", limits.memory, _KIBIBYTE),
    )
    return tuple(replace(wall, most=_allowed(wall.kind, wall.most)) for wall in raised)


def limiting(raised: tuple[Wall, ...]) -> tuple[str, ...]:
    """A command that limits itself, then becomes what follows; empty on Linux, which limits a process from outside.

    macOS knows no limit of address space. preexec_fn would do it too, but is not safe with threads.
    """
    if sys.platform == "linux":
        return ()
    script = [f"ulimit -{wall.letter} {wall.most // wall.unit}" for wall in raised if wall.kind != resource.RLIMIT_AS]
    return ("/bin/sh", "-c", "; ".join([*script, 'exec "$@"']), "cell")


def limit(pid: int, raised: tuple[Wall, ...]) -> None:
    """Put up the walls around a process that has only just begun. Saves the millisecond of a shell with ulimit."""
    if sys.platform == "linux":
        for wall in raised:
            resource.prlimit(pid, wall.kind, (wall.most, wall.most))


def _allowed(kind: int, wanted: int) -> int:
    """A limit no higher than the one that already holds, which nobody but root may raise."""
    hard = resource.getrlimit(kind)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
