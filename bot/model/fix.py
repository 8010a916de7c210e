"""A way out of a finding: what is changed, and what the proof of it saw."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from bot.model.field import FieldPath, Value
from bot.model.ref import Ref


class FixKind(StrEnum):
    ADD_DEPENDS_ON = "add-depends-on"
    WAIT_FOR = "wait-for"
    SPLIT = "split"
    EDIT = "edit"
    REMOVE = "remove"


class Safety(StrEnum):
    """Safe fixes can be applied at once, staged ones only in steps; an unsafe one is told and no more."""

    SAFE = "safe"
    STAGED = "staged"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Spot:
    """A mapping in a file: the document by its number in the stream, and the way to it (``("items", 3)`` of a list).

    ``inner`` leads on, inside a text that is YAML itself: an inline patch at
    ``within`` whose own mapping is meant.
    """

    path: str
    document: int
    within: FieldPath = ()
    inner: FieldPath | None = None


@dataclass(frozen=True, slots=True)
class Append:
    """``value`` comes into the list at ``field``, unless it is in it already; the list may be absent.

    It stands at the end, or in its place where the list is sorted. ``order`` is
    how the repository orders the keys of such a mapping, for a key that has to
    be added.
    """

    spot: Spot
    field: FieldPath
    value: Value
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Put:
    """The value at ``field`` becomes ``value``; it is added where it is absent. ``order`` as for Append."""

    spot: Spot
    field: FieldPath
    value: Value
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drop:
    """The key at ``field`` goes; with ``item`` only the first item of that value of the list there.

    A list that becomes empty goes with its key.
    """

    spot: Spot
    field: FieldPath
    item: Value = None


@dataclass(frozen=True, slots=True)
class Cut:
    """A document goes out of its file; with ``text`` only if it is that one."""

    path: str
    document: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Attach:
    """A document, without a separator, comes behind one of a file, unless the file has it already."""

    path: str
    document: int
    text: str


@dataclass(frozen=True, slots=True)
class Create:
    """A file is added. It is an error if the path exists with another content."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Delete:
    """A file goes."""

    path: str


Amendment: TypeAlias = Append | Put | Drop | Cut | Attach | Create | Delete


@dataclass(frozen=True, slots=True)
class Proof:
    """What was seen when the fix was applied to a copy, built and played again.

    ``resolves`` are the ids of the findings that were gone, ``brings`` of those
    that came, ``deletes`` what Flux would delete on the running cluster that
    it does not delete without the fix.
    """

    resolves: tuple[str, ...]
    brings: tuple[str, ...] = ()
    acyclic: bool = True
    deletes: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The same change as GitHub takes it: these lines of one file, both counted, become ``text`` (ends in a break)."""

    path: str
    line: int
    end_line: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that was proven. ``patch`` is a unified diff of its own; ``cost`` what it costs, in a sentence.

    ``amendments`` are what it consists of, so that several can be put
    together. ``steps`` are those of a staged fix, in order. ``suggestion`` is
    set where the change touches one place of one file.
    """

    title: str
    kind: FixKind
    safety: Safety
    edges: tuple[tuple[Ref, Ref], ...]
    patch: str
    proof: Proof
    amendments: tuple[Amendment, ...] = ()
    cost: str = ""
    steps: tuple[str, ...] = ()
    suggestion: Suggestion | None = None
