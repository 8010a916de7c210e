"""Where a new entry of a mapping, or a new item of a list, is written."""

from __future__ import annotations

from collections.abc import Sequence as Listed
from dataclasses import replace

from bot.manifest.outline import Mapping, Node, Scalar, Sequence
from bot.manifest.sorting import place_in
from bot.manifest.splice import CannotEditError, Sheet, Splice
from bot.manifest.values import key_name
from bot.manifest.writing import Style, block, column, entry, flow, pair, quote_of
from bot.model.field import Value


def with_item(sheet: Sheet, node: Sequence, value: Value) -> list[Splice]:
    """A value in a list that has items: at the end, or in its place where the list is sorted."""
    last = node.items[-1]
    style = replace(sheet.style, quote=quote_of(sheet.text, last), json=node.flow and _is_json(sheet.text, last))
    if node.flow:
        style = replace(style, spaced=sheet.text[last.start + 1 : last.start + 2].isspace())
        return _behind(sheet, last, flow(value, style))
    is_flow = isinstance(last, Mapping | Sequence) and last.flow
    style = replace(style, spaced=sheet.text[last.start + 1 : last.start + 2].isspace()) if is_flow else style
    lines = [flow(value, style)] if is_flow else block(value, style)
    lines = [f"- {lines[0]}", *("  " + line for line in lines[1:])]
    place = place_in(node, value)
    if place:
        at = _behind_comments(sheet, node.items[place - 1].end, column(sheet.text, node.start))
    else:
        at = sheet.line_end(sheet.line_start(node.start) - 1)
    return [Splice(at, at, sheet.lines(lines, column(sheet.text, node.start)))]


def _behind_comments(sheet: Sheet, offset: int, dash: int) -> int:
    """The end of the line of an offset, or of the last of the comments below it that stand further in than a dash."""
    at = sheet.line_end(offset)
    while (start := sheet.next_line(at)) < len(sheet.text):
        end = sheet.line_end(start)
        line = sheet.text[start:end]
        if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) <= dash:
            break
        at = end
    return at


def _is_json(text: str, node: Node) -> bool:
    return isinstance(node, Mapping) and bool(node.entries) and text[node.entries[0][0].start] == '"'


def _behind(sheet: Sheet, last: Node, written: str) -> list[Splice]:
    """An item behind the last of a flow collection: on its own line where that one is, else on the same."""
    return _behind_place(sheet, last.start, last.end, written)


def _behind_place(sheet: Sheet, start: int, end: int, written: str) -> list[Splice]:
    if not sheet.is_first(start):
        return [Splice(end, end, f", {written}")]
    indent = sheet.text[sheet.line_start(start) : start]
    at = sheet.line_end(end)
    rest = sheet.text[end:at]
    comment = rest.find("#")
    if comment < 0:
        return [Splice(end, end, f",{sheet.newline}{indent}{written}")]
    if rest.lstrip().startswith(","):
        return [Splice(at, at, f"{sheet.newline}{indent}{written},")]
    return [Splice(end, end, ","), Splice(at, at, f"{sheet.newline}{indent}{written}")]


def with_first_item(sheet: Sheet, parent: Mapping, index: int, value: Value) -> list[Splice]:
    """A list of one value, in the place of an empty list or of nothing."""
    key, old = parent.entries[index]
    if parent.flow:
        return [Splice(old.start, old.end, flow([value], sheet.style))] if old.start != old.end else _unwritten()
    return instead_of_nothing(sheet, key, old, [value])


def instead_of_nothing(sheet: Sheet, key: Node, old: Node, value: Value) -> list[Splice]:
    """A collection below a key of a block mapping, whose value is empty or not written."""
    text = sheet.text
    between = text[key.end : old.start]
    if between.strip() not in (":", ""):
        raise CannotEditError("an anchor or a tag stands at the empty value")
    lines = block(value, sheet.style)
    width = sheet.style.dash if isinstance(value, list) else sheet.style.step
    found = text.find(":", key.end)
    at = sheet.line_end(max(key.end, old.end if old.start != old.end else key.end))
    added = Splice(at, at, sheet.lines(lines, column(text, key.start) + width))
    if old.start == old.end:
        return [added]
    # What stood there goes with the blank before it; a comment behind it stays.
    return [Splice(found + 1, old.end, ""), added]


def _unwritten() -> list[Splice]:
    raise CannotEditError("the list is not written in a flow mapping")


def with_entry(sheet: Sheet, node: Mapping, name: str, value: Value, order: Listed[str]) -> list[Splice]:
    """A new key with its value, behind those that come before it in ``order``; at the end where that says nothing."""
    before = _predecessor(node, name, order)
    if node.flow:
        return _flow_entry(sheet, node, pair(name, value, _flow_style(sheet, node)), before)
    here = column(sheet.text, node.entries[0][0].start)
    lines = entry(name, value, sheet.style)
    if before is None:
        at = node.entries[0][0].start
        written = sheet.lines(lines, here).removeprefix(sheet.newline).lstrip(" ")
        return [Splice(at, at, written + sheet.newline + " " * here)]
    key, last = node.entries[before]
    at = sheet.line_end(max(key.end, last.end))
    return [Splice(at, at, sheet.lines(lines, here))]


def _flow_style(sheet: Sheet, node: Mapping) -> Style:
    spaced = sheet.text[node.start + 1 : node.start + 2] == " "
    return replace(sheet.style, json=_is_json(sheet.text, node), spaced=spaced)


def _flow_entry(sheet: Sheet, node: Mapping, written: str, before: int | None) -> list[Splice]:
    if not node.entries:
        return [Splice(node.start, node.end, f"{{ {written} }}" if sheet.style.spaced else f"{{{written}}}")]
    if before is None:
        at = node.entries[0][0].start
        return [Splice(at, at, f"{written}, ")]
    key, last = node.entries[before]
    return _behind_place(sheet, key.start, max(key.end, last.end), written)


def _predecessor(node: Mapping, name: str, order: Listed[str]) -> int | None:
    """Behind which entry a new key comes; None for before the first."""
    names = [key_name(key) or "" for key, _ in node.entries]
    if name in order:
        place = list(order).index(name)
        earlier = [index for index, one in enumerate(names) if one in order[:place]]
        later = [index for index, one in enumerate(names) if one in order[place + 1 :]]
        if earlier:
            return max(earlier)
        if later:
            return min(later) - 1 if min(later) else None
    if len(names) > 2 and names == sorted(names):  # noqa: PLR2004 - two may be in order by chance
        return (
            next((index - 1 for index, one in enumerate(names) if one > name), len(names) - 1)
            if names[0] < name
            else None
        )
    return len(names) - 1


def is_nothing(node: Node) -> bool:
    """Whether a value is empty: no list items, no entries, null, or not written at all."""
    match node:
        case Sequence():
            return not node.items
        case Mapping():
            return not node.entries
        case Scalar():
            return node.plain and node.text in ("", "~", "null", "Null", "NULL")
        case _:
            return False
