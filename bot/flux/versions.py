"""Versions of charts and the ranges that people ask for, as Masterminds/semver reads them, with which Flux chooses.

Its ranges are not npm's: conditions are joined by commas or blanks, and a
range that names a pre-release takes every pre-release within its bounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

_LONGEST: Final = 256
_EXACT = re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)
_VERSION = re.compile(
    r"v?([0-9]{1,18})(?:\.([0-9]{1,18}))?(?:\.([0-9]{1,18}))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
)
_PART = r"(?:[0-9]{1,18}|[xX*])"
_CONDITION = re.compile(
    rf"(=|!=|>=|=>|<=|=<|>|<|~>|~|\^|)\s*v?({_PART})(?:\.({_PART}))?(?:\.({_PART}))?"
    r"(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?(?=[\s,]|$)"
)
_HYPHEN = re.compile(r"(\S+)\s+-\s+(\S+)")
_SAME = {"=>": ">=", "=<": "<=", "~>": "~", "": "="}

_Rank: TypeAlias = tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...]]


@dataclass(frozen=True, slots=True)
class Version:
    """A version; what stands behind ``+`` does not count."""

    numbers: tuple[int, int, int]
    pre: str = ""

    @property
    def rank(self) -> _Rank:
        """By what versions are ordered: a pre-release comes before its release, its numbers before its words."""
        steps = tuple((not one.isdecimal(), int(one) if one.isdecimal() else 0, one) for one in self.pre.split("."))
        return self.numbers, not self.pre, steps


@dataclass(frozen=True, slots=True)
class _Condition:
    """One comparison. ``given`` is how many of the three numbers it names; the others are zero."""

    sign: str
    version: Version
    given: int

    def holds(self, found: Version) -> bool:
        if found.pre and not self.version.pre:
            # ``!= 1.2.3`` alone says nothing about pre-releases.
            return self.sign == "!=" and self.given == len(self.version.numbers)
        whole = self.given == len(self.version.numbers)
        match self.sign:
            case "^":
                return found.rank >= self.version.rank and self._is_compatible(found)
            case "=" if whole:
                return found.rank == self.version.rank
            case "~" | "=":
                return found.rank >= self.version.rank and self._is_close(found)
            case "!=":
                return found.rank != self.version.rank if whole else not self._begins_alike(found)
            case _:
                return self._is_beyond(found)

    def _is_beyond(self, found: Version) -> bool:
        """By order; ``> 1.2`` is beyond all of 1.2, and ``<= 1.2`` takes all of it."""
        alike = self._begins_alike(found) and self.given < len(self.version.numbers)
        match self.sign:
            case ">=":
                return found.rank >= self.version.rank
            case ">":
                return found.rank > self.version.rank and not alike
            case "<=":
                return found.rank <= self.version.rank or alike
            case _:
                return found.rank < self.version.rank

    def _begins_alike(self, found: Version) -> bool:
        return found.numbers[: self.given] == self.version.numbers[: self.given]

    def _is_close(self, found: Version) -> bool:
        """``~1.2.3`` and ``1.2.x`` stay below 1.3; ``~1`` stays below 2; ``~0.0.0`` takes everything, oddly."""
        if not any(self.version.numbers) and self.given in (0, len(self.version.numbers)):
            return True
        return found.numbers[: min(self.given, 2)] == self.version.numbers[: min(self.given, 2)]

    def _is_compatible(self, found: Version) -> bool:
        """The first number that is not zero stays; where all that are given are zero, the last of them does."""
        kept = next((place for place, number in enumerate(self.version.numbers) if number), max(self.given - 1, 0)) + 1
        kept = min(kept, self.given)
        return found.numbers[:kept] == self.version.numbers[:kept]


def version_in(text: str) -> Version | None:
    """The version that a text is; missing numbers are zero. None for what is none."""
    found = _VERSION.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    return Version((int(found[1]), int(found[2] or 0), int(found[3] or 0)), found[4] or "")


def is_exact(wanted: str) -> bool:
    """Whether a text names one version and no range: all three numbers are there."""
    return len(wanted) <= _LONGEST and _EXACT.fullmatch(wanted) is not None


def is_range(wanted: str) -> bool:
    """Whether ``newest`` can decide what satisfies a text."""
    return _conditions(wanted) is not None


def newest(wanted: str, offered: Iterable[str]) -> str | None:
    """The highest of the versions offered that satisfies a range; empty is ``*``, which takes no pre-release.

    A version that is offered word for word wins, whatever else fits: so Flux does it.
    """
    texts = list(offered)
    if wanted in texts:
        return wanted
    alternatives = _conditions(wanted) or []
    found = [(version.rank, text) for text in texts if (version := version_in(text)) and _fits(version, alternatives)]
    return max(found, default=(None, None))[1]


def _fits(version: Version, alternatives: list[list[_Condition]]) -> bool:
    return any(all(one.holds(version) for one in some) for some in alternatives)


def _conditions(wanted: str) -> list[list[_Condition]] | None:
    """Alternatives of conditions that hold together; None where the text is no range."""
    if len(wanted) > _LONGEST:
        return None
    alternatives = [_together(some) for some in _HYPHEN.sub(r">=\1 <=\2", wanted.strip() or "*").split("||")]
    return [some for some in alternatives if some] if all(alternatives) else None


def _together(text: str) -> list[_Condition] | None:
    found: list[_Condition] = []
    rest = text.strip()
    while rest:
        match = _CONDITION.match(rest)
        if match is None:
            return None
        found.append(_condition(match))
        rest = rest[match.end() :].lstrip().removeprefix(",").lstrip()
    return found


def _condition(match: re.Match[str]) -> _Condition:
    parts = match.group(2, 3, 4)
    given = next((place for place, part in enumerate(parts) if not part or not part.isdecimal()), len(parts))
    numbers = [int(part) for part in parts[:given]]
    whole = (*numbers, 0, 0, 0)
    return _Condition(_SAME.get(match[1], match[1]), Version((whole[0], whole[1], whole[2]), match[5] or ""), given)
