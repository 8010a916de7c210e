"""Puts the review page into the wheel: what bundles it is brought by npm, and nothing of it is committed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from setuptools.command.build_py import build_py
from setuptools.errors import SetupError

PAGE: Final = Path(__file__).parent
BUILT: Final = PAGE.parent / "report" / "built"
WITHOUT: Final = "FLUXBOT_WITHOUT_PAGE"
"""Set where the command is wanted alone: everything but ``--format html`` works."""


class WithPage(build_py):
    """``build_py`` with the page built before. What was built already is taken; an editable tree has ``make setup``."""

    def run(self) -> None:
        wanted = not (self.editable_mode or os.environ.get(WITHOUT))
        if wanted and not (BUILT / "LICENSES.txt").is_file():
            self._build()
        super().run()

    def _build(self) -> None:
        if not shutil.which("npm"):
            raise SetupError(f"npm is not there to build the review page with; {WITHOUT}=1 leaves the page out")
        npm = ["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(npm, cwd=PAGE, check=True)
        subprocess.run(["node", "build.mjs", str(BUILT)], cwd=PAGE, check=True)
