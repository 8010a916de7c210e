"""The answers of the command line that are pictures: a page, or a drawing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bot.engine import Examination
from bot.report.formats import Format
from bot.report.graph import GraphFormat, render_graph
from bot.report.page import render_page
from bot.report.page_data import Heading, page_data
from bot.report.svg import render_svg
from bot.review.picture import picture
from bot.view.view import View
from bot.view.viewing import viewed

HTML: Final = "html"
SVG: Final = "svg"
REVIEWS: Final = (*map(str, Format), HTML)
"""What ``fluxbot review`` and ``fluxbot audit`` take as ``--format``."""
GRAPHS: Final = (*map(str, GraphFormat), SVG, HTML)
"""What ``fluxbot graph`` takes."""


def page(examination: Examination, path: str) -> str:
    """A review as one file of HTML."""
    return render_page(page_data(_view(examination), Heading(Path(path).resolve().name)))


def graph(examination: Examination, format: str, path: str) -> str:  # noqa: A002 - named as the option that the user gives
    """The order of each cluster."""
    if format == HTML:
        return page(examination, path)
    if format == SVG:
        return render_svg(_view(examination))
    return render_graph(picture(examination.cases), GraphFormat(format))


def _view(examination: Examination) -> View:
    return viewed(examination.review, examination.cases, examination.before)
