"""What Flux's CRDs say of the ``spec`` of its objects.

``flux.json`` holds the types, enumerations, patterns, lengths and required
fields of the CRDs in ``gotk-components.yaml`` of Flux 2.9.3, without their
texts, defaults and CEL rules; a required field with a default is not required.
The kinds that an Alert or a Receiver may name are left open, because the
flux-operator adds its own to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from bot.knowledge.shipped import shipped
from bot.model.field import Body, FieldPath, Value, mapping, strings, text
from bot.model.quote import code

FLUX = (2, 9)
"""The release of Flux whose CRDs these are."""

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}
_VARIABLE = "${"


class Invalid(NamedTuple):
    """A field that the API server refuses, and why, without the value that stands there.

    ``undeclared`` says that the field itself is not known, which another release may mend; ``lacks`` that one is
    missing, which may be in the cluster already.
    """

    field: FieldPath
    why: str
    undeclared: bool = False
    lacks: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A schema, ready for many values. ``kind`` is its type as OpenAPI calls it, empty where all is taken.

    ``rest`` is the shape of fields that have none of their own; ``is_open``: they may be there without one.
    """

    kind: str
    fields: Mapping[str, Shape] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    rest: Shape | None = None
    is_open: bool = True
    items: Shape | None = None
    allowed: tuple[str, ...] = ()
    pattern: re.Pattern[str] | None = None
    form: str = ""
    longest: int | None = None
    takes_any_text: bool = field(init=False)
    """Whether no text can be wrong, so that none need be looked at."""

    def __post_init__(self) -> None:
        is_narrowed = bool(self.allowed or self.pattern) or self.longest is not None
        object.__setattr__(self, "takes_any_text", not self.kind or (self.kind == "string" and not is_narrowed))


@cache
def flux_schema(group: str, kind: str, version: str) -> Shape | None:
    """The shape of the ``spec`` of a kind; None for what is not Flux's, or not in that version."""
    found = mapping(shipped("flux"), "schemas", group, kind, version)
    return _shape(found) if found else None


def _shape(schema: Body) -> Shape:
    known, rest, longest = mapping(schema, "properties"), schema.get("additionalProperties"), schema.get("maxLength")
    items, pattern = mapping(schema, "items"), text(schema, "pattern")
    return Shape(
        kind=text(schema, "type"),
        fields={name: _shape(mapping(known, name)) for name in known},
        required=tuple(strings(schema, "required")),
        rest=_shape(rest) if isinstance(rest, dict) else None,
        is_open=not known or bool(rest),
        items=_shape(items) if items else None,
        allowed=tuple(strings(schema, "enum")),
        pattern=_compiled(pattern) if pattern else None,
        form=pattern,
        longest=longest if isinstance(longest, int) else None,
    )


def invalid(shape: Shape, value: Value, at: FieldPath = ()) -> Iterator[Invalid]:
    """What of a value its shape does not take, in the order of the value."""
    kind = shape.kind
    if value is None or not kind or (isinstance(value, str) and _VARIABLE in value):
        return
    if not _is_of(kind, value):
        yield Invalid(at, f"is not of the type {kind}")
    elif isinstance(value, dict):
        yield from _in_mapping(shape, value, at)
    elif isinstance(value, list) and shape.items:
        for index, item in enumerate(value):
            yield from invalid(shape.items, item, (*at, index))
    elif isinstance(value, str):
        yield from _in_text(shape, value, at)


def fits(shape: Shape, value: Value) -> bool:
    """Whether ``invalid`` has nothing to say: the same, for the thousands of values of which that is so.

    False also means: it may have.
    """
    kind = shape.kind
    if value is None or not kind:
        return True
    if isinstance(value, dict):
        return kind == "object" and _fits_mapping(shape, value)
    if isinstance(value, str):
        return _VARIABLE in value or (kind == "string" and next(_in_text(shape, value, ()), None) is None)
    if isinstance(value, list):
        inner = shape.items
        return kind == "array" and (inner is None or all(fits(inner, item) for item in value))
    return _is_of(kind, value)


def _fits_mapping(shape: Shape, value: Body) -> bool:
    fields, rest = shape.fields, shape.rest
    for name, inner in value.items():
        known = fields.get(name, rest)
        if known is None:
            if not shape.is_open:
                return False
        elif isinstance(inner, str):
            if not known.takes_any_text and not fits(known, inner):
                return False
        elif isinstance(inner, dict) and known.kind == "object":
            if not _fits_mapping(known, inner):
                return False
        elif not fits(known, inner):
            return False
    return not shape.required or all(value.get(name) is not None for name in shape.required)


def _is_of(kind: str, value: Value) -> bool:
    """Whether a value has a type of OpenAPI; to JSON ``1.0`` is an integer, too."""
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, float) and kind == "integer":
        return value.is_integer()
    return isinstance(value, _TYPES[kind])


def _in_mapping(shape: Shape, value: Body, at: FieldPath) -> Iterator[Invalid]:
    for name in shape.required:
        if value.get(name) is None:
            yield Invalid(at, f"lacks the field {code(name)}", lacks=True)
    for name, inner in value.items():
        known = shape.fields.get(name, shape.rest)
        if known:
            yield from invalid(known, inner, (*at, name))
        elif not shape.is_open:
            yield Invalid((*at, name), "is no field of it", undeclared=True)


def _in_text(shape: Shape, value: str, at: FieldPath) -> Iterator[Invalid]:
    if shape.allowed and value not in shape.allowed:
        yield Invalid(at, f"is not one of {', '.join(code(one) for one in shape.allowed if one)}")
    elif shape.pattern and not shape.pattern.search(value):
        yield Invalid(at, f"does not have the form {code(shape.form)}")
    elif shape.longest is not None and len(value) > shape.longest:
        yield Invalid(at, f"is longer than {shape.longest:,} characters")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of a CRD. They are Go's, whose ``$`` takes no line break before it."""
    return re.compile(pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern)
