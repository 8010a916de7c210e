"""The part of a cluster's order that a change touches, as a drawing: what is added, removed and missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.model.ref import Ref
from bot.review.drawing import Drawing, DrawnEdge, DrawnNode, Style
from bot.review.picture import picture
from bot.simulate.case import Case


def changed_part(cases: Mapping[str, Case], before: Mapping[str, Case], about: Iterable[Ref]) -> Drawing:
    """The edges that are new, gone or missing, those between ``about`` and its neighbours, and their ends."""
    now, old = picture(cases), picture(before)
    known = {_key(edge) for edge in old.edges if edge.style is not Style.MISSING}
    kept = {_key(edge) for edge in now.edges}
    edges = [
        replace(edge, style=Style.ADDED) if _key(edge) not in known and edge.style is not Style.MISSING else edge
        for edge in now.edges
    ]
    gone = [edge for edge in old.edges if edge.style is not Style.MISSING and _key(edge) not in kept]
    names = {str(ref) for ref in about}
    lacked = {_key(edge) for edge in old.edges if edge.style is Style.MISSING}
    shown = [edge for edge in edges if _is_news(edge, lacked) or _touches(edge, names)]
    shown += [replace(edge, style=Style.REMOVED) for edge in gone]
    ends = {end for edge in shown for end in (edge.tail, edge.head)}
    ends |= {node.id for node in now.nodes if node.id.partition("|")[2] in names}
    return Drawing(tuple(_nodes(now, old, ends)), tuple(shown))


def _key(edge: DrawnEdge) -> tuple[str, str, str]:
    return (edge.tail, edge.head, edge.why)


def _is_news(edge: DrawnEdge, lacked: set[tuple[str, str, str]]) -> bool:
    """Whether an edge is new, or missing and was not missing before."""
    return edge.style is Style.ADDED or (edge.style is Style.MISSING and _key(edge) not in lacked)


def _touches(edge: DrawnEdge, names: set[str]) -> bool:
    return any(end.partition("|")[2] in names for end in (edge.tail, edge.head))


def _nodes(now: Drawing, old: Drawing, ends: set[str]) -> Iterable[DrawnNode]:
    there = {node.id for node in now.nodes}
    yield from (node for node in now.nodes if node.id in ends)
    yield from (replace(node, state="gone") for node in old.nodes if node.id in ends - there)
