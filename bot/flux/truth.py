"""What a CEL expression of a repository comes to; the only user of the CEL library.

``cel-expr-python`` is the runtime of the CEL project itself, so its grammar is
that of cel-go, with which Flux reads. It runs in this process, on text that
strangers write: the library stops at 32 levels and after 10,000 iterations,
its regular expressions are RE2, and here no text is longer than ``LONGEST``.
What it cannot decide is unknown, and never false.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from bot.model.field import Value

LONGEST = 4000
"""Characters of an expression that is looked at."""

_ROOTS = ("apiVersion", "kind", "metadata", "spec", "status", "data", "dep", "self")
_SYNTAX = re.compile(r"Syntax error.*|has\(\) argument must be.*|\w+\(\) variable name must be.*")
_ABSENT = ("Key not found in map", "No value with name", "No matching overloads found")
_REFUSALS = (RuntimeError, ValueError, TypeError, OverflowError)
"""What the library raises of an expression that it does not take, and of values that it cannot hold."""


class Truth(StrEnum):
    TRUE = "true"
    FALSE = "false"
    ERROR = "error"
    """A field that is read is not there, or is of another type. Flux then takes the object for not ready."""
    UNKNOWN = "unknown"


class _Type(Protocol):
    def name(self) -> str: ...


class _Value(Protocol):
    def type(self) -> _Type: ...
    def value(self) -> object: ...


class _Expression(Protocol):
    def eval(self, *, data: Mapping[str, Value]) -> _Value: ...


class _Environment(Protocol):
    """What is used of the library, which has no types of its own that mypy would take."""

    def compile(self, expression: str) -> _Expression: ...


def truth(expression: str, values: Mapping[str, Value]) -> Truth:
    """What an expression comes to on these values, of which Flux would have no others."""
    if len(expression) > LONGEST:
        return Truth.UNKNOWN
    return _truth(expression, json.dumps(values, sort_keys=True))


@lru_cache(maxsize=4096)
def _truth(expression: str, values: str) -> Truth:
    compiled = _compiled(expression)
    if isinstance(compiled, str):
        return Truth.UNKNOWN
    known: dict[str, Value] = json.loads(values)
    try:
        found = compiled.eval(data={name: value for name, value in known.items() if name in _ROOTS})
        kind, value = found.type().name(), found.value()
    except _REFUSALS:
        return Truth.UNKNOWN
    if kind == "BOOL":
        return Truth.TRUE if value else Truth.FALSE
    return Truth.ERROR if any(one in str(value) for one in _ABSENT) else Truth.UNKNOWN


def syntax_error(expression: str) -> str:
    """What the grammar says against an expression, in one line; empty where it can be read, or is too long to look."""
    if len(expression) > LONGEST:
        return ""
    compiled = _compiled(expression)
    said = _SYNTAX.search(compiled) if isinstance(compiled, str) else None
    return said[0] if said else ""


def undeclared(expression: str, names: tuple[str, ...]) -> str:
    """The first of these names that an expression reads as a variable, where only ``dep`` and ``self`` are some."""
    if len(expression) > LONGEST:
        return ""
    try:
        _environment(("dep", "self")).compile(expression)
    except _REFUSALS as refusal:
        said = str(refusal)
        return next((name for name in names if re.search(rf"undeclared reference to '{name}[.']", said)), "")
    return ""


@lru_cache(maxsize=1024)
def _compiled(expression: str) -> _Expression | str:
    """The expression, or the text of the refusal."""
    try:
        return _environment(_ROOTS).compile(expression)
    except _REFUSALS as refusal:
        return str(refusal)


@lru_cache(maxsize=4)
def _environment(roots: tuple[str, ...]) -> _Environment:
    # Most repositories have no expression at all, and loading the library takes 15 ms.
    from cel_expr_python import cel  # type: ignore[import-untyped]  # noqa: PLC0415
    from cel_expr_python.ext import (  # type: ignore[import-untyped]  # noqa: PLC0415
        ext_encoders,
        ext_optional,
        ext_strings,
    )

    extensions = [ext_encoders.ExtEncoders(), ext_optional.ExtOptional(), ext_strings.ExtStrings()]
    made: _Environment = cel.NewEnv(variables=dict.fromkeys(roots, cel.Type.DYN), extensions=extensions)
    return made
