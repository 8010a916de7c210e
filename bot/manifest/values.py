"""Nodes to values."""

from __future__ import annotations

import base64
import binascii
from typing import assert_never

from bot.manifest.outline import Alias, Mapping, Node, Problem, Scalar, Sequence
from bot.manifest.scalars import plain
from bot.model.field import Body, Value

MERGE = "<<"
_YAML = "tag:yaml.org,2002:"
_RESOLVED_TAGS = frozenset(_YAML + name for name in ("int", "float", "bool", "null"))


class UnreadableError(Exception):
    """The document is YAML, but kustomize reads no value from it."""

    def __init__(self, offset: int, message: str, earlier: int | None = None) -> None:
        super().__init__(message)
        self.problem = Problem(offset, message)
        self.earlier = earlier


def body_of(root: Mapping) -> Body:
    """The value of a document. Aliases become shared values. Raise UnreadableError."""
    return _Values().mapping(root)


def key_name(key: Node) -> str | None:
    """The name of a key: numbers and booleans as JSON writes them, since JSON has no other keys than strings.

    None for a key that is a collection.
    """
    if isinstance(key, Alias):
        key = key.target
    if not isinstance(key, Scalar):
        return None
    if not key.plain:
        return key.text
    value = plain(key.text)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else key.text


def is_merge(key: Node) -> bool:
    """Whether a key says that other mappings are merged into this one."""
    return isinstance(key, Scalar) and key.text == MERGE and (key.plain or key.tag == _YAML + "merge")


def merged(value: Node) -> list[Mapping] | None:
    """The mappings that a merge key brings, the strongest first; None where its value is none."""
    target = value.target if isinstance(value, Alias) else value
    parts = target.items if isinstance(target, Sequence) else [target]
    found = [part.target if isinstance(part, Alias) else part for part in parts]
    mappings = [part for part in found if isinstance(part, Mapping)]
    return mappings if len(mappings) == len(found) else None


class _Values:
    """The values of one document; ``_shared`` holds those that aliases lead to, by the identity of their nodes."""

    __slots__ = ("_shared",)

    def __init__(self) -> None:
        self._shared: dict[int, Value] = {}

    def value(self, node: Node) -> Value:
        match node:
            case Scalar():
                return plain(node.text) if node.plain else _tagged(node)
            case Mapping():
                return self.mapping(node)
            case Sequence():
                return [self.value(item) for item in node.items]
            case Alias():
                # Not by _target: a chain of aliases costs three frames a level, and there are 1,000 in all.
                known = id(node.target)
                if known not in self._shared:
                    self._shared[known] = self.value(node.target)
                return self._shared[known]
            case _:
                assert_never(node)

    def mapping(self, node: Mapping) -> Body:
        found: Body = {}
        merges: list[Mapping] = []
        merge: Node | None = None
        for key, value in node.entries:
            if is_merge(key):
                if merge:
                    raise _twice(key, MERGE, merge)
                merge = key
                merges = _mergeable(value)
                continue
            name = key_name(key)
            if name is None:
                raise UnreadableError(key.start, "invalid map key: a key must be a string")
            if name in found:
                raise _twice(key, name, next(one for one, _ in node.entries if key_name(one) == name))
            found[name] = self.value(value)
        for part in merges:
            for name, inherited in self._merged(part).items():
                found.setdefault(name, inherited)
        return found

    def _merged(self, part: Mapping) -> Body:
        value = self._target(part)
        return value if isinstance(value, dict) else {}

    def _target(self, node: Node) -> Value:
        known = id(node)
        if known not in self._shared:
            self._shared[known] = self.value(node)
        return self._shared[known]


def _mergeable(value: Node) -> list[Mapping]:
    found = merged(value)
    if found is None:
        raise UnreadableError(value.start, "map merge requires map or sequence of maps as the value")
    return found


def _twice(key: Node, name: str, earlier: Node) -> UnreadableError:
    return UnreadableError(key.start, f'mapping key "{name[:60]}" already defined', earlier.start)


def _tagged(node: Scalar) -> Value:
    """The value of a scalar with quotes or a tag. A tag that does not fit its text leaves it text."""
    if node.tag in _RESOLVED_TAGS:
        return plain(node.text)
    if node.tag == _YAML + "binary":
        try:
            return base64.b64decode("".join(node.text.split()), validate=True).decode()
        except (binascii.Error, ValueError):
            return node.text
    return node.text
