"""Values as YAML text, in the style of the text around them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.manifest.outline import Alias, Mapping, Node, Scalar, Sequence, outlines
from bot.manifest.scalars import plain
from bot.model.field import Body, Value

_PLAIN = re.compile(r"[\w./][\w ./@+:=~-]*", re.ASCII)
_SPECIAL = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"])
"""Words that some reader of YAML takes for a boolean or for nothing."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a document is written: ``step`` columns from a key to a mapping below it, ``dash`` to a list below it.

    ``quote`` is what strings stand in, empty where they are plain; ``spaced``
    is ``{ a: b }`` instead of ``{a: b}``, ``json`` quotes keys too.
    """

    step: int = 2
    dash: int = 2
    quote: str = ""
    spaced: bool = False
    json: bool = False


def column(text: str, offset: int) -> int:
    """How many characters stand before an offset on its line."""
    return offset - (text.rfind("\n", 0, offset) + 1)


def style_of(text: str, root: Node | None) -> Style:
    """The style of a document, from the first place that shows each part of it."""
    step = dash = None
    spaced = any(isinstance(node, Mapping) and node.flow and text[node.start + 1].isspace() for node in _nodes(root))
    for node in _nodes(root):
        if not isinstance(node, Mapping) or node.flow:
            continue
        for key, value in node.entries:
            here = column(text, key.start)
            if isinstance(value, Mapping) and not value.flow and step is None:
                step = column(text, value.start) - here
            if isinstance(value, Sequence) and not value.flow and dash is None:
                dash = column(text, value.start) - here
    step = step if step and step > 0 else 2
    return Style(step, dash if dash is not None and dash >= 0 else step, spaced=spaced)


def _nodes(root: Node | None) -> Iterator[Node]:
    pending = [root] if root else []
    while pending:
        node = pending.pop()
        yield node
        match node:
            case Mapping():
                pending += [value for _, value in reversed(node.entries)]
            case Sequence():
                pending += reversed(node.items)
            case Scalar() | Alias():
                continue


def quote_of(text: str, node: Node) -> str:
    """The quotes of the last string below a node; empty where it is plain or there is none."""
    found = ""
    for one in _nodes(node):
        if isinstance(one, Scalar) and isinstance(one.text, str):
            mark = text[one.start : one.start + 1]
            found = mark if mark in ("'", '"') else ""
    return found


def scalar(value: Value, style: Style, *, inside: bool = False) -> str:
    """A scalar on one line; ``inside`` is in a collection in flow style, where more characters mean something."""
    if not isinstance(value, str):
        return json.dumps(value)
    if style.json or style.quote == '"':
        return json.dumps(value, ensure_ascii=False)
    if style.quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return value if _is_plain(value, inside=inside) else json.dumps(value, ensure_ascii=False)


def _is_plain(value: str, *, inside: bool) -> bool:
    """Whether a string may stand without quotes: whatever reads it takes it for that string."""
    if not value or not value.isprintable() or plain(value) != value or value.lower() in _SPECIAL:
        return False
    if _PLAIN.fullmatch(value) and not value.endswith((" ", ":")) and ": " not in value:
        return True
    if inside or value[0] in "-?":
        return False
    [found, *more] = outlines(f"key: {value}\n")
    entries = found.root.entries if isinstance(found.root, Mapping) else []
    node = entries[0][1] if len(entries) == 1 else None
    return not more and isinstance(node, Scalar) and node.plain and node.text == value


def block(value: Value, style: Style) -> list[str]:
    """A value in block style, as lines that begin at its own column."""
    if isinstance(value, dict) and value:
        return [line for key, inner in value.items() for line in entry(key, inner, style)]
    if isinstance(value, list) and value:
        return [line for item in value for line in _item(item, style)]
    return [flow(value, style) if isinstance(value, dict | list) else scalar(value, style)]


def entry(key: str, value: Value, style: Style) -> list[str]:
    """A key and its value in block style, as lines that begin at the key's column."""
    name = scalar(key, Style())
    if isinstance(value, dict | list) and value:
        pad = " " * (style.step if isinstance(value, dict) else style.dash)
        return [f"{name}:", *(pad + line for line in block(value, style))]
    if isinstance(value, str) and _is_literal(value):
        pad = " " * style.step
        lines = value.removesuffix("\n").split("\n")
        return [f"{name}: |{'' if value.endswith(chr(10)) else '-'}", *(pad + line if line else "" for line in lines)]
    return [f"{name}: {flow(value, style) if isinstance(value, dict | list) else scalar(value, style)}"]


def _is_literal(value: str) -> bool:
    """Whether a text of several lines may stand as it is: readable, and no blanks at its edges that would be lost."""
    lines = value.split("\n")
    inside = value.removesuffix("\n")
    return len(lines) > 1 and all(line.isprintable() for line in lines) and inside == inside.strip()


def _item(value: Value, style: Style) -> list[str]:
    lines = block(value, style)
    return [f"- {lines[0]}", *("  " + line for line in lines[1:])]


def flow(value: Value, style: Style) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        inner = ", ".join(pair(key, item, style) for key, item in value.items())
        return f"{{ {inner} }}" if style.spaced and inner else f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(flow(item, style) for item in value)}]"
    return scalar(value, style, inside=True)


def pair(key: str, value: Value, style: Style) -> str:
    """A key and its value on one line."""
    return f"{json.dumps(key) if style.json else scalar(key, Style())}: {flow(value, style)}"


def document(body: Body, style: Style) -> str:
    """A whole document in block style, without a separator."""
    return "\n".join(block(body, style)) + "\n"
