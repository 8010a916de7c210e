"""The documents of a YAML stream as trees of nodes, each with its place.

Built from the events of libyaml, not from its composer, because

- go-yaml, with which kustomize reads, is a translation of libyaml: what one
  refuses the other refuses, in the same words;
- events cost the same as the composer and carry every place, so one reading serves values and spans alike;
- the composer refuses an anchor that is defined twice, which is valid YAML,
  and descends as deep as a hostile file tells it to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import yaml

from bot.model.limits import YAML, YamlLimits

_SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_NO_CONTENT = re.compile(r"(?:\s|#.*|^(?:---|\.\.\.|%.*))*", re.MULTILINE)
_PROPERTY = re.compile(r"(?:&[\w-]+|!<[^>]*>|![^\s,\[\]{}]*)(?:\s|#.*)*")
_KEEPS_BREAKS = re.compile(r"[|>][0-9]?\+")
_MOST_TAGS = 100  # that are declared; libyaml compares each with all before it
_KNOWN_TAGS = frozenset(
    "tag:yaml.org,2002:" + name
    for name in ("str", "int", "float", "bool", "null", "binary", "timestamp", "merge", "map", "seq", "set", "omap")
) | {"!"}


class Scalar(NamedTuple):
    """A string as written; ``plain`` where it has neither quotes nor a tag. Places leave anchor and tag out."""

    start: int
    end: int
    text: str
    plain: bool
    tag: str


class Sequence(NamedTuple):
    start: int
    end: int
    items: list[Node]
    flow: bool


class Mapping(NamedTuple):
    start: int
    end: int
    entries: list[tuple[Node, Node]]
    flow: bool


class Alias(NamedTuple):
    start: int
    end: int
    target: Node


Node: TypeAlias = "Scalar | Sequence | Mapping | Alias"


class Problem(NamedTuple):
    """Why something cannot be read, at a character of the text; ``limit`` is the field of Limits that was passed."""

    offset: int
    message: str
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """One document. ``foreign``: it has tags that no manifest has. ``root`` is None where there is a ``problem``."""

    start: int
    root: Node | None
    foreign: bool = False
    problem: Problem | None = None


class _Budget:
    """How much of a file may still be read."""

    def __init__(self, limits: YamlLimits) -> None:
        self.limits, self.nodes, self.documents = limits, limits.nodes, limits.documents

    def begin(self, offset: int) -> None:
        if not self.documents:
            raise _RefusedError(offset, f"more than {self.limits.documents:,} documents", "yaml_documents")
        self.documents -= 1


def outlines(text: str, limits: YamlLimits = YAML) -> tuple[Outline, ...]:
    """Every document of a stream, the empty ones too; of one with too many the first.

    Where the stream cannot be read as a whole, each part between ``---`` lines
    is read on its own, so a broken document does not hide the others.
    """
    if text.count("\n%TAG") > _MOST_TAGS:
        return (Outline(0, None, problem=Problem(0, "too many tags are declared", "yaml_nodes")),)
    found, problem = _stream(text, 0, len(text), _Budget(limits))
    if problem is None:
        return tuple(found)
    if problem.limit == "yaml_documents":
        return (*found, Outline(problem.offset, None, problem=problem))
    return tuple(_by_parts(text, _Budget(limits)))


def _by_parts(text: str, budget: _Budget) -> Iterator[Outline]:
    starts = [0, *(match.start() for match in _SEPARATOR.finditer(text) if match.start())]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        nothing = _NO_CONTENT.match(text, start, end)
        content = nothing.end() if nothing else start
        if content == end:
            if text.startswith("---", start):
                yield Outline(start, None)
            continue
        found, problem = _stream(text, start, end, budget)
        yield from found
        if problem:
            yield Outline(content, None, problem=problem)
            if problem.limit == "yaml_documents":
                return


def _stream(text: str, start: int, end: int, budget: _Budget) -> tuple[list[Outline], Problem | None]:
    """The documents of a part of the text, up to the first that cannot be read."""
    found: list[Outline] = []
    part = text[start:end]
    try:
        for grown in _documents(text, part, start, budget):
            root = grown.root
            found.append(Outline(root.start if root else start, root, grown.foreign))
    except yaml.reader.ReaderError as error:
        before = part.encode()[: error.position].decode(errors="ignore")
        return found, Problem(start + len(before), str(error.reason))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = ": ".join(words for words in (error.context, error.problem) if words)
        return found, Problem(start + (mark.index if mark else 0), message)
    except _RefusedError as refused:
        return found, refused.problem
    return found, None


def _documents(text: str, part: str, shift: int, budget: _Budget) -> Iterator[_Growth]:
    parser = yaml.CSafeLoader(part)
    growth = _Growth(text, shift, budget)
    while (event := parser.get_event()) is not None:
        match event:
            case yaml.ScalarEvent():
                growth.scalar(event)
            case yaml.CollectionStartEvent():
                growth.open(event)
            case yaml.CollectionEndEvent():
                growth.close(event)
            case yaml.AliasEvent():
                growth.alias(event)
            case yaml.DocumentStartEvent():
                growth = _Growth(text, shift, budget)
                budget.begin(growth.place(event)[0])
            case yaml.DocumentEndEvent():
                budget.nodes -= growth.size
                yield growth
            case _:  # the stream's own start and end
                pass


class _RefusedError(Exception):
    def __init__(self, offset: int, message: str, limit: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(offset, message, limit)


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet; ``size`` and ``height`` count its nodes and levels, aliases followed."""

    start: int
    anchor: str | None
    flow: bool
    is_mapping: bool
    children: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


