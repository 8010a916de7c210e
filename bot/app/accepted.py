"""What `/fluxbot ignore` answers: the finding that is meant, and how it is ignored for good."""

from __future__ import annotations

import json
import re
from typing import Final

from bot.model.finding import Finding
from bot.model.publication import Acceptable
from bot.model.quote import code
from bot.model.redaction import redacted
from bot.model.review import Review
from bot.report.escape import fence, prose

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9/._-]*")
_MOST_NAMED: Final = 20


def acceptable(review: Review, finding_id: str, reason: str) -> Acceptable | str:
    """The finding of that id with the entry for `.fluxbot.yaml`; Markdown where there is none."""
    found = next((finding for finding in review.findings if finding.id == finding_id.lower()), None)
    if found is None:
        known = ", ".join(f"{code(one.id)} ({one.rule})" for one in review.findings[:_MOST_NAMED])
        return prose(f"No finding of this pull request has the id {code(finding_id)}. It has: {known or 'none'}.")
    said = (
        f"{code(found.id)} ({found.rule}, about {code(found.about)}) is ignored for this pull request; "
        "the check run says by whom and why. After the merge it holds only if `.fluxbot.yaml` has:"
    )
    return Acceptable(found.fingerprint, f"{prose(said)}\n\n{_yaml(entry(found, reason))}")


def entry(finding: Finding, reason: str) -> str:
    """The entry of `ignore` that accepts a finding, as YAML."""
    return "\n".join(
        (
            "ignore:",
            f"  - rule: {finding.rule}",
            f"    about: {_scalar(str(finding.about))}",
            f"    reason: {_scalar(reason)}",
        )
    )


def _scalar(text: str) -> str:
    """A YAML scalar: JSON's strings are YAML's, with every character that could end a line escaped."""
    shown = redacted(text)
    return shown if _PLAIN.fullmatch(shown) else json.dumps(shown, ensure_ascii=not shown.isprintable())


def _yaml(text: str) -> str:
    opening, _, rest = fence(text).partition("\n")
    return f"{opening}yaml\n{rest}"
