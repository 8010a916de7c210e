"""What Flux's CRDs say of the ``spec`` of its objects.

``flux.json`` holds the types, enumerations, patterns, lengths and required
fields of the CRDs in ``gotk-components.yaml`` of Flux 2.9.3, without their
texts, defaults and CEL rules; a required field with a default is not required.
The kinds that an Alert or a Receiver may name are left open, because the
flux-operator adds its own to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from bot.knowledge.shipped import shipped
from bot.model.field import Body, FieldPath, Value, mapping, strings, text
from bot.model.quote import code
from bot.model.ref import GroupKind

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

    ``undeclared`` says that the field itself is not known, which another release may mend.
    """

    field: FieldPath
    why: str
    undeclared: bool = False


def flux_schema(what: GroupKind, version: str) -> Body:
    """The schema of the ``spec`` of a kind; empty for what is not Flux's, or not in that version."""
    return mapping(shipped("flux"), "schemas", what.group, what.kind, version)


def invalid(schema: Body, value: Value, at: FieldPath = ()) -> Iterator[Invalid]:
    """What of a value its schema does not take, in the order of the value."""
    kind = text(schema, "type")
    if value is None or not kind or (isinstance(value, str) and _VARIABLE in value):
        return
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield Invalid(at, f"is not of the type {kind}")
    elif isinstance(value, dict):
        yield from _in_mapping(schema, value, at)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from invalid(mapping(schema, "items"), item, (*at, index))
    elif isinstance(value, str):
        yield from _in_text(schema, value, at)


def _in_mapping(schema: Body, value: Body, at: FieldPath) -> Iterator[Invalid]:
    known, rest = mapping(schema, "properties"), schema.get("additionalProperties")
    for name in strings(schema, "required"):
        if value.get(name) is None:
            yield Invalid(at, f"lacks the field {code(name)}")
    for name, inner in value.items():
        if name in known:
            yield from invalid(mapping(known, name), inner, (*at, name))
        elif isinstance(rest, dict):
            yield from invalid(rest, inner, (*at, name))
        elif known and not rest:
            yield Invalid((*at, name), "is no field of it", undeclared=True)


def _in_text(schema: Body, value: str, at: FieldPath) -> Iterator[Invalid]:
    allowed = strings(schema, "enum")
    pattern = text(schema, "pattern")
    longest = schema.get("maxLength")
    if allowed and value not in allowed:
        yield Invalid(at, f"is not one of {', '.join(code(one) for one in allowed if one)}")
    elif pattern and not _compiled(pattern).search(value):
        yield Invalid(at, f"does not have the form {code(pattern)}")
    elif isinstance(longest, int) and len(value) > longest:
        yield Invalid(at, f"is longer than {longest:,} characters")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of a CRD. They are Go's, whose ``$`` takes no line break before it."""
    return re.compile(pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern)
