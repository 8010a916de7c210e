"""Where the boxes of one cluster stand in a drawing that nobody can move: a column for each wave, few crossings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from bot.model.ref import Ref
from bot.view.view import ClusterView, TieKind

MOST_ROWS: Final = 30
"""Boxes in a column; a wave that has more gets further columns."""
_SWEEPS: Final = 6


@dataclass(frozen=True, slots=True)
class Arrangement:
    """``spots`` are column and row of each box, ``waves`` by layer its first column and how many it has."""

    spots: Mapping[Ref, tuple[int, int]]
    waves: tuple[tuple[int, int], ...]
    rows: int


def arranged(cluster: ClusterView) -> Arrangement:
    """The boxes as they are after the change, and those that it removes."""
    layers: list[list[Ref]] = []
    for box in cluster.boxes:
        state = box.after or box.before
        if state:
            layers += [[] for _ in range(state.layer + 1 - len(layers))]
            layers[state.layer].append(box.ref)
    _uncross(layers, _neighbours(cluster))
    spots: dict[Ref, tuple[int, int]] = {}
    waves: list[tuple[int, int]] = []
    column = 0
    for layer in layers:
        across = max(1, ceil(len(layer) / MOST_ROWS))
        spots |= {ref: (column + at % across, at // across) for at, ref in enumerate(layer)}
        waves.append((column, across))
        column += across
    return Arrangement(spots, tuple(waves), 1 + max((row for _, row in spots.values()), default=-1))


def _neighbours(cluster: ClusterView) -> dict[Ref, list[Ref]]:
    near: dict[Ref, list[Ref]] = {}
    for tie in cluster.ties:
        if tie.kind in (TieKind.DEPENDS_ON, TieKind.MISSING):
            near.setdefault(tie.tail, []).append(tie.head)
            near.setdefault(tie.head, []).append(tie.tail)
    return near


def _uncross(layers: list[list[Ref]], near: Mapping[Ref, Sequence[Ref]]) -> None:
    """Put each box about as far down in its wave as those that it is tied to are in theirs."""
    height = {ref: (at + 0.5) / len(layer) for layer in layers for at, ref in enumerate(layer)}

    def wanted(ref: Ref) -> float:
        known = [height[other] for other in near.get(ref, ()) if other in height]
        return sum(known) / len(known) if known else height[ref]

    for sweep in range(_SWEEPS):
        for layer in reversed(layers) if sweep % 2 else layers:
            layer.sort(key=wanted)  # stable, so the same view is always arranged the same
            height |= {ref: (at + 0.5) / len(layer) for at, ref in enumerate(layer)}
