"""Takes JSON that others made apart: a typed value, or ValueError with one line that says what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_MOST = 2**63


def found(value: object, *path: str) -> object:
    """What stands below these keys; None where a key is missing or its value is null."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def word(value: object, *path: str) -> str:
    """A string."""
    it = found(value, *path)
    if not isinstance(it, str):
        raise ValueError(f"{_name(path)} is no string")  # noqa: TRY004 - malformed input, whatever its type
    return it


def number(value: object, *path: str) -> int:
    """A whole number, not negative and small enough for a database."""
    it = found(value, *path)
    if not isinstance(it, int) or isinstance(it, bool) or not 0 <= it < _MOST:
        raise ValueError(f"{_name(path)} is no number")
    return it


def entries(value: object, *path: str) -> Sequence[object]:
    """A list."""
    it = found(value, *path)
    if not isinstance(it, list):
        raise ValueError(f"{_name(path)} is no list")  # noqa: TRY004 - as above
    return it


def _name(path: tuple[str, ...]) -> str:
    return ".".join(path) or "the answer"
