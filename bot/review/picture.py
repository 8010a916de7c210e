"""A cluster's order as a drawing: who waits for whom, who creates whom, and which order is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.model.ref import Ref
from bot.review.drawing import Drawing, DrawnEdge, DrawnNode, Style
from bot.simulate.case import Case
from bot.simulate.play import Play


def picture(cases: Mapping[str, Case], around: frozenset[Ref] | None = None) -> Drawing:
    """The Kustomizations of all clusters; with ``around`` only these and what they touch directly."""
    nodes: list[DrawnNode] = []
    edges: list[DrawnEdge] = []
    for root, case in cases.items():
        found = tuple(_edges(root, case))
        shown = _shown(root, case, found, around)
        nodes += (_node(root, case.fresh, ref) for ref in sorted(shown))
        ids = {_id(root, ref) for ref in shown}
        edges += (edge for edge in found if edge.tail in ids and edge.head in ids)
    return Drawing(tuple(nodes), tuple(edges))


def state(play: Play, ref: Ref) -> str:
    """``ready``, ``late`` or ``stuck``."""
    if play.is_stuck(ref):
        return "stuck"
    return "late" if play.is_late(ref) else "ready"


def _shown(root: str, case: Case, edges: tuple[DrawnEdge, ...], around: frozenset[Ref] | None) -> set[Ref]:
    everything = set(case.cluster.nodes)
    if around is None:
        return everything
    ids = {_id(root, ref) for ref in around}
    touched = {end for edge in edges if edge.tail in ids or edge.head in ids for end in (edge.tail, edge.head)}
    return {ref for ref in everything if ref in around or _id(root, ref) in touched}


def _node(root: str, play: Play, ref: Ref) -> DrawnNode:
    return DrawnNode(_id(root, ref), f"{ref.namespace}/{ref.name}", ref.kind, state(play, ref), root)


def _edges(root: str, case: Case) -> Iterator[DrawnEdge]:
    drawn: set[tuple[str, str]] = set()
    for ref, node in case.cluster.nodes.items():
        for entry in node.kustomization.depends_on:
            if entry.ref in case.cluster.nodes:
                drawn.add((_id(root, ref), _id(root, entry.ref)))
                yield DrawnEdge(_id(root, ref), _id(root, entry.ref), "dependsOn", Style.SOLID)
        for parent in node.parents:
            drawn.add((_id(root, ref), _id(root, parent)))
            yield DrawnEdge(_id(root, ref), _id(root, parent), "created by", Style.DASHED)
    for opening in case.openings:
        ends = (_id(root, opening.dependent), _id(root, opening.owner))
        if opening.dependent != opening.owner and ends not in drawn:
            drawn.add(ends)
            yield DrawnEdge(*ends, f"needs {opening.need.fact.what}", Style.MISSING)


def _id(root: str, ref: Ref) -> str:
    return f"{root}|{ref}"
