"""A fix as people read it: in Markdown, on a terminal, and as GitHub's suggestion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.model.fix import Fix, Safety, Suggestion
from bot.report.escape import block, fence, prose, terminal
from bot.review.words import code

LONGEST_DIFF: Final = 24
"""Lines of a patch that are shown at once; a longer one is folded."""
LONGEST_SHOWN: Final = 10_000
"""Characters of a patch that are shown at all."""


def fix_markdown(fix: Fix, *, suggested: bool = False) -> list[str]:
    """The paragraphs of a fix: what it does and costs, and the patch, or the steps where it takes several changes.

    ``suggested``: as GitHub's own suggestion, where the comment stands on the lines that it replaces.
    """
    block = suggestion_markdown(fix.suggestion) if suggested and fix.suggestion else None
    if block and fix.safety is Safety.SAFE:
        return [f"**Fix, proven:** {_said(fix)}", block]
    if fix.safety is Safety.STAGED:
        steps = "\n".join(f"{number}. {prose(step)}" for number, step in enumerate(fix.steps, 1))
        return [f"**Fix, in steps:** {_said(fix)}", steps]
    if len(fix.patch) > LONGEST_SHOWN:
        return [f"**Fix, proven:** {_said(fix)}", "The patch is too long to be shown here: `fluxbot fix` prints it."]
    lines = fix.patch.count("\n")
    patch = fence(fix.patch, "diff")
    if lines > LONGEST_DIFF:
        patch = f"<details><summary>The patch, {lines:,} lines</summary>\n\n{patch}\n\n</details>"
    return [f"**Fix, proven:** {_said(fix)}", patch]


def same_fix(fix: Fix, other: str) -> str:
    """What is said where the fix of another finding, by its id, cures this one as well."""
    how = "in steps" if fix.safety is Safety.STAGED else "proven"
    return f"**Fix, {how}:** that of {code(other)} mends this, too."


def _said(fix: Fix) -> str:
    return prose(f"{fix.title}. {fix.cost}")


def fix_lines(fix: Fix) -> Iterator[str]:
    """The same for a terminal: a sentence, then what it changes without the lines around."""
    yield terminal(f"{fix.title}. {fix.cost}".strip())
    if fix.safety is Safety.STAGED:
        yield from (terminal(f"{number}. {step}") for number, step in enumerate(fix.steps, 1))
    else:
        yield from (line for line in block(fix.patch) if _is_change(line))


def _is_change(line: str) -> bool:
    return line.startswith(("+", "-", "rename ")) and not line.startswith("--- ")


def suggestion_markdown(suggestion: Suggestion) -> str | None:
    """The block that GitHub offers to commit in place of the lines that a review comment stands on.

    None where the text could not be shown exactly as it is: GitHub commits what stands in the block.
    """
    text = suggestion.text.removesuffix("\n")
    if "\r" in text or fence(text).split("\n")[1:-1] != text.split("\n"):
        return None
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}suggestion\n{text}\n{marks}"
