"""The answers of the command line that are pictures: a page, or a drawing.

What only they need is imported where it is used: most questions have another answer, and begin sooner without.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.engine import Examination
from bot.report.formats import Format
from bot.report.graph import GraphFormat, render_graph
from bot.review.picture import picture

if TYPE_CHECKING:
    from bot.view.view import View

HTML: Final = "html"
SVG: Final = "svg"
REVIEWS: Final = (*map(str, Format), HTML)
"""What ``fluxbot review`` and ``fluxbot audit`` take as ``--format``."""
GRAPHS: Final = (*map(str, GraphFormat), SVG, HTML)
"""What ``fluxbot graph`` takes."""


def page(examination: Examination, path: str) -> str:
    """A review as one file of HTML."""
    from bot.report.page import render_page
    from bot.report.page_data import Heading, page_data

    return render_page(page_data(_view(examination), Heading(Path(path).resolve().name)))


def graph(examination: Examination, format: str, path: str) -> str:  # noqa: A002 - named as the option that the user gives
    """The order of each cluster."""
    if format == HTML:
        return page(examination, path)
    if format == SVG:
        from bot.report.svg import render_svg

        return render_svg(_view(examination))
    return render_graph(picture(examination.cases), GraphFormat(format))


def _view(examination: Examination) -> View:
    from bot.view.viewing import viewed

    return viewed(examination.review, examination.cases, examination.before)
