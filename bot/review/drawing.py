"""A picture of a cluster's order, as values; how it is drawn is the report's matter."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    """How sure an edge is: written in the repository, implied by it, or needed and absent.

    Of two trees: only in the one after the change, or only in the one before.
    """

    SOLID = "solid"
    DASHED = "dashed"
    MISSING = "missing"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """One box. ``id`` is unique in the drawing; ``state`` is ``ready``, ``late``, ``stuck`` or another word."""

    id: str
    label: str
    kind: str
    state: str
    cluster: str


@dataclass(frozen=True, slots=True)
class DrawnEdge:
    """``tail`` waits for ``head``, both ids of nodes; ``why`` is one short line or empty."""

    tail: str
    head: str
    why: str
    style: Style = Style.SOLID


@dataclass(frozen=True, slots=True)
class Drawing:
    """Nodes and edges, each in the order in which they are drawn."""

    nodes: tuple[DrawnNode, ...]
    edges: tuple[DrawnEdge, ...]

    def __post_init__(self) -> None:
        """Raise ValueError for two nodes of one id and for an edge whose end is not drawn."""
        known = {node.id for node in self.nodes}
        if len(known) < len(self.nodes):
            raise ValueError("two nodes of a drawing have the same id")
        if any(edge.tail not in known or edge.head not in known for edge in self.edges):
            raise ValueError("an edge of a drawing ends at a node that is not drawn")
