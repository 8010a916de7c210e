"""``docs/pictures/review.svg``: the review of the example, as a terminal shows it."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

from bot.cli import main
from tests.documented import example, wide

PICTURE: Final = Path(__file__).parents[1] / "docs" / "pictures" / "review.svg"
_COLUMNS: Final = 100
_CELL: Final = (7.8, 18.0)
"""Width and height of a character, in pixels."""
_MARGIN: Final = 20.0
_BAR: Final = 34.0
_SIGN: Final = re.compile(r"\x1b\[([0-9;]*)m")
_SECONDS: Final = re.compile(r"\d+\.\d s$", re.MULTILINE)
_COLOURS: Final = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#79c0ff"}


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def picture() -> str:
    """The SVG; it asks for no font and nothing else from elsewhere."""
    said = _SECONDS.sub("0.1 s", _review())
    lines = ["\x1b[1m$ fluxbot review --base main\x1b[0m", "", *said.rstrip("\n").split("\n")]
    longest = max(len(_SIGN.sub("", line)) for line in lines)  # what Flux prints is never wrapped
    width = 2 * _MARGIN + longest * _CELL[0]
    height = _BAR + _MARGIN + len(lines) * _CELL[1]
    dots = "".join(
        f'<circle cx="{20 + 20 * at}" cy="17" r="6" fill="{fill}"/>'
        for at, fill in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}">\n'
        "<title>A review in a terminal</title>\n"
        f'<rect width="100%" height="100%" rx="8" fill="#0d1117" stroke="#30363d"/>{dots}\n'
        '<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="13" fill="#e6edf3" '
        'xml:space="preserve">\n'
        f"{''.join(_line(text, at) for at, text in enumerate(lines))}</g>\n</svg>\n"
    )


def _line(text: str, at: int) -> str:
    """One line; its length is given, so that every font fills the same cells."""
    bare = _SIGN.sub("", text)
    if not bare.strip():
        return ""
    y = _BAR + (at + 1) * _CELL[1] - 4
    length = len(bare) * _CELL[0]
    place = f'x="{_MARGIN:.0f}" y="{y:.0f}" textLength="{length:.1f}" lengthAdjust="spacingAndGlyphs"'
    return f"<text {place}>{''.join(_spans(text))}</text>\n"


def _spans(text: str) -> Iterator[str]:
    style = ""
    parts = _SIGN.split(text)
    for at, part in enumerate(parts):
        if at % 2:
            style = _style(part)
        elif part:
            words = escape(part.replace(" ", "\u00a0"), quote=False)
            yield f"<tspan{style}>{words}</tspan>" if style else words


def _style(numbers: str) -> str:
    """The attributes of an SGR sequence."""
    given = numbers.split(";")
    colour = next((f' fill="{_COLOURS[one]}"' for one in given if one in _COLOURS), "")
    bold = ' font-weight="bold"' if "1" in given else ""
    faint = ' fill="#8b949e"' if "2" in given else ""
    return colour + bold + faint


def _review() -> str:
    printed = _Terminal()
    with example() as fleet, contextlib.chdir(fleet), wide(_COLUMNS), contextlib.redirect_stdout(printed):
        main(["review", "--base", "main", "--no-cache"])
    return printed.getvalue()
