"""What is published on GitHub, as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How GitHub shows an annotation."""

    FAILURE = "failure"
    WARNING = "warning"
    NOTICE = "notice"


class Ending(StrEnum):
    """How a check run ends. ``neutral`` and ``skipped`` are missing on purpose: they satisfy a required check."""

    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class Annotation:
    """A remark beside lines of a file; plain text."""

    path: str
    line: int
    end_line: int
    level: Level
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Line:
    """A comment that is to stand on lines of the diff, both ends included. ``body`` is Markdown."""

    path: str
    start: int
    end: int
    body: str


@dataclass(frozen=True, slots=True)
class Mended:
    """Fixes put together as one change. ``titles`` say what each does, as plain text, with its finding's id.

    ``files`` are the contents of all that it writes, by path, None for what it
    deletes; ``patch`` is the same as a unified diff. ``rest`` is Markdown about
    what was meant and is not part of it.
    """

    titles: tuple[str, ...]
    files: tuple[tuple[str, bytes | None], ...]
    patch: str
    rest: str


@dataclass(frozen=True, slots=True)
class Remark:
    """What is worth a comment on a line; where none can stand, ``annotation`` says it.

    ``keys`` are the fingerprints of the findings that it tells, by any of which
    the comment is found again; ``body`` is Markdown. ``places`` are the lines
    on which it makes sense, path with first and last line, the best first.
    ``is_elsewhere``: its own place lies in another repository, so it cannot be annotated.
    ``suggested`` is the comment as it is where it can stand on the very lines
    that its fix replaces, for GitHub to offer that.
    """

    keys: tuple[str, ...]
    body: str
    annotation: Annotation
    is_elsewhere: bool = False
    places: tuple[tuple[str, int, int], ...] = ()
    suggested: Line | None = None


def beside(remarks: Iterable[Remark]) -> tuple[Annotation, ...]:
    """What is annotated in place of remarks that cannot be comments."""
    return tuple(one.annotation for one in remarks if not one.is_elsewhere)


@dataclass(frozen=True, slots=True)
class Reads:
    """The repositories that the sources of one lead to, plain as ``flux.address`` has them.

    ``is_all``: every source could be looked at. Where one could not, what was known before still holds.
    """

    addresses: tuple[str, ...] = ()
    is_all: bool = True


@dataclass(frozen=True, slots=True)
class Publication:
    """All that a check run and what goes with it say. ``comment`` is empty where nothing needs one.

    ``standing`` are the fingerprints of all that is said, in whatever place.
    ``digest`` is the same for two that say the same of two commits.
    ``reads`` are the other repositories that its sources lead to.
    ``is_fixable``: some of it has a fix that can be applied at once.
    ``is_irrelevant``: the change reaches no cluster, and there is nothing to say.
    ``rules`` are those that speak, each with the severity, once for each finding.
    ``page`` is the data of its page, packed, or empty; ``details_url`` the link to it.
    """

    ending: Ending
    title: str
    summary: str
    annotations: tuple[Annotation, ...] = ()
    comment: str = ""
    remarks: tuple[Remark, ...] = ()
    standing: frozenset[str] = frozenset()
    digest: str = ""
    is_fixable: bool = False
    is_irrelevant: bool = False
    reads: Reads = Reads()
    rules: tuple[tuple[str, str], ...] = ()
    page: bytes = b""
    details_url: str = ""


@dataclass(frozen=True, slots=True)
class Acceptable:
    """A finding that may be accepted, and the Markdown that tells how to do so for good."""

    fingerprint: str
    text: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What a check run judges: a commit, as the head of a pull request or of a merge queue's group.

    ``branch`` is where it is to be merged, where that is known.
    """

    head: str
    key: str
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A check run of ours; ``annotated`` is how many annotations it has already, ``digest`` that of what it says."""

    id: int
    key: str
    is_completed: bool
    annotated: int
    digest: str = ""
