"""What Kubernetes takes of its own kinds, whichever release the cluster has.

``kubernetes.json`` holds the fields of the kinds of all releases that it names,
with their types; where two releases differ in a type, all is taken.
``tests/kubernetes_schemas.py`` makes it of the OpenAPI definitions of Kubernetes.
CRDs are left out.
"""

from __future__ import annotations

from functools import cache, lru_cache

from bot.knowledge.schemas import Shape
from bot.knowledge.shipped import shipped
from bot.model.field import Value, mapping, strings, text

_ALL = Shape("")
"""The shape of what may be anything."""


def releases() -> tuple[str, str]:
    """The first and the last release that is known."""
    known = shipped("kubernetes")
    return text(known, "from"), text(known, "to")


@lru_cache(maxsize=4_096)
def kubernetes_schema(group: str, kind: str, version: str) -> Shape | None:
    """The shape of an object of a kind; None for what is not of Kubernetes itself, or not in that version."""
    name = text(shipped("kubernetes"), "kinds", f"{group}/{version}/{kind}")
    return _named(name) if name else None


@cache
def _named(name: str) -> Shape:
    defined = mapping(shipped("kubernetes"), "shapes", name)
    fields = mapping(defined, "fields")
    if not fields:
        return _ALL
    shapes = {field: _typed(one) for field, one in fields.items()}
    return Shape("object", shapes, tuple(strings(defined, "required")), is_open=False)


def _typed(said: Value) -> Shape:
    """A type as the file has it: ``string``, ``#Name``, ``[type]``, ``{"*": type}``; empty for what may be anything."""
    if isinstance(said, list):
        return Shape("array", items=_typed(said[0]))
    if isinstance(said, dict):
        return Shape("object", rest=_typed(said["*"]))
    if not isinstance(said, str) or not said:
        return _ALL
    return _named(said[1:]) if said.startswith("#") else Shape(said)
