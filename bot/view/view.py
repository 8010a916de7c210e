"""What the review page shows of one review, as values: each cluster before and after, and how a fresh one starts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model.ref import Ref
from bot.model.review import Review
from bot.model.span import Span


class Change(StrEnum):
    """What a change does to something."""

    SAME = "same"
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class Outcome(StrEnum):
    """What a fresh start makes of a Kustomization.

    ``blocked`` is stuck, too, but only because of others.
    """

    READY = "ready"
    LATE = "late"
    STUCK = "stuck"
    BLOCKED = "blocked"


class TieKind(StrEnum):
    """Why one Kustomization comes after another. ``missing``: it should, and nothing says so."""

    DEPENDS_ON = "depends on"
    CREATED_BY = "created by"
    IMPLIED = "implied"
    MISSING = "missing"


class Role(StrEnum):
    """What an object of a Kustomization is for the order."""

    RELEASE = "release"
    DEFINITION = "definition"
    NAMESPACE = "namespace"
    CUSTOM = "custom"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence with names in backticks; ``message`` is what Flux prints, ``at`` where the reason is written."""

    text: str
    message: str = ""
    at: Span | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """An object that a Kustomization applies. ``note`` is its part in the order, ``fails`` whether it is refused."""

    ref: Ref
    role: Role
    at: Span
    change: Change
    note: str = ""
    fails: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """A Kustomization on one side.

    ``layer`` counts from 0: after whoever creates it and all that it depends
    on, whether these come up or not; where it comes up, that is its wave less
    one. ``why`` are the reasons of an outcome that is not ready, ``gate`` says
    when it counts as ready. Of its objects only those are ``things`` that
    matter for the order or are changed; ``others`` counts the rest.
    """

    layer: int
    outcome: Outcome
    at: Span
    path: str
    gate: str
    why: tuple[Told, ...]
    things: tuple[Thing, ...]
    others: int


@dataclass(frozen=True, slots=True)
class Box:
    """A Kustomization before and after; None where it is not there."""

    ref: Ref
    change: Change
    before: State | None
    after: State | None


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why ``tail`` waits on one side. ``weak``: it waits, and what it needs is still not sure to be there."""

    told: tuple[Told, ...]
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Tie:
    """``tail`` comes after ``head``."""

    tail: Ref
    head: Ref
    kind: TieKind
    before: Reasons | None
    after: Reasons | None


@dataclass(frozen=True, slots=True)
class ClusterView:
    """One cluster. ``waves`` is how many layers each side has: the length of its timeline; None where it is absent."""

    root: str
    flux: str | None
    boxes: tuple[Box, ...]
    ties: tuple[Tie, ...]
    waves_before: int | None
    waves_after: int | None


@dataclass(frozen=True, slots=True)
class View:
    """The whole page. ``concerned`` are, by fingerprint and cluster, the Kustomizations that a finding speaks of."""

    review: Review
    clusters: tuple[ClusterView, ...]
    concerned: tuple[tuple[str, str, tuple[Ref, ...]], ...]
    is_compared: bool
