"""A change of one value, written into the text of its file so that nothing else changes.

Each change is looked at again after it is written: what is read then must be
what was read before with exactly that change. What cannot be done like this
is refused.
"""

from __future__ import annotations

import copy
from dataclasses import replace

from bot.manifest.changing import change_value
from bot.manifest.documents import read
from bot.manifest.encoding import decoded, encoded
from bot.manifest.growing import instead_of_nothing, is_nothing, with_entry, with_first_item, with_item
from bot.manifest.outline import Alias, Mapping, Node, Outline, Scalar, Sequence, outlines
from bot.manifest.pieces import with_document, without_document
from bot.manifest.shrinking import without_entry, without_item
from bot.manifest.sorting import place_in
from bot.manifest.splice import CannotEditError, Sheet, Splice, spliced
from bot.manifest.values import key_name
from bot.manifest.writing import Style, scalar, style_of
from bot.model.field import Body, FieldPath, Value, at
from bot.model.fix import Append, Attach, Cut, Drop, Put, Spot

_WIDE = (b"\xff\xfe", b"\xfe\xff")


def amended(data: bytes, change: Append | Put | Drop | Cut | Attach) -> bytes:
    """The file with one change in it; the same bytes where it is in there already. Raise CannotEditError."""
    if data.startswith(_WIDE):
        raise CannotEditError("the file is UTF-16")
    try:
        text = decoded(data)
    except UnicodeDecodeError:
        raise CannotEditError("the file is not UTF-8 text") from None
    return encoded(_amended(text, change), data)


def _amended(text: str, change: Append | Put | Drop | Cut | Attach) -> str:
    match change:
        case Cut():
            return without_document(text, change.document, change.text)
        case Attach():
            return with_document(text, change.document, change.text)
        case _:
            return _with_value(text, change)


def rewritten(text: str, change: Append | Put | Drop) -> str:
    """The text with a change, and with whatever follows it by an alias. Raise CannotEditError.

    For copies, which are meant to follow: a name that others take up is a new one there as well.
    """
    found = outlines(text)
    root = found[change.spot.document].root if change.spot.document < len(found) else None
    done = spliced(text, _splices(Sheet(text, style_of(text, root)), found, change))
    _bodies(done)
    return done


def _with_value(text: str, change: Append | Put | Drop) -> str:
    found = outlines(text)
    if change.spot.document >= len(found) or found[change.spot.document].root is None:
        raise CannotEditError("the document cannot be read")
    wanted = _bodies(text)
    holder = at(wanted.get(change.spot.document), *change.spot.within)
    if change.spot.inner is not None:
        return _inside(text, found[change.spot.document], change, holder)
    if not isinstance(holder, dict):
        raise CannotEditError("what is to be changed is not there")
    before = copy.deepcopy(holder)
    change_value(holder, change)
    if holder == before:
        return text
    root = found[change.spot.document].root
    done = spliced(text, _splices(Sheet(text, style_of(text, root)), found, change))
    if isinstance(change, Append):
        _sort(at(holder, *change.field), _node(root, change.spot.within), change)
    if _bodies(done) != wanted:
        raise CannotEditError("the text is shared by several places, or written in a way that does not allow it")
    return done


def _bodies(text: str) -> dict[int, Body]:
    """Every document by its number, as values that may be changed. Raise CannotEditError where one is broken."""
    reading = read(text.encode())
    if reading.problem:
        raise CannotEditError("the file cannot be read")
    # Through a copy of each part: values that an alias shares must not change together.
    return {document.index: _unshared(document.body) for document in reading.documents}


def _unshared(value: Body) -> Body:
    return {key: _own(inner) for key, inner in value.items()}


def _own(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: _own(inner) for key, inner in value.items()}
    return [_own(item) for item in value] if isinstance(value, list) else value


def _sort(some: Value, holder: Node, change: Append) -> None:
    """Bring the value that was appended to where the text has it."""
    node, depth = _deepest(holder, change.field)
    if isinstance(some, list) and isinstance(node, Sequence) and depth == len(change.field):
        some.insert(place_in(node, change.value), some.pop())


def _splices(sheet: Sheet, found: tuple[Outline, ...], change: Append | Put | Drop) -> list[Splice]:
    holder = _node(found[change.spot.document].root, change.spot.within)
    *way, name = change.field
    match change:
        case Drop(item=None):
            return _dropped(sheet, _node(holder, tuple(way)), str(name))
        case Drop():
            return _dropped_item(sheet, holder, change)
        case Append():
            return _appended(sheet, holder, change)
        case Put():
            return _put(sheet, holder, change)


def _node(node: Node | None, way: FieldPath) -> Node:
    """The node at a way that is wholly written here. Raise CannotEditError where it is absent or comes by an alias."""
    for step in way:
        below = _below(node, step)
        if below is None:
            raise CannotEditError("it is not written here")
        node = below
    if node is None or isinstance(node, Alias):
        raise CannotEditError("it stands at an alias, and its text is shared")
    return node


