"""A drawing as Mermaid, DOT or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import groupby
from typing import Final, assert_never

from bot.model.field import Value
from bot.report.escape import dot, json_text, mermaid
from bot.review.drawing import Drawing, DrawnEdge, DrawnNode, Style

COLOURS: Final[Mapping[str, str]] = {"ready": "#1a7f37", "late": "#9a6700", "stuck": "#d1242f"}
_MISSING: Final = COLOURS["stuck"]
_SHAPES: Final[Mapping[str, tuple[str, str]]] = {"late": ("([", "])"), "stuck": ("{{", "}}"), "gone": ("[/", "/]")}
"""What a box looks like that is not ready, so that nobody has to tell colours apart."""

_FATES: Final[Mapping[str, str]] = {"late": "late", "stuck": "never ready", "gone": "removed"}
_ARROWS: Final[Mapping[Style, str]] = {Style.SOLID: "-->", Style.ADDED: "==>", Style.REMOVED: "-.-x"}
_MARKS: Final[Mapping[Style, str]] = {Style.MISSING: "missing, ", Style.ADDED: "new, ", Style.REMOVED: "removed, "}


class GraphFormat(StrEnum):
    """What ``fluxbot graph --format`` takes."""

    MERMAID = "mermaid"
    DOT = "dot"
    JSON = "json"


def render_graph(drawing: Drawing, format: GraphFormat) -> str:  # noqa: A002 - named as the option that the user gives
    """The drawing in that format, ending in a newline; the same drawing always gives the same text."""
    match format:
        case GraphFormat.MERMAID:
            return "\n".join(_mermaid(drawing)) + "\n"
        case GraphFormat.DOT:
            return "\n".join(_dot(drawing)) + "\n"
        case GraphFormat.JSON:
            return _json(drawing)
        case _:
            assert_never(format)


def _mermaid(drawing: Drawing) -> Iterator[str]:
    ids = _ids(drawing)
    yield "flowchart LR"
    for number, (cluster, nodes) in enumerate(_by_cluster(drawing.nodes)):
        yield f'  subgraph c{number}["{mermaid(cluster or ".")}"]'
        yield from (f"    {ids[node.id]}{_box(node)}" for node in nodes)
        yield "  end"
    yield from (_mermaid_edge(edge, ids) for edge in drawing.edges)
    for state, colour in COLOURS.items():
        members = ",".join(ids[node.id] for node in drawing.nodes if node.state == state)
        if members:
            yield f"  classDef {state} stroke:{colour},stroke-width:2px"
            yield f"  class {members} {state}"
    missing = ",".join(str(n) for n, edge in enumerate(drawing.edges) if edge.style is Style.MISSING)
    if missing:
        yield f"  linkStyle {missing} stroke:{_MISSING},stroke-width:2px"


def _box(node: DrawnNode) -> str:
    opening, closing = _SHAPES.get(node.state, ("[", "]"))
    return f'{opening}"{_label(node)}"{closing}'


def _label(node: DrawnNode) -> str:
    return "<br/>".join(mermaid(part) for part in (node.kind, node.label, _FATES.get(node.state, "")) if part)


def _mermaid_edge(edge: DrawnEdge, ids: Mapping[str, str]) -> str:
    arrow = _ARROWS.get(edge.style, "-.->")
    told = (_MARKS.get(edge.style, "") + edge.why.strip()).removesuffix(", ")
    why = f'|"{mermaid(told)}"|' if told else ""
    return f"  {ids[edge.tail]} {arrow}{why} {ids[edge.head]}"


def _dot(drawing: Drawing) -> Iterator[str]:
    ids = _ids(drawing)
    yield "digraph fluxbot {"
    yield "  rankdir=LR;"
    yield "  node [shape=box];"
    for number, (cluster, nodes) in enumerate(_by_cluster(drawing.nodes)):
        yield f"  subgraph cluster_{number} {{"
        yield f"    label={dot(cluster or '.')};"
        yield from (f"    {_dot_node(node, ids)}" for node in nodes)
        yield "  }"
    yield from (f"  {_dot_edge(edge, ids)}" for edge in drawing.edges)
    yield "}"


def _dot_node(node: DrawnNode, ids: Mapping[str, str]) -> str:
    colour = f', color="{COLOURS[node.state]}"' if node.state in COLOURS else ""
    return f"{ids[node.id]} [label={dot(f'{node.kind} {node.label}')}{colour}];"


def _dot_edge(edge: DrawnEdge, ids: Mapping[str, str]) -> str:
    style = "solid" if edge.style is Style.SOLID else "dashed"
    colour = f', color="{_MISSING}"' if edge.style is Style.MISSING else ""
    return f"{ids[edge.tail]} -> {ids[edge.head]} [label={dot(edge.why)}, style={style}{colour}];"


def _json(drawing: Drawing) -> str:
    nodes: list[Value] = [
        {"id": n.id, "label": n.label, "kind": n.kind, "state": n.state, "cluster": n.cluster} for n in drawing.nodes
    ]
    edges: list[Value] = [{"tail": e.tail, "head": e.head, "why": e.why, "style": e.style.value} for e in drawing.edges]
    return json_text({"nodes": nodes, "edges": edges})


def _ids(drawing: Drawing) -> Mapping[str, str]:
    """``n0``, ``n1``, … in the order of the drawing: a node's own id may hold anything."""
    return {node.id: f"n{number}" for number, node in enumerate(drawing.nodes)}


def _by_cluster(nodes: Iterable[DrawnNode]) -> Iterator[tuple[str, list[DrawnNode]]]:
    ordered = sorted(nodes, key=lambda node: node.cluster)
    for cluster, some in groupby(ordered, key=lambda node: node.cluster):
        yield cluster, list(some)
