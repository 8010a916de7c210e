"""The Python that fluxbot runs on, as a program in the cell."""

from __future__ import annotations

import site
import sys

# -I: neither the working directory nor PYTHONPATH can put a module before those that are installed. -B: it writes no
# file, which it may not.
PYTHON = (sys.executable, "-I", "-B")

READS = (
    f"{sys.prefix}/pyvenv.cfg",
    *(f"{sys.base_prefix}/{name}" for name in ("lib", "lib64")),
    *site.getsitepackages(),
)
"""What it opens outside of the system's libraries."""
