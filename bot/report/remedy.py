"""A fix as Markdown: what it does, what it costs, and the change itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.model.fix import Fix, Safety
from bot.report.escape import fence, prose

MOST_PATCH: Final = 4_000
"""Characters of a patch that are shown; a longer one is for the command line."""


def remedy(fix: Fix | None) -> Iterator[str]:
    """The parts of a fix; none where there is none."""
    if fix is None:
        return
    proven = "proven" if fix.safety is Safety.SAFE else fix.safety.value
    yield f"**Fix** ({proven}): {prose(fix.title)}"
    if fix.cost:
        yield prose(fix.cost)
    if fix.steps:
        yield "\n".join(f"{number}. {prose(step)}" for number, step in enumerate(fix.steps, 1))
    if fix.patch and len(fix.patch) <= MOST_PATCH:
        opening, _, rest = fence(fix.patch).partition("\n")
        yield f"<details><summary>The change</summary>\n\n{opening}diff\n{rest}\n\n</details>"
