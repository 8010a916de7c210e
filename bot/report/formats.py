"""All the formats of a review, behind one function."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import assert_never

from bot.model.review import Review
from bot.report.github import render_github
from bot.report.json_report import render_json
from bot.report.markdown import render_markdown
from bot.report.rule_info import RuleInfo
from bot.report.sarif import render_sarif
from bot.report.text import render_text

__all__ = ["Format", "RuleInfo", "render_report"]


class Format(StrEnum):
    """What ``--format`` takes."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    SARIF = "sarif"
    GITHUB = "github"


def render_report(  # noqa: PLR0913 - all that any format may need to know, each by name
    review: Review,
    *,
    format: Format,  # noqa: A002 - named as the option that the user gives
    repository: str,
    seconds: float,
    colour: bool,
    width: int,
    rules: Sequence[RuleInfo],
) -> str:
    """The review in that format, ending in a newline.

    ``seconds`` is how long the review took, ``width`` that of the terminal in
    characters; only the text format knows ``colour`` and ``width``.
    """
    match format:
        case Format.TEXT:
            return render_text(review, seconds=seconds, colour=colour, width=width)
        case Format.JSON:
            return render_json(review, repository=repository, seconds=seconds)
        case Format.MARKDOWN:
            return render_markdown(review)
        case Format.SARIF:
            return render_sarif(review, rules=rules)
        case Format.GITHUB:
            return render_github(review, seconds=seconds)
        case _:
            assert_never(format)
