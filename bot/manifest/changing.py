"""A change as it is meant: made on the values of a document, where nothing of its text matters."""

from __future__ import annotations

from bot.manifest.splice import CannotEditError
from bot.model.field import Body, FieldPath, Value, at
from bot.model.fix import Append, Drop, Put


def change_value(holder: Body, change: Append | Put | Drop) -> None:
    """The change on values. Raise CannotEditError where the way to it is no mapping."""
    *way, name = change.field
    match change:
        case Drop():
            _drop(at(holder, *way), str(name), change.item)
        case Put():
            _set(_made(holder, tuple(way)), name, change.value)
        case Append():
            _append(_made(holder, tuple(way)), str(name), change.value)


def _drop(parent: Value, name: str, item: Value) -> None:
    if not isinstance(parent, dict):
        return
    some = parent.get(name)
    if item is not None and isinstance(some, list):
        if item in some:
            some.remove(item)
        if some:
            return
    parent.pop(name, None)


def _append(parent: Value, name: str, value: Value) -> None:
    some = parent.get(name) if isinstance(parent, dict) else ""
    if not isinstance(parent, dict) or not isinstance(some, list | None):
        raise CannotEditError("the field is no list")
    if some is None or value not in some:
        parent[name] = [*(some or []), value]


def _set(parent: Value, key: str | int, value: Value) -> None:
    match parent, key:
        case dict(), str():
            parent[key] = value
        case list(), int() if key < len(parent):
            parent[key] = value
        case _:
            raise CannotEditError("the field is not what it should be")


def _made(holder: Value, way: FieldPath) -> Value:
    """The value at a way, made of mappings where there is none."""
    for step in way:
        if isinstance(holder, dict) and isinstance(step, str):
            if holder.get(step) is None:
                holder[step] = {}
            holder = holder[step]
        else:
            holder = at(holder, step)
    return holder
