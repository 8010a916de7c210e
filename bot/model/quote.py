"""Names from a repository, put into a sentence.

Every sentence that quotes a repository goes through ``code``: the name stays
inside its code span whatever it holds, shows what it hides, and shows no secret.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from bot.model.redaction import redacted

LONGEST: Final = 300
"""Characters of a name that are shown; names of Kubernetes have at most 253."""

_TAIL: Final = 99
_BASIC_PLANE: Final = 0xFFFF


def visible(text: str) -> str:
    r"""The text on one line, with every character that hides, reorders or controls written as ``\u202e``.

    All kinds of blanks become a space. What ``str.isprintable`` refuses is
    exactly the rest of Unicode's "other" and "separator" categories: controls,
    direction marks, zero-width characters, lone surrogates, unassigned ones.
    Secrets are redacted.
    """
    shown = redacted(text)
    return shown if shown.isprintable() else "".join(map(_shown, shown))


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    if unicodedata.category(character) == "Zs":
        return " "
    number = ord(character)
    return f"\\u{number:04x}" if number <= _BASIC_PLANE else f"\\U{number:08x}"


def shortened(text: str, longest: int = LONGEST) -> str:
    """The text, or its start and its end around ``…`` where it is longer than ``longest`` characters.

    Secrets are redacted before a part of one could be cut off and be known no more.
    """
    if len(text) <= longest:
        return text
    whole = redacted(text)
    tail = min(_TAIL, longest // 3)
    return whole if len(whole) <= longest else f"{whole[: longest - tail - 1]}…{whole[-tail:]}"


def code(name: object) -> str:
    r"""A code span that holds ``str(name)`` and that nothing in the name can leave.

    A backtick is written as ``\u0060``, so one backtick on each side is always
    enough and whoever prints the message may split it at backticks. What stands
    in such a span gives the same span again.
    """
    shown = shortened(visible(shortened(str(name))).replace("`", "\\u0060"))
    return f"`{shown}`" if shown.strip() else '`""`'
