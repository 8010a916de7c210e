"""The site of the docs: ``python -m tests.site`` (``make site``) writes ``build/site``; a warning is an error."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
CONFIG: Final = ROOT / "deploy" / "site" / "mkdocs.yml"


def build(folder: Path, *before: str) -> subprocess.CompletedProcess[str]:
    """Build the site into a folder, behind a command such as one that takes the network away."""
    return subprocess.run(
        [*before, Path(sys.executable).with_name("mkdocs"), "build", "--strict", "--clean",
         "--config-file", CONFIG, "--site-dir", folder],
        cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=180,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},  # advertising for a successor, no word on our pages
    )  # fmt: skip


if __name__ == "__main__":
    done = build(ROOT / "build" / "site")
    print(done.stdout, end="")
    sys.exit(done.returncode)
