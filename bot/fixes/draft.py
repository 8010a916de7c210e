"""What a fix would change, before it is proven."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.fix import Amendment, FixKind, Safety
from bot.model.ref import Ref


@dataclass(frozen=True, slots=True)
class Unfixable:
    """Why there is no fix, as a clause; empty where nobody expects one."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class NewEdge:
    """A ``dependsOn`` entry to be added: ``tail`` waits for ``head``."""

    tail: Ref
    head: Ref
    amendments: tuple[Amendment, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A fix that is not proven. ``edges`` may fall away where others of the same change imply them.

    ``amendments`` are all other changes; ``cost`` is a sentence, ``steps`` are
    those of a staged fix. ``instead`` are tried, in order, where the proof of
    this one fails. ``left`` names what a move does not carry over: it is told
    where the proof shows that it mattered.
    """

    title: str
    kind: FixKind
    amendments: tuple[Amendment, ...] = ()
    edges: tuple[NewEdge, ...] = ()
    cost: str = ""
    safety: Safety = Safety.SAFE
    steps: tuple[str, ...] = ()
    instead: tuple[Draft, ...] = ()
    left: tuple[str, ...] = ()
