"""``make soak``: the long versions of what ``make test`` does once, part by part, with the figures that they show."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

SOAK: Final = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
"""Whether this is the long version."""

Told: TypeAlias = Callable[[str], None]
"""Says what was measured."""

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "points": ("tests/e2e/test_points.py",),
    "killed": ("tests/e2e/test_storm.py", "-k", "killed-500"),
    "apart": ("tests/e2e/test_storm.py", "-k", "apart"),
    "database": ("tests/e2e/test_storm.py", "-k", "database"),
    "cut": ("tests/e2e/test_storm.py", "-k", "cut"),
    "rolled": ("tests/e2e/test_storm.py", "-k", "rolled"),
    "takeover": ("tests/e2e/test_takeover.py",),
    "faults": ("tests/e2e/test_faults.py", "tests/app/test_faulty_github.py"),
    "upgrade": ("tests/e2e/test_upgrade.py",),
}
"""What each part of the soak runs, in their order: all of them take less than an hour on two cores."""
GENERATED: Final = {"generated": ("tests", "--ignore=tests/e2e", "--ignore=tests/app/test_faulty_github.py")}
"""All other tests with many more generated cases, which take as long as they take: only where they are named."""


def main() -> int:
    """Run the parts that the variable PART names, or all but the generated ones; 1 where one of them fails."""
    known = {**PARTS, **GENERATED}
    wanted = os.environ.get("PART", "").split() or list(PARTS)
    if unknown := [part for part in wanted if part not in known]:
        sys.stderr.write(f"no such part: {', '.join(unknown)}; there are {', '.join(known)}\n")
        return 2
    failed = [part for part in wanted if not _passes(part, known[part])]
    if failed:
        sys.stderr.write(f"failed: {', '.join(failed)}\n")
    return 1 if failed else 0


def _passes(part: str, arguments: tuple[str, ...]) -> bool:
    began = time.monotonic()
    width = "2" if part in GENERATED else "0"  # the others measure, and start processes enough
    command = (sys.executable, "-m", "pytest", "--quiet", f"--numprocesses={width}", "--timeout=0", *arguments)
    # 5 is pytest's word for: all of it was left out.
    passes = subprocess.run(command, env={**os.environ, "HYPOTHESIS_PROFILE": "soak"}, check=False).returncode in (0, 5)
    sys.stdout.write(f"{part}: {'passed' if passes else 'FAILED'} in {time.monotonic() - began:.0f} s\n")
    return passes


if __name__ == "__main__":
    sys.exit(main())
