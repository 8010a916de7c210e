"""Whole processes with their time and memory, for the benchmarks."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.corpus import FLUXBOT

_MEBIBYTE: Final = 1024  # ru_maxrss counts in KiB


@dataclass(frozen=True, slots=True)
class Run:
    """Commands from start to end: seconds of wall time, and the most memory that one of them held, in MiB."""

    seconds: float
    peak: float


def told(what: str, runs: Sequence[Run]) -> float:
    """Print a line; the median of the seconds."""
    seconds = [run.seconds for run in runs]
    middle = statistics.median(seconds)
    peak = max(run.peak for run in runs)
    span = f"{middle:6.2f} s ({min(seconds):.2f} – {max(seconds):.2f})"
    print(f"{what:40} {span:28} peak {peak:.0f} MiB", flush=True)
    return middle


# Linux counts for a process what the one that started it held, until it became another program. So what measures starts
# from next to nothing: a benchmark with a repository in its memory would only measure itself.
_MEASURE: Final = """
import concurrent.futures, json, os, subprocess, sys, time
commands, at_once = json.load(sys.stdin)
def run(command):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    return usage.ru_maxrss, os.waitstatus_to_exitcode(status)
with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
    started = time.monotonic()
    ends = list(pool.map(run, commands))
    seconds = time.monotonic() - started
print(json.dumps([seconds, *zip(*ends)]))
"""


def timed(commands: Sequence[Sequence[str]], data: Path, at_once: int = 1) -> Run:
    """Run commands whose output does not matter, so many at once.

    Raise SystemExit where one fails: its time would mean nothing.
    """
    environment = {**os.environ, "FLUXBOT_DATA_DIR": str(data)}
    measuring = (sys.executable, "-I", "-S", "-c", _MEASURE)
    given = json.dumps([commands, at_once]).encode()
    said = subprocess.run(measuring, env=environment, input=given, stdout=subprocess.PIPE, check=True).stdout
    seconds, most, codes = json.loads(said)
    for command, code in zip(commands, codes, strict=True):
        if code not in (0, 1):  # 1: there are findings
            raise SystemExit(f"{' '.join(command)} failed with {code}")
    return Run(seconds, max(most) / _MEBIBYTE)


def audit(repository: Path, data: Path) -> Run:
    """An audit of the branch ``bench``, with the caches in ``data``."""
    return timed([(FLUXBOT, "audit", str(repository), "--rev", "bench")], data)


def review(repository: Path, branch: str, data: Path) -> Run:
    """A review of what a branch brings to ``bench``."""
    return timed([(FLUXBOT, "review", str(repository), "--base", "bench", "--head", branch)], data)


def git(repository: Path, *arguments: str) -> None:
    """Run git as somebody who may commit."""
    who = ("-c", "user.name=fluxbot", "-c", "user.email=fluxbot@example.org", "-c", "commit.gpgSign=false")
    subprocess.run(("git", "-C", str(repository), *who, *arguments), check=True)
