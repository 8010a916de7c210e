"""What the cell costs a build: the same builds as plain processes and in the cell, by turns."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.model.ask import Build
from bot.render.cell import Cell, Finished, environment
from bot.render.room import furnished


@dataclass(frozen=True, slots=True)
class _Clock:
    """Milliseconds of each build on one side: on the wall, and of the processor, fluxbot's own included."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        began, used = time.perf_counter(), _used()
        yield
        self.wall.append((time.perf_counter() - began) * 1000)
        self.processor.append((_used() - used) * 1000)


def cost(builds: Sequence[Build], kubectl: str, runs: int) -> tuple[str, str]:
    """Two lines: milliseconds that walls and room add to a build, and what was compared.

    Both sides run one at a time, over the same files, with the same environment. The plain process finds its
    directory made; the cell makes and removes its room within the time.
    """
    cell, plain, walled = Cell(), _Clock(), _Clock()
    with tempfile.TemporaryDirectory(prefix="fluxbot-bench-", dir=_memory()) as name:
        targets = [_laid_out(build, Path(name, str(number))) for number, build in enumerate(builds)]
        for _ in range(runs):
            for build, target in zip(builds, targets, strict=True):
                with plain.running():
                    _plain(kubectl, target)
                with walled.running():
                    _walled(cell, kubectl, build)
    before, after = statistics.median(plain.wall), statistics.median(walled.wall)
    added, used = _added(plain.wall, walled.wall), _added(plain.processor, walled.processor)
    ratio = f"{after:.1f} ms in the cell / {before:.1f} ms as a plain process = {after / before:.2f}"
    return (
        f"cell: {added:.1f} ms a build, {used:.1f} ms of it the processor's; {ratio}",
        f"      (medians of {len(plain.wall)} pairs by turns, one at a time, the same files and environment)",
    )


def _added(plain: Sequence[float], walled: Sequence[float]) -> float:
    return statistics.median(after - before for before, after in zip(plain, walled, strict=True))


def _used() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _plain(kubectl: str, target: str) -> None:
    # In a session of its own as the cell's are, because Linux shares the processor out among sessions.
    process = subprocess.Popen(
        _command(kubectl, target),
        env=environment(target),
        cwd=target,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    process.communicate()


def _walled(cell: Cell, kubectl: str, build: Build) -> None:
    with furnished(build.files) as room:
        end = cell.run(_command(kubectl, f"{room.tree}/{build.directory}".rstrip("/")), room)
    if not isinstance(end, Finished):
        raise SystemExit(f"the cell stopped {build.directory}: {end}")


def _command(kubectl: str, target: str) -> tuple[str, ...]:
    return (kubectl, "kustomize", "--load-restrictor", "LoadRestrictionsNone", target)


def _laid_out(build: Build, folder: Path) -> str:
    for path, blob in build.files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(blob.data or b"")
    return str(folder / build.directory)


def _memory() -> str | None:
    """Where the cell's rooms are, too, so that no disk is measured."""
    place = "/dev/shm"  # noqa: S108  # a directory of our own is made there
    return place if os.access(place, os.W_OK) else None
