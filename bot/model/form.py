"""What a YAML file of ours may hold: the one description that reading it and its JSON schema come from."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, TypeAlias, TypeVar, assert_never

from bot.model.field import Body, FieldPath, Value
from bot.model.quote import code

MOST_ITEMS: Final = 200
"""Entries of one list or mapping that are read."""

LONGEST_TEXT: Final = 1000
"""Characters of a text that has a pattern."""

_MOST_UNKNOWN: Final = 20
_COMPARED: Final = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Text:
    """A string, which matches ``pattern`` as a whole if there is one; ``wanted`` says so in words."""

    wanted: str = "a text"
    pattern: str | None = None

    def fits(self, value: str) -> bool:
        return self.pattern is None or (len(value) <= LONGEST_TEXT and bool(re.fullmatch(self.pattern, value)))


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these words. With ``off``, YAML's bare ``off`` (false) is the word ``off``."""

    words: tuple[str | int, ...]
    off: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of one kind of thing, of which the first ``most`` count."""

    item: Shape
    most: int = MOST_ITEMS


@dataclass(frozen=True, slots=True)
class Naming:
    """A mapping whose keys the user makes."""

    value: Shape
    key: Text


@dataclass(frozen=True, slots=True)
class Key:
    """A known key; ``about`` is its manual."""

    shape: Shape
    about: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping of known keys."""

    keys: Mapping[str, Key]


Shape: TypeAlias = Text | Choice | Listing | Naming | Table


@dataclass(frozen=True, slots=True)
class Flaw:
    """A value that is not what it should be."""

    at: FieldPath
    message: str


Checked: TypeAlias = Generator[Flaw, None, Value]
"""Yields each flaw and returns what is left: null for what is wrong, so that the places of a list's items stay."""


def checked(value: Value, shape: Shape, at: FieldPath = ()) -> Checked:
    """The value without what does not fit: an absent key stays absent, a wrong value becomes null.

    Never deeper than the shape is, so a value may hold itself.
    """
    if value is None:
        return None
    match shape:
        case Text():
            return (yield from _text(value, shape, at))
        case Choice():
            return (yield from _choice(value, shape, at))
        case Listing():
            return (yield from _listing(value, shape, at))
        case Naming():
            return (yield from _naming(value, shape, at))
        case Table():
            return (yield from _table(value, shape, at))
        case _:
            assert_never(shape)


def settled(reading: Generator[Flaw, None, T]) -> tuple[T, list[Flaw]]:
    """What a reading returns, and every flaw that it yields on the way."""
    flaws: list[Flaw] = []
    while True:
        try:
            flaws.append(next(reading))
        except StopIteration as end:
            result: T = end.value
            return result, flaws


def _text(value: Value, shape: Text, at: FieldPath) -> Checked:
    if isinstance(value, str) and shape.fits(value):
        return value
    quotes = "; put it in quotes" if isinstance(value, bool | int | float) else ""
    yield Flaw(at, f"{named(at)} is {_shown(value)}, but must be {shape.wanted}{quotes}")
    return None


def _choice(value: Value, shape: Choice, at: FieldPath) -> Checked:
    if shape.off and value is False:
        return "off"
    if any(type(word) is type(value) and word == value for word in shape.words):
        return value
    words = ", ".join(code(word) for word in shape.words)
    wanted = f"one of {words}" if len(shape.words) > 1 else words
    yield Flaw(at, f"{named(at)} is {_shown(value)}, but must be {wanted}")
    return None


def _listing(value: Value, shape: Listing, at: FieldPath) -> Checked:
    if not isinstance(value, list):
        yield Flaw(at, f"{named(at)} is {_shown(value)}, but must be a list")
        return None
    if len(value) > shape.most:
        yield Flaw(at, f"{named(at)} has {len(value):,} entries, of which only the first {shape.most} count")
    found: list[Value] = []
    for number, item in enumerate(value[: shape.most]):
        found.append((yield from _filled(item, shape.item, (*at, number))))
    return found


