"""Where a new item of a list belongs that somebody keeps sorted."""

from __future__ import annotations

from bisect import bisect
from itertools import pairwise

from bot.manifest.outline import Mapping, Node, Scalar, Sequence
from bot.manifest.values import key_name
from bot.model.field import Value

_TELLING = 3
"""Items of which order is no accident."""


def place_in(node: Sequence, value: Value) -> int:
    """How many items of a list stand before the new one: all, where they are not sorted by name, or on one line."""
    names = [_written(item) for item in node.items]
    known = [one for one in names if one is not None]
    named = value.get("name") if isinstance(value, dict) else value
    if node.flow or not isinstance(named, str) or len(known) != len(names) or len(known) < _TELLING:
        return len(names)
    is_sorted = all(one < other for one, other in pairwise(known))
    return bisect(known, named) if is_sorted else len(names)


def _written(node: Node) -> str | None:
    if isinstance(node, Mapping):
        node = next((value for key, value in node.entries if key_name(key) == "name"), node)
    return node.text if isinstance(node, Scalar) else None
