"""What `/fluxbot explain` answers: lines of reasons as Markdown, and a picture of the neighbourhood."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.engine import Examination
from bot.model.quote import code
from bot.model.ref import Ref
from bot.report.escape import logged, prose
from bot.report.graph import GraphFormat, render_graph
from bot.report.markdown import render_markdown
from bot.review.changed import changed_part
from bot.review.course import course
from bot.review.drawing import Drawing, Style
from bot.review.explain import (
    Line,
    explain_object,
    explain_rule,
    find,
    unapplied,
)
from bot.review.impact import impact
from bot.review.picture import picture
from bot.review.ways import explain_between
from bot.review.words import counted
from bot.rules import RULES
from bot.simulate.case import Case

MOST_NODES: Final = 30
MOST_LINES: Final = 150
MOST: Final = 40_000
"""Bytes of an answer, the picture aside."""
MOST_PICTURE: Final = 20_000
"""Bytes of the picture: with the answer, less than GitHub takes."""

_DEEPEST = 6


def explained(examination: Examination, subject: str, other: str) -> str:
    """Markdown about a rule, an object, or why one object waits for another; without a subject, about the change."""
    if not subject:
        about = {finding.about for finding in examination.review.findings if finding.ignored is None}
        return _drawn(render_markdown(examination.review, limit=MOST).rstrip("\n"), examination, about)
    manual = explain_rule(RULES, subject)
    if manual:
        return manual.rstrip("\n")
    found = find(examination.cases, subject)
    if not found:
        lines = list(unapplied(examination.cases, subject))
        return _listed(lines) if lines else _unknown(examination, subject)
    if not other:
        lines = [line for case, ref in found for line in explain_object(case, ref)]
        return _drawn(_listed(lines), examination, {_owner(case, ref) for case, ref in found})
    others = find(examination.cases, other)
    if not others:
        return _unknown(examination, other)
    pairs = [(case, ref, one) for case, ref in found for its, one in others if its is case]
    if not pairs:
        return f"{code(subject)} and {code(other)} are in no cluster together."
    lines = [line for case, ref, one in pairs for line in explain_between(case, ref, one)]
    ends = {_owner(case, end) for case, ref, one in pairs for end in (ref, one)}
    return _drawn(_listed(lines), examination, ends)


def ordered(examination: Examination, cluster: str) -> str:
    """Markdown about the order in which a fresh cluster comes up; ``cluster`` is its root or the end of it."""
    wanted = cluster.strip("/")
    roots = [root for root in examination.cases if not wanted or root == wanted or root.endswith(f"/{wanted}")]
    if not roots:
        return _no_cluster(examination, cluster)
    lines = [line for root in roots for line in course(examination.cases[root], examination.before.get(root))]
    return _listed(lines)


def impacted(examination: Examination, subject: str) -> str:
    """Markdown about what waits for an object."""
    found = find(examination.cases, subject)
    if not found:
        lines = list(unapplied(examination.cases, subject))
        return _listed(lines) if lines else _unknown(examination, subject)
    lines = [line for case, ref in found for line in impact(case, ref)]
    return _drawn(_listed(lines), examination, {_owner(case, ref) for case, ref in found})


def _no_cluster(examination: Examination, cluster: str) -> str:
    roots = ", ".join(code(root or ".") for root in examination.cases) or "none"
    return f"No cluster is called {code(cluster)}. There are: {roots}."


def _unknown(examination: Examination, name: str) -> str:
    roots = ", ".join(code(root or ".") for root in examination.cases) or "none"
    return f"Nothing is called {code(name)}: neither a rule nor an object of a cluster ({roots})."


def _owner(case: Case, ref: Ref) -> Ref:
    """The Kustomization itself, or the one that applies the object."""
    return ref if ref in case.cluster.nodes else case.cluster.resources[ref][1]


def _listed(lines: Iterable[Line]) -> str:
    """Nested items; a line's own text is made safe."""
    shown = [logged(f"{'  ' * min(line.depth, _DEEPEST)}- {prose(line.text)}") for line in lines]
    kept, room = 0, MOST
    while kept < min(len(shown), MOST_LINES) and (room := room - len(shown[kept].encode())) >= 0:
        kept += 1
    more = len(shown) - kept
    return "\n".join([*shown[:kept], *([f"- and {more:,} more"] if more > 0 else [])])


def changed_picture(examination: Examination) -> str:
    """Mermaid of what the change touches; empty where it adds, removes and lacks no order, or touches too much."""
    about = {finding.about for finding in examination.review.findings if finding.ignored is None}
    drawing = _limited(changed_part(examination.cases, examination.before, about), frozenset(about))
    if all(edge.style in (Style.SOLID, Style.DASHED) for edge in drawing.edges):
        return ""
    mermaid = render_graph(drawing, GraphFormat.MERMAID)
    return mermaid if len(mermaid.encode()) <= MOST_PICTURE else ""


def _drawn(text: str, examination: Examination, about: Iterable[Ref]) -> str:
    """The text, and below it the picture where there is anything to draw."""
    centre = frozenset(about)
    whole = picture(examination.cases, centre)
    drawing = _limited(whole, centre)
    if not drawing.edges:
        return text
    left = len(whole.nodes) - len(drawing.nodes)
    note = [f"{counted(left, 'more neighbour')} not drawn."] if left else []
    mermaid = render_graph(drawing, GraphFormat.MERMAID).rstrip("\n")
    if len(mermaid.encode()) > MOST_PICTURE:
        return f"{text}\n\nThe picture is not shown: there is no room."
    return "\n\n".join([text, f"```mermaid\n{mermaid}\n```", *note])


def _limited(drawing: Drawing, centre: frozenset[Ref]) -> Drawing:
    """At most MOST_NODES nodes, those in the centre first."""
    if len(drawing.nodes) <= MOST_NODES:
        return drawing
    names = {str(ref) for ref in centre}
    ordered = sorted(drawing.nodes, key=lambda node: node.id.partition("|")[2] not in names)
    kept = {node.id for node in ordered[:MOST_NODES]}
    nodes = tuple(node for node in drawing.nodes if node.id in kept)
    return Drawing(nodes, tuple(edge for edge in drawing.edges if edge.tail in kept and edge.head in kept))
