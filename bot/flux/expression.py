"""The grammar of ``${…}`` in Flux's dialect (fluxcd/pkg ``envsubst/parse``, from drone/envsubst).

It is bash's only at first sight: ``${v-d}``, ``${v?d}`` and ``${v+d}`` are
errors, ``$v`` is text, ``$$`` is a dollar wherever it stands in text, but two
dollars inside a default.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

DEEPEST = 64
"""Expressions inside expressions. Flux has no limit; nobody writes more than a few."""

_NAME = re.compile(r"\w+")
_LENGTH = re.compile(r"#(\w+)")
_DEFAULT = re.compile(r":[-=?+]|=")
_CASE = re.compile(r"[,^]{1,2}")
_REPLACE = re.compile(r"/[/#%]?")
_REMOVE = re.compile(r"##?|%%?")
_WORD = re.compile(r"(?:[^}$]|\$(?!\{))++")
_OFFSET = re.compile(r"(?:[^:}$]|\$(?!\{))++")
_PATTERN = re.compile(r"(?:\$\$|\\[/\\]|[^/$]|\$(?!\{))++")
_REPLACEMENT = re.compile(r"(?:\$\$|\\[/\\]|[^}$]|\$(?!\{))++")
_ESCAPED = re.compile(r"\$(\$)|\\([/\\])")


class BadExpressionError(Exception):
    """The text does not follow the grammar; the message is the one that Flux prints."""


@dataclass(frozen=True, slots=True)
class Expression:
    """``${name operator arguments}``. ``source`` is all of it as written; the operator of ``${#name}`` is ``#``."""

    name: str
    operator: str
    arguments: tuple[Part, ...]
    source: str


Part: TypeAlias = "str | Expression"


def parse(text: str) -> tuple[Part, ...]:
    """The literal pieces and the expressions of a text. Raise BadExpressionError."""
    return _Parser(text).parts()


class _Parser:
    __slots__ = ("_depth", "_position", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._depth = 0

    def parts(self) -> tuple[Part, ...]:
        found: list[Part] = []
        while (dollar := self._text.find("$", self._position)) >= 0:
            found.append(self._text[self._position : dollar])
            self._position = dollar + 1
            if self._took("{"):
                found.append(self._expression())
            else:
                self._took("$")
                found.append("$")
        found.append(self._text[self._position :])
        return tuple(part for part in found if part)

    def _expression(self) -> Expression:
        start = self._position - len("${")
        self._depth += 1
        if self._depth > DEEPEST:
            raise BadExpressionError(f"more than {DEEPEST} expressions inside each other")
        if self._next() == "#":
            name, operator, arguments = self._length()
        else:
            name = self._match(_NAME, "unable to parse variable name")
            operator, arguments = self._operation()
        self._depth -= 1
        return Expression(name, operator, arguments, self._text[start : self._position])

    def _length(self) -> tuple[str, str, tuple[Part, ...]]:
        name = self._match(_LENGTH, "bad substitution")[1:]
        self._close()
        return name, "#", ()

    def _operation(self) -> tuple[str, tuple[Part, ...]]:
        first = self._next()
        if first and first in ":=" and _DEFAULT.match(self._text, self._position):
            return self._match(_DEFAULT, ""), self._defaults()
        match first:
            case ":":
                return self._substring()
            case "," | "^":
                operator = self._match(_CASE, "")
                self._close()
                return operator, ()
            case "/":
                return self._match(_REPLACE, ""), self._replacement()
            case "#" | "%":
                operator = self._match(_REMOVE, "")
                word = self._word(_WORD)
                self._close()
                return operator, (word,)
            case _:
                self._close("missing closing brace")
                return "", ()

    def _defaults(self) -> tuple[Part, ...]:
        found: list[Part] = []
        while not self._took("}"):
            found.append(self._word(_WORD))
        return tuple(found)

    def _substring(self) -> tuple[str, tuple[Part, ...]]:
        self._took(":")
        offset = self._word(_OFFSET)
        if self._took("}"):
            return ":", (offset,)
        self._skip(":")
        length = self._word(_WORD)
        self._close()
        return ":", (offset, length)

    def _replacement(self) -> tuple[Part, ...]:
        pattern = "" if self._next() == "/" else self._word(_PATTERN, escapes=True)
        self._skip("/")
        if self._took("}"):
            return (pattern,)
        replacement = self._word(_REPLACEMENT, escapes=True)
        self._close()
        return (pattern, replacement)

    def _word(self, shape: re.Pattern[str], *, escapes: bool = False) -> Part:
        """An argument: one expression, or text up to the next expression or delimiter."""
        if self._text.startswith("${", self._position):
            self._position += len("${")
            return self._expression()
        word = self._match(shape, "unable to parse substitution within function")
        return _ESCAPED.sub(r"\1\2", word) if escapes else word

    def _next(self) -> str:
        return self._text[self._position : self._position + 1]

    def _took(self, character: str) -> bool:
        if self._next() != character:
            return False
        self._position += 1
        return True

    def _match(self, shape: re.Pattern[str], otherwise: str) -> str:
        found = shape.match(self._text, self._position)
        if not found:
            raise BadExpressionError(otherwise)
        self._position = found.end()
        return found[0]

    def _skip(self, delimiter: str) -> None:
        """Pass a delimiter, however often it is repeated (envsubst takes ``//`` for one here)."""
        if self._next() != delimiter:
            raise BadExpressionError("bad substitution")
        while self._took(delimiter):
            pass

    def _close(self, otherwise: str = "bad substitution") -> None:
        if not self._took("}"):
            raise BadExpressionError(otherwise)
