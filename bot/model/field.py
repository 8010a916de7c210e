"""Reading fields of parsed YAML without trusting its shape.

A manifest from a repository may hold anything anywhere, so each function
here answers for a wrong type as for an absent field; the rule that minds the
difference looks at the field itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"
Body: TypeAlias = dict[str, Value]
FieldPath: TypeAlias = tuple[str | int, ...]


def at(value: Value, *path: str | int) -> Value:
    """The value at a path such as ``("spec", "dependsOn", 0)``; None where there is none."""
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        else:
            value = value[step] if isinstance(value, list) and step < len(value) else None
    return value


def text(value: Value, *path: str | int) -> str:
    """The string at a path, or the empty string; numbers and booleans as YAML writes them."""
    found = value
    for step in path:
        if isinstance(step, str):  # as ``at``, which would double the time of what is called most of all
            found = found.get(step) if isinstance(found, dict) else None
        else:
            found = found[step] if isinstance(found, list) and step < len(found) else None
    if isinstance(found, str):
        return found
    if isinstance(found, bool):
        return "true" if found else "false"
    return str(found) if isinstance(found, int | float) else ""


def flag(value: Value, *path: str | int) -> bool:
    """Whether the value at a path is the boolean true."""
    return at(value, *path) is True


def mapping(value: Value, *path: str | int) -> Body:
    """The mapping at a path, or an empty one."""
    found = at(value, *path)
    return found if isinstance(found, dict) else {}


def items(value: Value, *path: str | int) -> list[Value]:
    """The list at a path, or an empty one."""
    found = at(value, *path)
    return found if isinstance(found, list) else []


def mappings(value: Value, *path: str | int) -> Iterator[Body]:
    """The mappings in the list at a path; other items are passed over."""
    return (item for item in items(value, *path) if isinstance(item, dict))


def strings(value: Value, *path: str | int) -> tuple[str, ...]:
    """The strings in the list at a path; other items are passed over."""
    return tuple(item for item in items(value, *path) if isinstance(item, str))


def dotted(value: Value, path: str) -> Value:
    """The value at a dotted path of mappings such as ``crds.enabled``; None where there is none."""
    return at(value, *path.split("."))
