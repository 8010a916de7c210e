"""Helm charts and the CRDs that they bring.

Read from public charts; each row shows one commit of its chart, often a
development head, so what rests on it is expected, never proven: a rendered
chart beats it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache, lru_cache

from bot.knowledge.gate import Condition, Gate, Known, Presence, presence, switched
from bot.knowledge.shipped import shipped
from bot.model.cluster import Confidence
from bot.model.field import Body, Value, at, flag, items, mapping, mappings, strings, text
from bot.model.ref import GroupKind, group_of, version_of

__all__ = [
    "BroughtCrd",
    "ChartKnowledge",
    "Consumed",
    "Mechanism",
    "Presence",
    "all_kinds",
    "bringers",
    "brought",
    "look_up",
    "told_by",
]

# Flags with which most charts switch their CRDs off; asked where nobody read the chart's own.
USUAL_FLAGS = ("crds.enabled", "crds.install", "crds.create", "installCRDs")


class Mechanism(StrEnum):
    """By which way a chart brings a CRD.

    Flux obeys ``spec.install.crds`` for CRDS_DIR only. CONTROLLER CRDs appear
    after a pod or Job of the chart has run, so no render shows them. OTHER
    ones come with files that lie beside the chart.
    """

    CRDS_DIR = "crds-dir"
    TEMPLATES = "templates"
    CONTROLLER = "controller"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class BroughtCrd:
    """A CRD of a chart. ``versions`` are the served ones, None where nobody read them.

    ``switches`` are the chart's values on which it depends, as dotted paths.
    """

    what: GroupKind
    versions: tuple[str, ...] | None
    mechanism: Mechanism
    present: Presence
    switches: frozenset[str] = field(default=frozenset(), compare=False)


@dataclass(frozen=True, slots=True)
class Consumed:
    """A custom resource that a chart renders by default: it needs this kind."""

    what: GroupKind
    version: str


@dataclass(frozen=True, slots=True)
class ChartKnowledge:
    """What is known of a chart. Known and without ``crds``: it brings none."""

    id: str
    crds: tuple[BroughtCrd, ...]
    confidence: Confidence
    known: bool
    consumes: tuple[Consumed, ...] = ()
    source: str = ""


UNKNOWN_CHART = ChartKnowledge("", (), Confidence.GUESS, known=False)


def look_up(name: str, url: str) -> ChartKnowledge:
    """What the chart brings with its default values.

    ``name`` is the chart's name; ``url`` its repository, or the whole OCI URL;
    empty if unknown, which makes the match of a name that several projects use a guess.
    """
    return brought(name, url, {}, unknown=False, skip_crds=False)


def brought(name: str, url: str, values: Body, *, unknown: bool, skip_crds: bool) -> ChartKnowledge:
    """What the chart brings with these values.

    ``unknown``: there are values that the repository does not show.
    ``skip_crds``: Flux was told to skip the ``crds/`` directory.
    """
    row = _row(name, url)
    if row is None:
        return UNKNOWN_CHART
    found = told_by(row, Known(values, unknown), skip_crds=skip_crds)
    return replace(found, confidence=Confidence.GUESS if _is_weak(row, url) else Confidence.LIKELY)


def row_id(name: str, url: str) -> str:
    """The id of the row that is known of a chart, empty where none is or it may be another one's."""
    row = _row(name, url)
    return "" if row is None or _is_weak(row, url) else text(row, "id")


def told_by(row: Body, known: Known, *, skip_crds: bool = False) -> ChartKnowledge:
    """What one row says of its chart with these values."""
    return ChartKnowledge(
        id=text(row, "id") or text(row, "name"),
        crds=tuple(crd for some in mappings(row, "crds") for crd in _of_set(some, row, known, skip_crds=skip_crds)),
        confidence=Confidence.LIKELY,
        known=True,
        consumes=tuple(_consumed(words) for words in strings(row, "consumes")),
        source=text(row, "source"),
    )


@cache
def bringers(what: GroupKind) -> tuple[str, ...]:
    """The charts that may bring a kind, the commonest first."""
    return tuple(text(row, "id") for row in sorted(_bringing(what), key=lambda row: -_uses(row)))


def bringer_names(what: GroupKind) -> tuple[str, ...]:
    """The names under which charts that may bring a kind are published, sorted."""
    return tuple(sorted({name for row in _bringing(what) for name in strings(row, "names")}))


def _bringing(what: GroupKind) -> Iterator[Body]:
    return (row for row in _rows() if any(what.kind in _kinds_of(some, what.group) for some in mappings(row, "crds")))


