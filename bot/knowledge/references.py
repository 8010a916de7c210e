"""Fields, annotations and labels with which one object names another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from bot.knowledge.shipped import shipped
from bot.model.field import Body, flag, items, mappings, text
from bot.model.ref import GroupKind


class Via(StrEnum):
    FIELD = "field"
    SELECTOR = "selector"
    ANNOTATION = "annotation"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class Reference:
    """Where an object of kind ``source`` names another one.

    ``path`` has dots and ``[]`` for the items of a list; in a pod it starts at
    its spec. ``name_at`` and ``kind_at`` continue it to the name and the kind;
    an empty ``name_at`` means the value itself. ``namespace`` is ``same``,
    ``cluster``, or words. ``read`` says that the path was found in a schema.
    """

    source: GroupKind
    via: Via
    path: str
    name_at: str
    kind_at: str
    targets: tuple[GroupKind, ...]
    namespace: str
    when: str
    note: str
    read: bool


def references_of(what: GroupKind) -> tuple[Reference, ...]:
    """How objects of a kind name others; kinds with a pod template share those of GroupKind("", "Pod")."""
    return _by_source().get(what, ())


@cache
def _by_source() -> dict[GroupKind, tuple[Reference, ...]]:
    found: dict[GroupKind, list[Reference]] = {}
    for row in mappings(shipped("references"), "references"):
        reference = _reference(row)
        found.setdefault(reference.source, []).append(reference)
    return {source: tuple(some) for source, some in found.items()}


def _reference(row: Body) -> Reference:
    return Reference(
        source=GroupKind(text(row, "from", 0), text(row, "from", 1)),
        via=Via(text(row, "via")),
        path=text(row, "path"),
        name_at=text(row, "name"),
        kind_at=text(row, "kind"),
        targets=tuple(GroupKind(text(target, 0), text(target, 1)) for target in items(row, "to")),
        namespace=text(row, "namespace"),
        when=text(row, "when"),
        note=text(row, "note"),
        read=flag(row, "read"),
    )