def _naming(value: Value, shape: Naming, at: FieldPath) -> Checked:
    if not isinstance(value, dict):
        yield Flaw(at, f"{named(at)} is {_shown(value)}, but must be a mapping")
        return None
    if len(value) > MOST_ITEMS:
        yield Flaw(at, f"{named(at)} has {len(value):,} entries, of which only the first {MOST_ITEMS} count")
    found: Body = {}
    for key, item in list(value.items())[:MOST_ITEMS]:
        if shape.key.fits(key):
            found[key] = yield from _filled(item, shape.value, (*at, key))
        else:
            yield Flaw((*at, key), f"{code(key)} in {named(at)} must be {shape.key.wanted}")
    return found


def _table(value: Value, shape: Table, at: FieldPath) -> Checked:
    if not isinstance(value, dict):
        yield Flaw(at, f"{named(at)} is {_shown(value)}, but must be a mapping")
        return None
    found: Body = {}
    for name, key in shape.keys.items():
        if value.get(name) is not None:
            found[name] = yield from checked(value[name], key.shape, (*at, name))
        elif key.required:
            yield Flaw(at, f"{named(at)} has no {code(name)}, so it does not count")
    yield from _unknown([name for name in value if name not in shape.keys], shape, at)
    return None if any(found.get(name) is None for name, key in shape.keys.items() if key.required) else found


def _unknown(names: list[str], shape: Table, at: FieldPath) -> Iterator[Flaw]:
    for name in names[:_MOST_UNKNOWN]:
        yield Flaw((*at, name), f"{code(name)} is not a key of {named(at)}{nearest(name, shape.keys)}")
    if len(names) > _MOST_UNKNOWN:
        yield Flaw(at, f"{named(at)} has {len(names) - _MOST_UNKNOWN:,} more unknown keys")


def _filled(value: Value, shape: Shape, at: FieldPath) -> Checked:
    if value is None:
        yield Flaw(at, f"{named(at)} is empty")
        return None
    return (yield from checked(value, shape, at))


def nearest(name: str, known: Iterable[str]) -> str:
    """``; the nearest is `x``` where one of the known names is like this one, else nothing."""
    near = get_close_matches(name[:_COMPARED], list(known), n=1)
    return f"; the nearest is {code(near[0])}" if near else ""


def named(at: FieldPath) -> str:
    """A path as people write it: ``clusters[0].root``; the whole is "the file"."""
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in at)
    return code(steps.removeprefix(".")) if at else "the file"


def _shown(value: Value) -> str:
    match value:
        case bool():
            return code("true" if value else "false")
        case str() | int() | float():
            return code(value)
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case None:
            return "empty"
        case _:
            assert_never(value)


def schema(shape: Shape) -> Body:
    """The JSON schema (2020-12) of what ``checked`` leaves as it is. Patterns mean the same in Python and ECMA-262."""
    match shape:
        case Text():
            if shape.pattern is None:
                return {"type": "string"}
            return {"type": "string", "maxLength": LONGEST_TEXT, "pattern": f"^(?:{shape.pattern})$"}
        case Choice():
            return {"enum": [*shape.words, *((False,) if shape.off else ())]}
        case Listing():
            return {"type": "array", "maxItems": shape.most, "items": schema(shape.item)}
        case Naming():
            keys, values = schema(shape.key), schema(shape.value)
            return {
                "type": "object",
                "maxProperties": MOST_ITEMS,
                "propertyNames": keys,
                "additionalProperties": values,
            }
        case Table():
            return _table_schema(shape)
        case _:
            assert_never(shape)


def _table_schema(shape: Table) -> Body:
    required: list[Value] = [name for name, key in shape.keys.items() if key.required]
    keys: Body = {name: {"description": key.about, **schema(key.shape)} for name, key in shape.keys.items()}
    closed: Body = {"type": "object", "additionalProperties": False, "properties": keys}
    return {**closed, "required": required} if required else closed
