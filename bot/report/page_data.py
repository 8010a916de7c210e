"""What the review page shows, as JSON: the page reads this and nothing else. Version 1; it changes only by addition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot import __version__
from bot.model.field import Value
from bot.model.finding import Finding
from bot.model.ref import Ref
from bot.model.review import ClusterSummary
from bot.model.snapshot import MOUNT
from bot.model.span import Span
from bot.report.headline import headline
from bot.report.json_report import finding_value
from bot.report.places import NOWHERE, Places
from bot.report.tally import Tally, gaps
from bot.view.view import Box, ClusterView, Reasons, State, Thing, Tie, Told, View

SCHEMA: Final = 1
MOST_NAMED: Final = 200
"""Objects of one list of an effect that are named; the others are counted."""

_ELSEWHERE: Final = re.compile(r"([\w.-]+/[\w.-]+):")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a page is about: the name of the repository, and where the change can be looked at."""

    repository: str
    number: int | None = None
    places: Places = NOWHERE
    base: str = ""
    """The commit before the change, for links to what it removes."""


def page_data(view: View, heading: Heading) -> dict[str, Value]:
    """The document of a view."""
    review, site = view.review, heading.places.site
    pull: Value = {"number": heading.number, "url": f"{site}/pull/{heading.number}"} if heading.number else None
    summaries = {one.root: one for one in review.clusters}
    return {
        "schema": SCHEMA,
        "fluxbot": __version__,
        "repository": heading.repository,
        "pull": pull,
        "head": review.head,
        "base": review.base,
        "links": {
            "before": f"{site}/blob/{heading.base}/" if site and heading.base else None,
            "after": f"{site}/blob/{heading.places.sha}/" if site and heading.places.sha else None,
        },
        "compared": view.is_compared,
        "conclusion": review.conclusion.value,
        "headline": headline(review, Tally.of(review)),
        "clusters": [_cluster(one, summaries.get(one.root)) for one in view.clusters],
        "findings": [_finding(one, view) for one in review.findings],
        "problems": [{"text": one.message, "at": [one.path, one.line]} for one in review.problems],
        "crashed": [one.rule for one in review.crashed],
        "gaps": [{"about": str(one.about), "why": one.why} for one in gaps(review.clusters)],
    }


def _finding(finding: Finding, view: View) -> Value:
    whole = finding_value(finding)
    whole["advice"] = finding.advice
    whole["concerns"] = {
        root: [str(ref) for ref in refs] for key, root, refs in view.concerned if key == finding.fingerprint
    }
    for name in ("about", "needs", "object", "provider"):
        ref: Ref | None = getattr(finding, name)
        whole[name] = str(ref) if ref else None
    return whole


def _cluster(cluster: ClusterView, summary: ClusterSummary | None) -> Value:
    paths = _Paths(cluster.root)
    ids = {box.ref: number for number, box in enumerate(cluster.boxes)}
    effect = summary.effect if summary else None
    return {
        "root": cluster.root,
        "flux": cluster.flux,
        "waves": {"before": cluster.waves_before, "after": cluster.waves_after},
        "nodes": [_box(box, paths) for box in cluster.boxes],
        "ties": [_tie(tie, ids, paths) for tie in cluster.ties],
        "releases": summary.releases if summary else 0,
        "objects": summary.resources if summary else 0,
        "effect": {
            "created": _refs(effect.created),
            "changed": _refs(effect.changed),
            "deleted": _refs(effect.deleted),
            "upgraded": [[str(one.release), one.before, one.after] for one in effect.upgraded[:MOST_NAMED]],
            "new": effect.is_new,
        }
        if effect
        else None,
    }


def _refs(refs: tuple[Ref, ...]) -> Value:
    return {"number": len(refs), "names": [str(ref) for ref in refs[:MOST_NAMED]]}


@dataclass(frozen=True, slots=True)
class _Paths:
    """Where the places of a cluster lie: in this repository, or in the one that its root names."""

    root: str

    def at(self, span: Span | None) -> Value:
        if span is None:
            return None
        if span.path.startswith(MOUNT):
            return [span.path.removeprefix(MOUNT), span.line]
        other = _ELSEWHERE.match(self.root)
        return [f"{other[0]}{span.path}" if other else span.path, span.line]


def _box(box: Box, paths: _Paths) -> Value:
    before, after = _state(box.before, paths), _state(box.after, paths)
    return {
        "id": str(box.ref),
        "namespace": box.ref.namespace,
        "name": box.ref.name,
        "change": box.change.value,
        "before": "same" if before == after else before,
        "after": after,
    }


def _state(state: State | None, paths: _Paths) -> Value:
    if state is None:
        return None
    return {
        "layer": state.layer,
        "outcome": state.outcome.value,
        "at": paths.at(state.at),
        "path": f"./{state.path}",
        "gate": state.gate,
        "why": _told(state.why, paths),
        "things": [_thing(one, paths) for one in state.things],
        "others": state.others,
    }


def _thing(thing: Thing, paths: _Paths) -> Value:
    found: dict[str, Value] = {"id": str(thing.ref), "role": thing.role.value, "at": paths.at(thing.at)}
    more: Mapping[str, Value] = {
        "change": thing.change.value if thing.change.value != "same" else "",
        "note": thing.note,
        "fails": thing.fails,
    }
    return {**found, **{name: value for name, value in more.items() if value}}


def _tie(tie: Tie, ids: Mapping[Ref, int], paths: _Paths) -> Value:
    before, after = _reasons(tie.before, paths), _reasons(tie.after, paths)
    found: dict[str, Value] = {"tail": ids[tie.tail], "head": ids[tie.head], "kind": tie.kind.value, "after": after}
    return {**found, "before": "same" if before == after else before}


def _reasons(reasons: Reasons | None, paths: _Paths) -> Value:
    if reasons is None:
        return None
    return {"why": _told(reasons.told, paths), "weak": reasons.weak}


def _told(told: Iterable[Told], paths: _Paths) -> Value:
    return [
        {"text": one.text, "at": paths.at(one.at), **({"message": one.message} if one.message else {})} for one in told
    ]
