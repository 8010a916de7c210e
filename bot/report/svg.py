"""The order of each cluster as a drawing that any viewer shows: no script, nothing from elsewhere, light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from bot.model.ref import Ref
from bot.report.escape import html
from bot.view.arrangement import Arrangement, arranged
from bot.view.view import Box, Change, ClusterView, Outcome, State, Tie, TieKind, View

_BOX: Final = (240, 46)
"""Width and height, as all numbers here in pixels."""
_STEP: Final = (304, 62)
_EDGE: Final = 24
_HEAD: Final = 78
_LETTERS: Final = 25
"""Of a name that fit into a box."""

_STYLE: Final = """
svg{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;
--page:#fff;--band:#eef1f5;--card:#fff;--text:#1c2128;--muted:#57606a;--line:#c9d1d9;--tie:#8b98a8;--new:#0b62cc;
--ready:#1a7f37;--late:#8a5a00;--stuck:#c4202c}
@media(prefers-color-scheme:dark){svg{--page:#0f141b;--band:#161d26;--card:#1b242e;--text:#e6edf3;--muted:#9aa5b1;
--line:#37424e;--tie:#5f6e7e;--new:#6cb0ff;--ready:#4cc667;--late:#e0aa3e;--stuck:#ff7b72}}
.page{fill:var(--page)}.band{fill:var(--band)}text{fill:var(--text)}.quiet{fill:var(--muted);font-size:11px}
.root{font-weight:650;font-size:15px}.wave{fill:var(--muted);font-weight:650;font-size:12px}
.box{fill:var(--card);stroke:var(--line);stroke-width:1.5}.name{font-weight:620}.sign{font-weight:700}
.ready .sign{fill:var(--ready)}.late .box{stroke:var(--late)}.late .sign{fill:var(--late)}
.stuck .box{stroke:var(--stuck);stroke-width:2.5}.blocked .box{stroke:var(--stuck);stroke-dasharray:4 3}
.stuck .sign,.blocked .sign{fill:var(--stuck)}.removed .box{stroke-dasharray:2 3;fill:none}
.removed .name{text-decoration:line-through}.tag{fill:var(--new);font-size:10.5px;font-weight:650}
path{fill:none;stroke:var(--tie);stroke-width:1.5}.created{stroke-dasharray:1 4;opacity:.7}
.added{stroke:var(--new);stroke-width:2.8}.gone{stroke-dasharray:3 5}
.missing,.weak{stroke:var(--late);stroke-dasharray:7 5}
marker path{fill:var(--tie);stroke:none}.by-added path{fill:var(--new)}.by-missing path{fill:var(--late)}
"""
_SIGNS: Final[Mapping[Outcome, tuple[str, str]]] = {
    Outcome.READY: ("✓", "ready"),
    Outcome.LATE: ("↻", "ready only by a retry"),
    Outcome.STUCK: ("✕", "never ready"),
    Outcome.BLOCKED: ("‖", "waits for ever"),
}
_CORNERS: Final[Mapping[Outcome, int]] = {Outcome.READY: 9, Outcome.LATE: 23, Outcome.STUCK: 0, Outcome.BLOCKED: 0}
_TAGS: Final[Mapping[Change, str]] = {Change.ADDED: "new", Change.CHANGED: "changed", Change.REMOVED: "removed"}
_MOST_CREATED: Final = 40
"""Boxes up to which it is drawn who creates whom."""


def render_svg(view: View) -> str:
    """All clusters, one below the other."""
    top = _EDGE
    width = 2 * _EDGE + _STEP[0]
    parts: list[str] = []
    for cluster in view.clusters:
        found = arranged(cluster)
        parts += [f'<g transform="translate({_EDGE} {top})">', *_cluster(cluster, found), "</g>"]
        top += _HEAD + found.rows * _STEP[1] + _EDGE
        width = max(width, 2 * _EDGE + sum(across for _, across in found.waves) * _STEP[0])
    size = f'viewBox="0 0 {width} {top}" width="{width}" height="{top}"'
    title = f"The order of {', '.join(one.root or '.' for one in view.clusters) or 'no cluster'}"
    return "\n".join((
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>',
        f"<title>{html(title)}</title>",
        f"<style>{_STYLE}</style>",
        f"<defs>{''.join(map(_marker, ('plain', 'added', 'missing')))}</defs>",
        '<rect class="page" width="100%" height="100%"/>',
        *parts,
        "</svg>\n",
    ))  # fmt: skip


def _marker(name: str) -> str:
    size = 'viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse"'
    return f'<marker id="{name}" class="by-{name}" {size} orient="auto"><path d="M0 0L8 4L0 8z"/></marker>'


def _cluster(cluster: ClusterView, found: Arrangement) -> Iterator[str]:
    yield f'<text class="root" y="14">{html(cluster.root or ".")}</text>'
    height = _HEAD - 30 + found.rows * _STEP[1]
    for number, (column, across) in enumerate(found.waves):
        x, width = column * _STEP[0], across * _STEP[0]
        if number % 2 == 0:
            yield f'<rect class="band" x="{x}" y="26" width="{width}" height="{height}" rx="12"/>'
        yield f'<text class="wave" x="{x + (_STEP[0] - _BOX[0]) // 2}" y="48">Wave {number + 1}</text>'
    draws_creators = len(cluster.boxes) <= _MOST_CREATED
    for tie in cluster.ties:
        if tie.kind is not TieKind.IMPLIED and (tie.kind is not TieKind.CREATED_BY or draws_creators):
            yield _tie(tie, found)
    yield from (line for box in cluster.boxes for line in _box(box, found))


def _at(found: Arrangement, ref: Ref) -> tuple[int, int]:
    column, row = found.spots[ref]
    return column * _STEP[0] + (_STEP[0] - _BOX[0]) // 2, row * _STEP[1] + _HEAD - 16


def _tie(tie: Tie, found: Arrangement) -> str:
    """From who comes first to who comes after."""
    (x1, y1), (x2, y2) = _at(found, tie.head), _at(found, tie.tail)
    start, end = (x1 + _BOX[0], y1 + _BOX[1] // 2), (x2, y2 + _BOX[1] // 2)
    if x2 > x1:
        middle = (start[0] + end[0]) // 2
        way = f"C{middle} {start[1]} {middle} {end[1]} {end[0]} {end[1]}"
    else:
        end = (x2 + _BOX[0], end[1])
        out = max(start[0], end[0]) + _STEP[0] - _BOX[0] - 10
        way = f"C{out} {start[1]} {out} {end[1]} {end[0]} {end[1]}"
    kind, marker = _looks(tie)
    told = html(_told(tie))
    return (
        f'<path class="{kind}" d="M{start[0]} {start[1]}{way}" marker-end="url(#{marker})"><title>{told}</title></path>'
    )


def _looks(tie: Tie) -> tuple[str, str]:
    """The class of a tie, and the head of its arrow."""
    if tie.kind is TieKind.MISSING:
        return "missing", "missing"
    if tie.kind is TieKind.CREATED_BY:
        return "created", "plain"
    if tie.after is None:
        return "gone", "plain"
    if tie.after.weak:
        return "weak", "missing"
    return ("added", "added") if tie.before is None else ("plain", "plain")


def _told(tie: Tie) -> str:
    reasons = tie.after or tie.before
    why = "; ".join(one.text for one in reasons.told[:3]) if reasons else ""
    news = "removed, " if tie.after is None else "new, " if tie.before is None else ""
    return f"{tie.tail.name} after {tie.head.name} ({news}{tie.kind.value}): {why}".replace("`", "")


def _box(box: Box, found: Arrangement) -> Iterator[str]:
    state = box.after or box.before
    if state is None:
        return
    x, y = _at(found, box.ref)
    sign, words = _SIGNS[state.outcome]
    if box.change is Change.REMOVED:
        sign, words = "–", "removed"
    yield f'<g class="{state.outcome.value} {box.change.value}" transform="translate({x} {y})">'
    yield f"<title>{html(_described(box, state, words))}</title>"
    yield f'<rect class="box" width="{_BOX[0]}" height="{_BOX[1]}" rx="{_CORNERS[state.outcome]}"/>'
    yield f'<text class="sign" x="15" y="28">{sign}</text>'
    yield f'<text class="name" x="36" y="20">{html(_short(box.ref.name))}</text>'
    yield f'<text class="quiet" x="36" y="36">{words}</text>'
    if box.change in _TAGS:
        yield f'<text class="tag" x="{_BOX[0] - 12}" y="36" text-anchor="end">{_TAGS[box.change]}</text>'
    yield "</g>"


def _described(box: Box, state: State, words: str) -> str:
    why = "; ".join(one.message or one.text for one in state.why[:3]).replace("`", "")
    return f"{box.ref}, wave {state.layer + 1}: {words}{f': {why}' if why else ''}"


def _short(name: str) -> str:
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 9]}…{name[-8:]}"
