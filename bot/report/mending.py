"""What is said when fixes are asked for: the commit's own text, and the answer below the pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from bot.model.finding import Finding
from bot.model.fix import Safety
from bot.model.publication import Mended
from bot.report.escape import fence, prose, terminal
from bot.report.fixes import fix_markdown, same_fix
from bot.review.words import code

MOVED: Final = (
    "The branch moved since that was asked for, so nothing was committed. Its newest commit is judged by itself."
)
"""What is said where somebody pushed meanwhile."""

_LONGEST_HEADLINE: Final = 72
_LONGEST_PATCH: Final = 50_000
# What GitHub would read as a person, an issue or a pull request in the text of a commit.
_REFERENCES = re.compile(r"[@#]|(?i:\bGH-(?=\d))|https?://")


def rest_markdown(left: Sequence[Finding], unknown: Iterable[str]) -> str:
    """What was meant and cannot be applied at once: the steps of staged fixes, and what has none."""
    parts: list[str] = []
    told: dict[tuple[str, ...], str] = {}
    for one in left:
        name = f"{code(one.id)} {code(one.rule)}"
        if one.fix and one.fix.safety is Safety.STAGED:
            first = told.setdefault(one.fix.steps, one.id)
            steps = fix_markdown(one.fix) if first == one.id else [same_fix(one.fix, first)]
            parts += [f"{name} takes several changes, one after the other:", *steps]
        else:
            parts += [f"{name} has no fix that was proven. {prose(one.advice)}".rstrip()]
    parts += [f"Nothing that is said of this pull request has the id {code(one)}." for one in unknown]
    return "\n\n".join(parts)


def headline(mended: Mended) -> str:
    """The first line of the commit."""
    if len(mended.titles) > 1:
        return f"Apply {len(mended.titles)} fixes that fluxbot proved"
    title = _plain(mended.titles[0].partition(": ")[2])
    return title if len(title) <= _LONGEST_HEADLINE else title[: _LONGEST_HEADLINE - 1] + "…"


def message(mended: Mended) -> str:
    """The rest of the commit's text: a line for each finding that it mends."""
    return "\n".join(_plain(title) for title in mended.titles)


def _plain(text: str) -> str:
    return _REFERENCES.sub("", terminal(text).replace("`", ""))


def committed_markdown(mended: Mended, sha: str) -> str:
    """The answer where there is a commit; GitHub makes a link of its sha."""
    done = "\n".join(f"- {prose(title)}" for title in mended.titles)
    return _joined(f"Committed as {sha}, and judged like any other push:", done, mended.rest)


def patch_markdown(mended: Mended, why: str) -> str:
    """The answer where there can be none: the patch, to be applied by hand."""
    done = "\n".join(f"- {prose(title)}" for title in mended.titles)
    patch = fence(mended.patch, "diff")
    by_hand = "`fluxbot fix --base BASE --apply` makes the same change in a working tree."
    # What is shown must be what git applies, byte for byte.
    if len(mended.patch) > _LONGEST_PATCH or patch.split("\n")[1:-1] != mended.patch.removesuffix("\n").split("\n"):
        return _joined(f"{why} The patch cannot be shown here.", done, by_hand, mended.rest)
    apply = f"Save it as `fix.patch` and run `git apply fix.patch`; {by_hand}"
    return _joined(f"{why} This is the patch:", done, patch, apply, mended.rest)


def nothing_markdown(mended: Mended) -> str:
    """The answer where nothing can be applied at once."""
    return _joined("There is nothing to commit.", mended.rest)


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)
