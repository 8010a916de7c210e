"""The one place where text that comes from a repository is made safe for a format.

Messages are plain text with names in backticks (``bot.model.quote.code``).
Each function here holds for any text at all, so a sentence that was put
together carelessly is ugly at worst. None lets a secret through.
"""

from __future__ import annotations

import html as entities
import json
import re
from typing import Final
from urllib.parse import quote

from bot.model.field import Value
from bot.model.quote import code, shortened, visible
from bot.model.redaction import redacted

LONGEST_MESSAGE: Final = 2000
LONGEST_BLOCK: Final = 8000

_MARKUP = re.compile(r"([\\*_\[\]<>~$&])")
_BLOCK_START = re.compile(r"^(\d{0,9})([-+=#.)|:])")
# GitHub links these in rendered text too, after backslashes are gone; a zero-width space stops it.
_LINKED = re.compile(
    r"(?<=@)(?=\w)|(?<=#)(?=\d)|(?:(?<=^gh-)|(?<=[\W_]gh-))(?=\d)|(?<=:)(?=//)|(?<=www)(?=\.)",
    re.IGNORECASE,
)
_APART: Final = "&#8203;"


def terminal(text: str) -> str:
    """One line that cannot move the cursor, change colours or turn the direction of writing."""
    return shortened(visible(_one_line(text)), LONGEST_MESSAGE)


def block(text: str) -> tuple[str, ...]:
    """The lines of a longer text, each safe for a terminal; long texts end in a line that says so."""
    # Redacted as a whole: a key has many lines, and its middle has no mark of one.
    shown = redacted(text)[:LONGEST_BLOCK].replace("\r\n", "\n").rstrip("\n")
    lines = tuple(visible(line.expandtabs(4)) for line in shown.split("\n"))
    return lines if len(text) <= LONGEST_BLOCK else (*lines, f"… ({len(text):,} characters)")


def logged(text: str) -> str:
    """The text with no line that GitHub Actions would obey when it reads it in a job's log.

    A runner takes commands from standard output: ``::name::`` at the start of
    a line, ``##[name]`` anywhere (actions/runner, ActionCommand.TryParse).
    """
    return re.sub(r"^([ \t]*):(?=:)", r"\1: ", text, flags=re.MULTILINE).replace("##[", "## [")


def prose(message: str) -> str:
    """A message as Markdown: code spans stay, everything else is plain text without links, mentions or markup."""
    pieces = shortened(_one_line(message), LONGEST_MESSAGE).split("`")
    shown = [_piece(piece, number, len(pieces) - 1) for number, piece in enumerate(pieces)]
    return _BLOCK_START.sub(r"\1\\\2", "".join(shown).strip())


def _piece(piece: str, number: int, last: int) -> str:
    """What stands between two backticks: every second piece is a span, unless its backtick is the last one."""
    if number % 2:
        return code(piece) if number < last else plain(f"`{piece}")
    # Two spans without a blank between them would be read as one.
    return plain(piece) if piece or number in (0, last) else " "


def plain(text: str) -> str:
    """Text within a line of Markdown that means nothing but itself."""
    return _LINKED.sub(_APART, _MARKUP.sub(r"\\\1", visible(text).replace("`", "\\u0060")))


def cell(markdown: str) -> str:
    """Markdown for a table's cell: a pipe would end the cell, in a code span too, whatever stands before it."""
    return markdown.replace("|", "\\u007c")


def fence(text: str, language: str = "") -> str:
    """A code block whose fence is longer than any in the text; ``language`` is ours, such as ``diff``."""
    lines = block(text)
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    marks = "`" * max(3, longest + 1)
    return "\n".join((marks + language, *lines, marks))


def mermaid(text: str) -> str:
    """A label for use between double quotes: all but letters, digits and a few marks become entities (``#35;``).

    Mermaid reads directives (``%%{``) and entities even inside quotes, and a
    label that starts with a backtick as Markdown.
    """
    shown = shortened(visible(_one_line(text)))
    return "".join(c if c.isalnum() or c in " ./-_,…·" else f"#{ord(c)};" for c in shown)


def dot(text: str) -> str:
    r"""A double-quoted DOT string; in its labels ``\N`` and the like are escapes too."""
    shown = shortened(visible(_one_line(text)))
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'


def sarif(text: str) -> str:
    """A plain-text SARIF message in which nothing is a link (2.1.0 §3.11.6) or a placeholder (§3.11.5).

    Other braces stay single: viewers that know no placeholders would show ``${{name}}``.
    """
    return re.sub(r"\{(\d+)\}", r"{{\1}}", "\n".join(block(text)).replace("](", "\\]("))


def html(text: str) -> str:
    """Text for HTML, between tags and within quoted attributes alike."""
    return entities.escape(terminal(text), quote=True)


def uri(path: str) -> str:
    """A relative URI reference for a path in the repository; never taken for an absolute one."""
    return quote(path.encode("utf-8", "surrogatepass").lstrip(b"/"), safe="/")


def command_data(text: str) -> str:
    """The message of a workflow command."""
    return "\n".join(block(text)).replace("%", "%25").replace("\n", "%0A")


def command_property(text: str) -> str:
    """A property of a workflow command."""
    return command_data(_one_line(text)).replace(":", "%3A").replace(",", "%2C")


def json_text(document: Value) -> str:
    """A JSON document, in which names are as they are but for secrets.

    Only ASCII is written, so nothing in it acts on a terminal, and no ``##[``, which a runner would obey.
    """
    return json.dumps(_without_secrets(document), indent=2).replace("##[", "##\\u005b") + "\n"


def embedded(document: Value) -> str:
    """The same on one line, for a ``script`` element of HTML that holds data.

    Nothing in it ends the element or begins a comment: only ASCII is written, and no ``<``, ``>`` and ``&``.
    """
    text = json.dumps(_without_secrets(document), separators=(",", ":"))
    return re.sub("[<>&]", lambda found: f"\\u{ord(found[0]):04x}", text).replace("##[", "##\\u005b")


def _without_secrets(value: Value) -> Value:
    match value:
        case str():
            return redacted(value)
        case list():
            return [_without_secrets(one) for one in value]
        case dict():
            return {name: _without_secrets(one) for name, one in value.items()}
        case _:
            return value


def _one_line(text: str) -> str:
    """The text on one line; redacted before, because a key that lost its lines is harder to tell."""
    return " ".join(part for line in re.split(r"[\r\n]+", redacted(text)) if (part := line.strip()))