def all_kinds() -> Iterator[tuple[GroupKind, str, str]]:
    """Every kind of the catalogue with its plural and its scope (``N``, ``C``, or empty if unread)."""
    for row in _rows():
        for some in mappings(row, "crds"):
            for group, rows in mapping(some, "kinds").items():
                for index in range(len(items(rows))):
                    yield GroupKind(group, text(rows, index, 0)), text(rows, index, 1), text(rows, index, 2)


def _rows() -> Iterator[Body]:
    return mappings(shipped("charts"), "charts")


def _uses(row: Body) -> int:
    return int(text(row, "uses") or 0)


@cache
def _by_name() -> dict[str, tuple[Body, ...]]:
    found: dict[str, list[Body]] = {}
    for row in _rows():
        for name in strings(row, "names"):
            found.setdefault(name, []).append(row)
    for row in mappings(shipped("charts"), "bare"):
        found.setdefault(text(row, "name"), []).append(row)
    return {name: tuple(rows) for name, rows in found.items()}


@lru_cache(maxsize=4096)
def _row(name: str, url: str) -> Body | None:
    """The row that fits best: one that names this URL, then one whose URL rule speaks of it, then a checked one."""
    rows = _by_name().get(_last(name), ()) or (_by_name().get(_last(url), ()) if url.startswith("oci://") else ())
    fitting = [row for row in rows if _fits(row, url.lower())]
    return max(fitting, key=lambda row: _rank(row, url), default=None)


def _last(path: str) -> str:
    """The last element of a path or URL."""
    return path.rstrip("/").rpartition("/")[2]


def _fits(row: Body, url: str) -> bool:
    if not _is_url(url):
        return True
    only, never = strings(row, "only"), strings(row, "never")
    return (not only or any(part in url for part in only)) and not any(part in url for part in never)


def _rank(row: Body, url: str) -> tuple[bool, bool, bool, int]:
    only = bool(strings(row, "only"))
    listed = url.rstrip("/") in {known.rstrip("/") for known in strings(row, "urls")}
    return listed, only if _is_url(url) else not only, text(row, "checked") != "unverified", _uses(row)


def _is_url(url: str) -> bool:
    """Whether the URL says anything: it is there and its first part is not put in later."""
    return bool(url) and not url.startswith("${")


def _is_weak(row: Body, url: str) -> bool:
    """Whether a row may be another chart's: nobody checked it, or only the URL, which is not known, could tell."""
    return text(row, "checked") == "unverified" or (not _is_url(url) and bool(strings(row, "only")))


def _of_set(some: Body, row: Body, known: Known, *, skip_crds: bool) -> Iterator[BroughtCrd]:
    gate = _gate(some, row)
    mechanism, present = _way(some, gate, known)
    switches = frozenset(condition.path for entry in gate.entries for condition in entry)
    if skip_crds and mechanism is Mechanism.CRDS_DIR and present is not Presence.NO:
        present = Presence.UNKNOWN if flag(some, "job") else Presence.NO
    for group, rows in mapping(some, "kinds").items():
        for index in range(len(items(rows))):
            served = at(rows, index, 3)
            versions = tuple(served.split()) if isinstance(served, str) else None
            yield BroughtCrd(GroupKind(group, text(rows, index, 0)), versions, mechanism, present, switches)


def _way(some: Body, gate: Gate, known: Known) -> tuple[Mechanism, Presence]:
    """The mechanism that these values choose, and whether it brings the CRDs."""
    mechanism, present = Mechanism(text(some, "mechanism")), presence(gate, known)
    instead = mapping(some, "alternative")
    if present is Presence.YES or not instead:
        return mechanism, present
    other = switched(gate, tuple(_condition(each) for each in items(instead, "gate")), known)
    if other is Presence.YES or present is Presence.NO:
        return Mechanism(text(instead, "mechanism")), other
    return mechanism, present


def _gate(some: Body, row: Body) -> Gate:
    default = at(some, "default") is not False
    entries = tuple(tuple(_condition(each) for each in items(entry)) for entry in items(some, "gate"))
    if default and not entries and text(row, "checked") in ("listing", "unverified"):
        entries = tuple((Condition(path, equals=True, default=True, sure=False),) for path in USUAL_FLAGS)
    return Gate(default, entries)


def _condition(value: Value) -> Condition:
    if len(items(value)) == 1:
        return Condition(text(value, 0), None, None, read=False)
    return Condition(text(value, 0), at(value, 1), at(value, 2))


def _kinds_of(some: Body, group: str) -> set[str]:
    rows = items(some, "kinds", group)
    return {text(row, 0) for row in rows}


def _consumed(words: str) -> Consumed:
    api_version, _, kind = words.partition(" ")
    return Consumed(GroupKind(group_of(api_version), kind), version_of(api_version))