class _Growth:
    """One document while its events come in; ``size`` counts its nodes, aliases followed."""

    __slots__ = ("_anchors", "_budget", "_open", "_shift", "_text", "foreign", "root", "size")

    def __init__(self, text: str, shift: int, budget: _Budget) -> None:
        self._text = text
        self._shift = shift
        self._budget = budget
        self.size = 0
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int, int] | None] = {}
        self.root: Node | None = None
        self.foreign = False

    def scalar(self, event: yaml.ScalarEvent) -> None:
        start, end = self.place(event)
        if event.anchor is not None or event.tag is not None:
            start = self._behind_properties(event, start, end)
        if event.style in ("|", ">"):
            end = self._trimmed(event.value, start, end)
        elif start == end:
            start = end = self._empty(start)
        node = Scalar(start, end, event.value, event.implicit[0] and event.tag is None, event.tag or "")
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, 1, 1)
        self._add(node, 1, 1)

    def alias(self, event: yaml.AliasEvent) -> None:
        start, end = self.place(event)
        name = event.anchor or ""
        if name not in self._anchors:
            raise _RefusedError(
                start, "unknown anchor referenced"
            )  # not named: it may be a password that begins with *
        found = self._anchors[name]
        if found is None:
            raise _RefusedError(start, f"anchor '{name[:40]}' value contains itself")
        target, size, height = found
        self._add(Alias(start, end, target), size, height)

    def open(self, event: yaml.CollectionStartEvent) -> None:
        start, _ = self.place(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        if event.anchor is not None or event.tag is not None:
            start = self._behind_properties(event, start, len(self._text))
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        self._open.append(_Open(start, event.anchor, bool(event.flow_style), is_mapping))
        self._check_depth(len(self._open), start)

    def close(self, event: yaml.CollectionEndEvent) -> None:
        top = self._open.pop()
        children = top.children
        _, end = self.place(event)
        if not top.flow:
            # libyaml ends a block where the next token starts, which may be many comments later.
            end = children[-1].end if children else top.start
        node: Node = Sequence(top.start, end, children, top.flow)
        if top.is_mapping:
            node = Mapping(top.start, end, list(zip(children[::2], children[1::2], strict=True)), top.flow)
        if top.anchor is not None:
            self._anchors[top.anchor] = (node, top.size, top.height)
        self._add(node, top.size, top.height)

    def place(self, event: yaml.Event) -> tuple[int, int]:
        start, end = event.start_mark, event.end_mark
        return (start.index if start else 0) + self._shift, (end.index if end else 0) + self._shift

    def _add(self, node: Node, size: int, height: int) -> None:
        if not self._open:
            self.root = node
            self.size = size
            return
        top = self._open[-1]
        top.children.append(node)
        top.size += size
        top.height = max(top.height, height + 1)
        if top.size > self._budget.nodes:
            raise _RefusedError(node.start, "too many aliases" if self._anchors else "too many nodes", "yaml_nodes")
        self._check_depth(len(self._open) + height, node.start)

    def _check_depth(self, depth: int, offset: int) -> None:
        if depth > self._budget.limits.depth:
            raise _RefusedError(offset, f"more than {self._budget.limits.depth:,} levels of nesting", "yaml_depth")

    def _behind_properties(self, event: yaml.NodeEvent, start: int, end: int) -> int:
        tag = getattr(event, "tag", None)
        self.foreign |= tag is not None and tag not in _KNOWN_TAGS
        for given in (event.anchor, tag):
            found = _PROPERTY.match(self._text, start, end) if given is not None else None
            start = found.end() if found else start
        return start

    def _trimmed(self, value: str, start: int, end: int) -> int:
        """The end of a block scalar without the line break after it, nor blank lines that are not part of it."""
        written = self._text[start:end]
        if _KEEPS_BREAKS.match(written):
            return start + len(written.removesuffix("\n").removesuffix("\r"))
        ends_blank = value.rstrip("\n").endswith((" ", "\t"))
        return start + len(written.rstrip("\r\n" if ends_blank else " \t\r\n"))

    def _empty(self, start: int) -> int:
        """The place of a value that is not written: libyaml puts that of ``? key`` before the next token."""
        top = self._open[-1] if self._open else None
        if top and top.is_mapping and len(top.children) % 2:
            key = top.children[-1].end
            return key if "\n" in self._text[key:start] else start
        return start
