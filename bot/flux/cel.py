"""Which fields a CEL expression reads.

Not a CEL parser: tokens are enough to see what is read of a variable, and
nothing is said of what an expression comes to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<skip>\s+|//[^\n]*)
  | (?P<string>[bB]?[rR][bB]?(?:'[^'\n]*'|"[^"\n]*") | [bB]?(?:'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))
  | (?P<word>[A-Za-z_]\w*)
  | (?P<number>\d[\w.]*)
  | (?P<sign>[-+*/%!=<>&|?:.,()\[\]{}])
    """,
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class _Token:
    sort: str
    text: str


def fields_read(expression: str, variable: str) -> frozenset[tuple[str, ...]] | None:
    """The paths of fields that an expression reads of a variable, as far as they are written out.

    None where that cannot be told: the variable is used as a whole, or the text
    holds what is no token of CEL. A triple-quoted string is not read either.
    """
    if "'''" in expression or '"""' in expression:
        return None
    tokens = _tokens(expression)
    if tokens is None:
        return None
    found: set[tuple[str, ...]] = set()
    for at, token in enumerate(tokens):
        is_field = at > 0 and tokens[at - 1].text == "."
        if token.sort == "word" and token.text == variable and not is_field:
            path = tuple(_path(tokens, at + 1))
            if not path:
                return None
            found.add(path)
    return frozenset(found)


def _tokens(expression: str) -> list[_Token] | None:
    found: list[_Token] = []
    at = 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if match is None:
            return None
        at = match.end()
        if match.lastgroup and match.lastgroup != "skip":
            found.append(_Token(match.lastgroup, match.group()))
    return found


def _path(tokens: list[_Token], at: int) -> Iterator[str]:
    """The names after a variable: ``.status.conditions``, ``['status']``; calls and other indices end it."""
    while at + 1 < len(tokens):
        name = tokens[at + 1]
        if tokens[at].text == "." and name.sort == "word":
            yield name.text
            at += 2
        elif tokens[at].text == "[" and name.sort == "string" and at + 2 < len(tokens) and tokens[at + 2].text == "]":
            yield name.text.lstrip("bBrR")[1:-1]
            at += 3
        else:
            return