def _below(node: Node | None, step: str | int) -> Node | None:
    if isinstance(node, Alias):
        raise CannotEditError("it stands at an alias, and its text is shared")
    if isinstance(node, Mapping) and isinstance(step, str):
        return next((value for key, value in node.entries if key_name(key) == step), None)
    if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def _deepest(node: Node, way: FieldPath) -> tuple[Node, int]:
    """The last node on a way that is written, and how many steps lead to it."""
    for count, step in enumerate(way):
        below = _below(node, step)
        if below is None or (is_nothing(below) and count + 1 < len(way)):
            return node, count
        node = below
    return node, len(way)


def _appended(sheet: Sheet, holder: Node, change: Append) -> list[Splice]:
    found, depth = _deepest(holder, change.field)
    if depth < len(change.field):
        return _grown(sheet, found, change.field[depth:], [change.value], change.order)
    if isinstance(found, Sequence) and found.items:
        return with_item(sheet, found, change.value)
    parent = _node(holder, change.field[:-1])
    if not is_nothing(found) or not isinstance(parent, Mapping):
        raise CannotEditError("it stands at an alias, and its text is shared")
    return with_first_item(sheet, parent, _index(parent, str(change.field[-1])), change.value)


def _put(sheet: Sheet, holder: Node, change: Put) -> list[Splice]:
    found, depth = _deepest(holder, change.field)
    if depth < len(change.field):
        return _grown(sheet, found, change.field[depth:], change.value, change.order)
    text = sheet.text
    if isinstance(found, Alias):
        return [Splice(found.start, found.end, scalar(change.value, sheet.style))]
    if is_nothing(found) and isinstance(change.value, dict | list):
        parent = _node(holder, change.field[:-1])
        if isinstance(parent, Mapping) and not parent.flow:
            key, old = parent.entries[_index(parent, str(change.field[-1]))]
            return instead_of_nothing(sheet, key, old, change.value)
    if not isinstance(found, Scalar) or isinstance(change.value, dict | list):
        raise CannotEditError("a whole list or mapping would have to be written anew")
    mark = text[found.start : found.end][:1]
    if mark in ("|", ">"):
        raise CannotEditError("the value is a text of several lines")
    style = sheet.style if mark not in ("'", '"') else _quoted(sheet, mark)
    blank = " " if found.start == found.end and text[found.start - 1 : found.start] == ":" else ""
    return [Splice(found.start, found.end, blank + scalar(change.value, style))]


def _quoted(sheet: Sheet, mark: str) -> Style:
    return replace(sheet.style, quote=mark)


def _grown(sheet: Sheet, found: Node, rest: FieldPath, value: Value, order: tuple[str, ...]) -> list[Splice]:
    """The keys of ``rest`` below a node, the last with a value."""
    for step in reversed(rest[1:]):
        value = {str(step): value}
    name = str(rest[0])
    if not isinstance(found, Mapping) or not isinstance(rest[0], str):
        raise CannotEditError("it is not written here")
    empty = _below(found, name)
    if empty is not None and not found.flow:
        key, old = found.entries[_index(found, name)]
        return instead_of_nothing(sheet, key, old, value)
    if empty is not None:
        raise CannotEditError("the field is empty in a flow mapping")
    if not found.entries and not found.flow:
        raise CannotEditError("it is not written here")
    return with_entry(sheet, found, name, value, order)


def _index(node: Mapping, name: str) -> int:
    return next(index for index, (key, _) in enumerate(node.entries) if key_name(key) == name)


def _dropped(sheet: Sheet, parent: Node, name: str) -> list[Splice]:
    if not isinstance(parent, Mapping) or _below(parent, name) is None:
        raise CannotEditError("it is not written here")
    return without_entry(sheet, parent, _index(parent, name))


def _dropped_item(sheet: Sheet, holder: Node, change: Drop) -> list[Splice]:
    node = _node(holder, change.field)
    items = at(_bodies(sheet.text)[change.spot.document], *change.spot.within, *change.field)
    if not isinstance(node, Sequence) or not isinstance(items, list):
        raise CannotEditError("it is not written here")
    if len(items) == 1:
        return _dropped(sheet, _node(holder, change.field[:-1]), str(change.field[-1]))
    return without_item(sheet, node, items.index(change.item))


def _inside(text: str, outline: Outline, change: Append | Put | Drop, holder: Value) -> str:
    """The change inside a text that is YAML itself, such as an inline patch; only for one in literal style."""
    node = _node(outline.root, change.spot.within)
    if not isinstance(node, Scalar) or not isinstance(holder, str) or text[node.start] != "|":
        raise CannotEditError("the patch is not a text in literal style")
    head, _, body = text[node.start : node.end].partition("\n")
    lines = body.split("\n")
    pad = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    inner = "\n".join(line[pad:] for line in lines)
    if any(line.strip() and not line.startswith(" " * pad) for line in lines):
        raise CannotEditError("the patch is not a text in literal style")
    within = Spot(change.spot.path, 0, change.spot.inner or ())
    changed = _amended(inner, replace(change, spot=within))
    written = "\n".join(" " * pad + line if line.strip() else line for line in changed.split("\n"))
    done = spliced(text, [Splice(node.start, node.end, f"{head}\n{written}")])
    after = _bodies(done)
    found = at(after[change.spot.document], *change.spot.within)
    if not isinstance(found, str) or found.rstrip() != changed.rstrip():
        raise CannotEditError("the patch cannot be changed in its place")
    return done
