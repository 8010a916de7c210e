"""What the cell costs a build: the same builds as plain processes and in the cell, by turns."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bot.model.ask import Build
from bot.render.cell import Cell, Finished, environment
from bot.render.room import furnished


def cost(builds: Sequence[Build], kubectl: str, runs: int) -> str:
    """A line: milliseconds that walls and room add to a build, and the ratio.

    Both sides run one at a time, over the same files, with the same environment. The plain process finds its
    directory made; the cell makes and removes its room within the time.
    """
    cell = Cell()
    plain, walled = [], []
    with tempfile.TemporaryDirectory(prefix="fluxbot-bench-", dir=_memory()) as name:
        targets = [_laid_out(build, Path(name, str(number))) for number, build in enumerate(builds)]
        for _ in range(runs):
            for build, target in zip(builds, targets, strict=True):
                plain.append(_plain(kubectl, target))
                walled.append(_walled(cell, kubectl, build))
    added = statistics.median(after - before for before, after in zip(plain, walled, strict=True))
    before, after = statistics.median(plain), statistics.median(walled)
    return (
        f"cell: {added * 1000:.1f} ms a build ({before * 1000:.1f} ms as a plain process, {after * 1000:.1f} ms in the "
        f"cell, ratio {after / before:.2f}; medians of {len(plain)} pairs by turns, one at a time, same environment)"
    )


def _plain(kubectl: str, target: str) -> float:
    began = time.perf_counter()
    subprocess.run(_command(kubectl, target), env=environment(target), capture_output=True, check=False, cwd=target)
    return time.perf_counter() - began


def _walled(cell: Cell, kubectl: str, build: Build) -> float:
    began = time.perf_counter()
    with furnished(build.files) as room:
        end = cell.run(_command(kubectl, f"{room.tree}/{build.directory}".rstrip("/")), room)
    seconds = time.perf_counter() - began
    if not isinstance(end, Finished):
        raise SystemExit(f"the cell stopped {build.directory}: {end}")
    return seconds


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
