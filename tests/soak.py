"""Whether this is ``make soak``, which runs the long version of what ``make test`` does once."""

from __future__ import annotations

import os
from typing import Final

SOAK: Final = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
