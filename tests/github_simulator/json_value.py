"""JSON as Python sees it, and the narrowing that a type checker asks for."""

from __future__ import annotations

from typing import TypeAlias

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = "dict[str, JsonValue]"


def as_object(value: JsonValue) -> JsonObject:
    """``value``, which is an object; TypeError otherwise."""
    if not isinstance(value, dict):
        raise TypeError(f"an object was expected, not {type(value).__name__}")
    return value


def as_list(value: JsonValue) -> list[JsonValue]:
    """``value``, which is an array; TypeError otherwise."""
    if not isinstance(value, list):
        raise TypeError(f"an array was expected, not {type(value).__name__}")
    return value


def as_text(value: JsonValue) -> str:
    """``value``, which is a string; TypeError otherwise."""
    if not isinstance(value, str):
        raise TypeError(f"a string was expected, not {type(value).__name__}")
    return value


def as_number(value: JsonValue) -> int:
    """``value``, which is a whole number; TypeError otherwise."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"a whole number was expected, not {type(value).__name__}")
    return value
