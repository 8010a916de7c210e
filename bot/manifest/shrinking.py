"""Taking an entry out of a mapping, or an item out of a list."""

from __future__ import annotations

import re

from bot.manifest.outline import Mapping, Node, Sequence
from bot.manifest.splice import CannotEditError, Sheet, Splice

_TO_THE_DASH = re.compile(r"(?:\s|#.*)*-")


def without_item(sheet: Sheet, node: Sequence, index: int) -> list[Splice]:
    """A list without one of several items."""
    item = node.items[index]
    if node.flow:
        return [_between(node.items, index, item.start, item.end)]
    before = node.items[index - 1].end if index else node.start
    dash = _TO_THE_DASH.match(sheet.text, before)
    if dash is None or not sheet.is_first(dash.end() - 1):
        raise CannotEditError("the entry shares its line with another")
    return [sheet.without_lines(dash.end() - 1, max(item.end, dash.end()))]


def without_entry(sheet: Sheet, node: Mapping, index: int) -> list[Splice]:
    """A mapping without one of several entries."""
    if len(node.entries) == 1:
        raise CannotEditError("nothing would be left beside it")
    key, value = node.entries[index]
    end = max(key.end, value.end)
    if node.flow:
        keys = [one for one, _ in node.entries]
        if index + 1 < len(keys):
            return [Splice(key.start, keys[index + 1].start, "")]
        before = node.entries[index - 1]
        return [Splice(max(before[0].end, before[1].end), end, "")]
    if sheet.is_first(key.start):
        return [sheet.without_lines(key.start, end)]
    if index + 1 == len(node.entries):
        raise CannotEditError("the key shares its line with another")
    return [Splice(key.start, node.entries[index + 1][0].start, "")]


def _between(items: list[Node], index: int, start: int, end: int) -> Splice:
    if index + 1 < len(items):
        return Splice(start, items[index + 1].start, "")
    return Splice(items[index - 1].end, end, "")
