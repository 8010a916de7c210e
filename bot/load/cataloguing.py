"""A row of the catalogue, made by rendering a chart: what it brings, under which values, and what it needs.

The chart is rendered as it is, and once with each of its switches flipped
alone. What needs two switches at once is not found, nor what pods or Jobs
make at run time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.flux.crd import defined_by
from bot.load.switches import Switch, switches
from bot.manifest.documents import read
from bot.model.ask import Conversation, Refused, Render, Rendered
from bot.model.field import Body, Value, text
from bot.model.ref import GroupKind
from bot.model.resource import identity
from bot.model.snapshot import Blob
from bot.simulate.fact import needs_kind

_MOST_SWITCHES = 1_000
_CRDS_DIR, _TEMPLATES = "crds-dir", "templates"


@dataclass(frozen=True, slots=True)
class Chart:
    """The files of a chart below its root. ``url`` is where it comes from, empty for one on this machine."""

    files: Mapping[str, Blob]
    url: str = ""


class _Crd(NamedTuple):
    """A CRD of one render: its line in a row, and by which way it comes."""

    told: tuple[str, str, str, str]
    mechanism: str


@dataclass
class _Kind:
    """What all renders together say of one kind."""

    crd: _Crd
    default: bool
    gate: list[Value] = field(default_factory=list)
    instead: list[Value] = field(default_factory=list)
    """The switches under which it comes by another way."""


def catalogued(chart: Chart) -> Conversation[Body | Refused]:
    """The row of a chart, in the form of ``knowledge/charts.json``; Refused where the chart cannot be rendered."""
    blob = chart.files.get("Chart.yaml")
    documents = read(blob.data).documents if blob and blob.data else ()
    if not documents or not text(documents[0].body, "name"):
        return Refused("it has no Chart.yaml with a name")
    flips = switches(chart.files)
    if len(flips) > _MOST_SWITCHES:
        return Refused(f"it has {len(flips):,} switches, and {_MOST_SWITCHES:,} are tried")
    plain = _render(chart, {})
    first = (yield (plain,))[plain.key]
    if not isinstance(first, Rendered):
        return first if isinstance(first, Refused) else Refused("it was not rendered")
    asks = {switch: _render(chart, switch.values) for switch in flips}
    answers = (yield tuple(asks.values())) if asks else {}
    rendered = {switch: answer for switch, ask in asks.items() if isinstance(answer := answers[ask.key], Rendered)}
    return _row(chart, documents[0].body, first, rendered)


def _render(chart: Chart, values: Body) -> Render:
    return Render(chart.files, values, "release", "default")


def _row(chart: Chart, about: Body, first: Rendered, others: Mapping[Switch, Rendered]) -> Body:
    name, version = text(about, "name"), text(about, "version")
    kinds = _kinds(first, others)
    source = f"{chart.url or name} ({version})"
    needed = _needed(first, kinds)
    consumes: Body = {"consumes": list(needed)} if needed else {}
    if not kinds:
        return {"name": name, "checked": "rendered", "source": source, **consumes}
    return {
        "id": name,
        "names": [name],
        "urls": [chart.url] if chart.url else [],
        "uses": 0,
        "checked": "rendered",
        "source": source,
        **consumes,
        "crds": list(_sets(kinds)),
    }


def _kinds(first: Rendered, others: Mapping[Switch, Rendered]) -> dict[GroupKind, _Kind]:
    by_default = dict(_crds(first))
    found = {what: _Kind(crd, default=True) for what, crd in by_default.items()}
    for switch, rendered in others.items():
        there = dict(_crds(rendered))
        # Kept while it is not flipped: a condition that is absent counts as true.
        kept: Value = [[switch.path, not switch.flipped, switch.default]]
        flipped: Value = [switch.path, switch.flipped, switch.default]
        for what, crd in there.items():
            if what not in by_default:
                found.setdefault(what, _Kind(crd, default=False)).gate.append([flipped])
            elif crd.mechanism != by_default[what].mechanism:
                found[what].gate.append(kept)
                found[what].instead.append(flipped)
        for what in by_default.keys() - there.keys():
            found[what].gate.append(kept)
    return found


def _crds(rendered: Rendered) -> Iterator[tuple[GroupKind, _Crd]]:
    ways = ((_TEMPLATES, rendered.documents), (_CRDS_DIR, rendered.crds))
    for mechanism, documents in ways:
        for document in documents:
            defined = defined_by(document.body)
            if defined:
                what, versions = defined
                scope = "C" if text(document.body, "spec", "scope") == "Cluster" else "N"
                plural = text(document.body, "spec", "names", "plural")
                yield what, _Crd((what.kind, plural, scope, " ".join(versions)), mechanism)


def _sets(kinds: Mapping[GroupKind, _Kind]) -> Iterator[Body]:
    """The kinds, those together that come by one way and under the same values."""
    sets: dict[str, tuple[_Kind, list[GroupKind]]] = {}
    for what in sorted(kinds):
        one = kinds[what]
        alike = repr((one.crd.mechanism, one.default, one.gate, one.instead))
        sets.setdefault(alike, (one, []))[1].append(what)
    for one, some in sets.values():
        groups: dict[str, list[Value]] = {}
        for what in some:
            groups.setdefault(what.group, []).append(list(kinds[what].crd.told))
        other = _TEMPLATES if one.crd.mechanism == _CRDS_DIR else _CRDS_DIR
        instead: Body = {"alternative": {"mechanism": other, "gate": one.instead}} if one.instead else {}
        body: Body = {"mechanism": one.crd.mechanism, **instead, "default": one.default, "gate": one.gate}
        yield {**body, "kinds": dict(groups)}


def _needed(rendered: Rendered, own: Iterable[GroupKind]) -> tuple[str, ...]:
    """The kinds of others of which the chart has objects by default, as ``GROUP/VERSION KIND``, sorted."""
    mine = frozenset(own)
    found = set()
    for document in rendered.documents:
        what = identity(document.body).group_kind
        if what.kind and what not in mine and needs_kind(what):
            found.add(f"{text(document.body, 'apiVersion')} {what.kind}")
    return tuple(sorted(found))
