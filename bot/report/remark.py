"""What a comment on a line of the diff says."""

from __future__ import annotations

from typing import Final

from bot.report.escape import fence, logged, prose
from bot.report.fixes import fix_markdown, same_fix
from bot.report.headline import noun
from bot.report.places import Places
from bot.review.alike import Alike
from bot.review.words import circumstances, code

MOST: Final = 20_000
"""Bytes of one comment; a finding's own texts are bounded before, so this is for many places in one."""

GONE: Final = "This no longer holds for the pull request."
"""What becomes of a comment whose finding is gone, where its thread cannot be resolved."""


def remark_body(group: Alike, places: Places, *, suggested: bool = False) -> str:
    """What happens on merge, why, and what to do: Markdown without the marker by which it is found again.

    ``suggested``: for a comment that stands on the lines that the fix replaces.
    """
    finding = group.first
    parts = [f"**{noun(finding.outcome).capitalize()}:** {prose(finding.message)}"]
    parts += [prose(group.likewise)] if group.others else []
    parts += [f"Flux will print:\n\n{fence(finding.predicted)}"] if finding.predicted else []
    parts += ["\n".join(f"- {code(one.at)}: {prose(one.message)}" for one in finding.related)]
    # The comment may stand on a line of the change that is only the reason, or on the very lines to be changed.
    where = "**To do:**" if suggested else f"**To do** at {code(finding.at)}:"
    parts += [f"{where} {prose(finding.advice)}"] if finding.advice else []
    if finding.fix:
        fixed_with = group.fixed_with
        parts += [same_fix(finding.fix, fixed_with)] if fixed_with else fix_markdown(finding.fix, suggested=suggested)
    parts += [f"<sub>{code(finding.rule)} · {prose(circumstances(finding))} · {code(finding.id)}</sub>"]
    linked = places.linked(logged("\n\n".join(part for part in parts if part)))
    return linked if len(linked.encode()) <= MOST else "\n\n".join((parts[0], parts[-1]))
