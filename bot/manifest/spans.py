"""Where in a file a field was written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from bot.manifest.documents import read
from bot.manifest.encoding import Lines, decoded
from bot.manifest.outline import Alias, Mapping, Node, Outline, Sequence, outlines
from bot.manifest.values import is_merge, key_name, merged
from bot.model.field import Body, FieldPath, items, text
from bot.model.limits import YAML, YamlLimits
from bot.model.ref import Ref
from bot.model.resource import identity
from bot.model.span import Span

_TO_THE_DASH = re.compile(r"(?:\s|#.*)*-")


class _Step(NamedTuple):
    """A field on the way: the place of its key (a list item's is its dash), and its value."""

    key_start: int
    key_end: int
    node: Node


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one document's fields, in characters of the file's text without its byte order mark."""

    _text: str
    _lines: Lines
    _outline: Outline

    def has(self, field: FieldPath) -> bool:
        """Whether the field is written here, itself or through an alias or a merge key."""
        return self._outline.root is not None and len(self._steps(field)) == len(field)

    def span(self, path: str, field: FieldPath, *, key: bool = False) -> Span:
        """The place of a field's value in the file ``path``, or with ``key`` that of its key (a list item's dash).

        Anchor and tag stand before the place of a value, the line break after
        it. What comes through an alias or a merge key is where it was
        written, an alias itself where it stands. Of an absent field: the key
        of its nearest ancestor that is there, without one the first line.
        """
        root = self._outline.root
        if root is None:
            return self._first_line(path)
        steps = self._steps(field)
        if not steps:
            return self._first_line(path) if field or key else self._span(path, root.start, root.end)
        last = steps[-1]
        if key or len(steps) < len(field):
            return self._span(path, last.key_start, last.key_end)
        return self._span(path, last.node.start, last.node.end)

    def _first_line(self, path: str) -> Span:
        start, end = self._lines.content(self._outline.start)
        return self._span(path, start, end)

    def _span(self, path: str, start: int, end: int) -> Span:
        return Span(path, self._lines.number(start), self._lines.last(start, end), start, end)

    def _steps(self, field: FieldPath) -> list[_Step]:
        """As many steps of a path as there are."""
        found: list[_Step] = []
        node = self._outline.root
        for name in field:
            target = node.target if isinstance(node, Alias) else node
            step = _entry(target, name) if isinstance(name, str) else self._item(target, name)
            if step is None:
                break
            found.append(step)
            node = step.node
        return found

    def _item(self, node: Node | None, index: int) -> _Step | None:
        if not isinstance(node, Sequence) or not 0 <= index < len(node.items):
            return None
        item = node.items[index]
        before = node.items[index - 1].end if index else node.start
        dash = None if node.flow else _TO_THE_DASH.match(self._text, before)
        return _Step(dash.end() - 1, dash.end(), item) if dash else _Step(item.start, item.end, item)


def _entry(node: Node | None, name: str) -> _Step | None:
    """The entry of a mapping: its own first, then what it merges."""
    if not isinstance(node, Mapping):
        return None
    for key, value in node.entries:
        if not is_merge(key) and key_name(key) == name:
            return _Step(key.start, key.end, value)
    inherited = (part for key, value in node.entries if is_merge(key) for part in merged(value) or ())
    return next((step for part in inherited if (step := _entry(part, name))), None)


def places(data: bytes, limits: YamlLimits = YAML) -> tuple[Places, ...]:
    """The places of every document of a file, in the order of ``RawDocument.index``. Never raises.

    A document that cannot be read has one place, its first line; so has a file that is no text.
    """
    return _places(data, limits)


@lru_cache(maxsize=256)
def _places(data: bytes, limits: YamlLimits) -> tuple[Places, ...]:
    try:
        content = decoded(data)
    except UnicodeDecodeError:
        return (Places("", Lines(""), Outline(0, None)),)
    lines = Lines(content)
    return tuple(Places(content, lines, outline) for outline in outlines(content, limits))


@dataclass(frozen=True, slots=True)
class Located:
    """An object in a file: its document, and the way into it where that is a list of objects (``("items", 3)``)."""

    index: int
    within: FieldPath


def located(data: bytes, ref: Ref, limits: YamlLimits = YAML) -> Located | None:
    """Where a file defines an object that still has the identity its author gave it.

    By group, kind and name, then by namespace. A transformer or a patch may
    have replaced the name (``name: _``), so the only object of that kind, or
    the only one of the file, will do as well.
    """
    every = _identified(data, limits)
    alike = [(one, place) for one, place in every if one.group_kind == ref.group_kind]
    named = [(one, place) for one, place in alike if one.name == ref.name]
    if named:
        order = (ref.namespace, "")
        ranked = sorted(named, key=lambda found: order.index(found[0].namespace) if found[0].namespace in order else 2)
        return ranked[0][1]
    for some in (alike, every):
        if len(some) == 1:
            return some[0][1]
    return None


def document_of(data: bytes, group: str, kind: str, namespace: str, name: str) -> int | None:
    """The index of the document that defines an object (see ``located``); of the list, where it is a list's item."""
    found = located(data, Ref(group, kind, namespace, name))
    return found.index if found else None


@lru_cache(maxsize=256)
def _identified(data: bytes, limits: YamlLimits) -> tuple[tuple[Ref, Located], ...]:
    """Every object of a file by name; remembered, because a file of many objects is asked for each of them."""
    return tuple((identity(body), place) for body, place in _objects(data, limits))


def _objects(data: bytes, limits: YamlLimits) -> Iterator[tuple[Body, Located]]:
    """Every object of a file; those of a list one by one, as kustomize takes them (any kind that ends in ``List``)."""
    for document in read(data, limits).documents:
        inner = items(document.body, "items")
        if not (text(document.body, "kind").endswith("List") and inner):
            yield document.body, Located(document.index, ())
            continue
        for position, item in enumerate(inner):
            if isinstance(item, dict):
                yield item, Located(document.index, ("items", position))
