"""What the operators of ``${…}`` make of a value (fluxcd/pkg ``envsubst/funcs.go`` and ``path``).

Positions and lengths count bytes, as Go's strings do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_NUMBER = re.compile(r"[-+]?[0-9]{1,18}")


def expanded(operator: str, value: str, arguments: tuple[str, ...]) -> str:
    """The value after an operator that needs one; those with a default are not among them."""
    match operator, arguments:
        case "#", ():
            return str(len(value.encode()))
        case "," | ",," | "^" | "^^", _:
            return _cased(operator, value)
        case ":", (offset, *length):
            return _substring(value, offset, length[0] if length else None)
        case "#" | "##" | "%" | "%%", (pattern,):
            return _removed(operator, value, pattern)
        case "/" | "//" | "/#" | "/%", (pattern, *replacement):
            return _replaced(operator, value, pattern, replacement)
        case _:
            return value


def _cased(operator: str, value: str) -> str:
    change = str.lower if operator[0] == "," else str.upper
    if value.isascii() and len(operator) > 1:
        return change(value)
    one = _simple(change)
    return one(value[:1]) + value[1:] if len(operator) == 1 else "".join(map(one, value))


def _simple(change: Callable[[str], str]) -> Callable[[str], str]:
    """A change of case that keeps the number of letters, as Go's does: a sharp s has no capital."""
    return lambda letter: changed if len(changed := change(letter)) == len(letter) else letter


def _substring(value: str, offset: str, length: str | None) -> str:
    """A piece of the value; all of it where a number cannot be read."""
    if not _NUMBER.fullmatch(offset) or not (length is None or _NUMBER.fullmatch(length)):
        return value
    data = value.encode()
    start = int(offset)
    start = max(0, start + len(data)) if start < 0 else start
    end = len(data) if length is None else int(length)
    if length is not None:
        end = len(data) + end if end < 0 else start + end
    return data[start : max(start, end)].decode(errors="replace")


def _replaced(operator: str, value: str, pattern: str, replacement: list[str]) -> str:
    """The value with plain text replaced; ``pattern`` is none, whatever the manual says."""
    new = replacement[0] if replacement else ""
    match operator:
        case "//":
            return value.replace(pattern, new)
        case "/#" if not replacement or not value.startswith(pattern):
            return value
        case "/%":
            fits = bool(replacement) and value.endswith(pattern)
            return value.removesuffix(pattern) + new if fits else value
        case _:
            return value.replace(pattern, new, 1)


def _removed(operator: str, value: str, pattern: str) -> str:
    """The value without its beginning or end. The end is found by turning both around, brackets included."""
    if operator[0] == "%":
        return _removed("#" * len(operator), value[::-1], pattern[::-1])[::-1]
    tokens = _tokens(pattern)
    if tokens is None:
        return value
    length = 0
    for length in _prefixes(tokens, value):  # noqa: B007 - the last one is the longest
        if operator == "#":
            break
    return value[length:]


@dataclass(frozen=True, slots=True)
class _Token:
    """One step of a pattern: ``*`` where ``star``, else one character in (or, ``negated``, outside) the ranges."""

    ranges: tuple[tuple[str, str], ...] = ()
    negated: bool = False
    star: bool = False

    def fits(self, character: str) -> bool:
        return any(low <= character <= high for low, high in self.ranges) != self.negated


def _prefixes(tokens: list[_Token], text: str) -> Iterator[int]:
    """The lengths from 1 of all beginnings that match, ascending.

    All positions in the pattern are followed at once, one bit each, so that no
    pattern takes longer than the text is long.
    """
    stars = sum(1 << at for at, token in enumerate(tokens) if token.star)
    fitting: dict[str, int] = {}
    states = 1 | (stars & 1) << 1
    for length, character in enumerate(text, start=1):
        if character not in fitting:
            fits = (1 << at for at, token in enumerate(tokens) if not token.star and token.fits(character))
            fitting[character] = sum(fits)
        states = (states & stars) | (states & fitting[character]) << 1
        states |= (states & stars) << 1
        if states >> len(tokens) & 1:
            yield length
        if not states:
            return


def _tokens(pattern: str) -> list[_Token] | None:
    """The steps of a pattern of Go's ``path.Match``, whose ``*`` here passes slashes too; None for a malformed one."""
    found: list[_Token] = []
    at = 0
    while at < len(pattern):
        match pattern[at]:
            case "*":
                if not (found and found[-1].star):
                    found.append(_Token(star=True))
            case "?":
                found.append(_Token(negated=True))
            case "[":
                bracket = _bracket(pattern, at + 1)
                if bracket is None:
                    return None
                token, at = bracket
                found.append(token)
                continue
            case _:
                letter = _letter(pattern, at, "")
                if letter is None:
                    return None
                character, at = letter
                found.append(_Token(((character, character),)))
                continue
        at += 1
    return found


def _bracket(pattern: str, at: int) -> tuple[_Token, int] | None:
    """A class such as ``[^a-z]`` and where it ends."""
    negated = pattern.startswith("^", at)
    at += negated
    ranges: list[tuple[str, str]] = []
    while not (ranges and pattern.startswith("]", at)):
        low = _letter(pattern, at, "-]")
        if low is None:
            return None
        high = _letter(pattern, low[1] + 1, "-]") if pattern.startswith("-", low[1]) else low
        if high is None:
            return None
        ranges.append((low[0], high[0]))
        at = high[1]
    return _Token(tuple(ranges), negated), at + 1


def _letter(pattern: str, at: int, forbidden: str) -> tuple[str, int] | None:
    """A character, without the backslash before it, and where it ends."""
    if pattern[at : at + 1] in forbidden and forbidden:
        return None
    at += pattern.startswith("\\", at)
    return (pattern[at], at + 1) if at < len(pattern) else None
