"""Charts that are rendered: those in the repository itself, and those that may be fetched."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bot.flux.versions import is_exact
from bot.load.gated import gated
from bot.load.postrendered import has_post_renderers, post_rendered, post_rendering
from bot.model.allowance import size_limit
from bot.model.ask import Ask, Conversation, Fetch, Fetched, Refused, Render, Rendered
from bot.model.cluster import Confidence, Gated, Incomplete
from bot.model.field import items
from bot.model.flux import ChartRef, Release
from bot.model.limits import passed
from bot.model.quote import code
from bot.model.ref import Ref
from bot.model.snapshot import Blob, Snapshot, clamped


@dataclass(frozen=True, slots=True)
class RenderedChart:
    """What the chart of a release renders to.

    ``confidence`` is proven where Flux is bound to render the same: the chart
    lies in the repository, or is fetched by an exact version or a digest. A
    range, or a tag that is no version, means what is newest on the day that
    Flux looks; and values that the repository does not show, other files of
    values inside the chart, or post-renderers that cannot be run may change
    what comes. All that is likely. ``whole`` is false where values are missing: the catalogue is
    asked too, for what they may bring.
    """

    answer: Rendered
    confidence: Confidence = Confidence.PROVEN
    is_fetched: bool = False
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Charts:
    """The charts of a cluster by release, and those that could not be had although it was tried."""

    rendered: Mapping[Ref, RenderedChart] = field(default_factory=dict)
    failed: tuple[Incomplete, ...] = ()
    gated: Mapping[Ref, tuple[Gated, ...]] = field(default_factory=dict)

    def bound(self, release: Ref) -> Rendered | None:
        """What the chart of a release renders to, where Flux is bound to render the same."""
        found = self.rendered.get(release)
        return found.answer if found and found.confidence is Confidence.PROVEN else None


def charts(
    releases: Iterable[Release], snapshot: Snapshot, is_here: Callable[[Ref], bool], *, fetches: bool
) -> Conversation[Charts]:
    """Ask for the charts that lie in the repository to be rendered, and with ``fetches`` for those of other places.

    ``is_here`` is whether a source is the repository itself.
    """
    named = {release.ref: (release, release.chart) for release in releases if release.chart}
    found = {ref: _in_repository(*some, snapshot, is_here) for ref, some in named.items()}
    renders = {ref: ask for ref, ask in found.items() if isinstance(ask, Render)}
    wanted = {ref: _fetch(chart) for ref, (one, chart) in named.items() if fetches and _is_elsewhere(one, chart)}
    asks: list[Ask] = [*renders.values(), *wanted.values()]
    answers = dict((yield tuple(asks)) if asks else {})
    failed = [_failed(ref, named[ref][1], "rendered", one) for ref, one in found.items() if isinstance(one, Refused)]
    for ref, fetch in wanted.items():
        release, chart = named[ref]
        answer = answers[fetch.key]
        if isinstance(answer, Fetched):
            renders[ref] = _render(release, answer.files)
        elif isinstance(answer, Refused):
            failed.append(_failed(ref, chart, "fetched", answer))
    more = tuple(ask for ask in renders.values() if ask.key not in answers)
    answers |= (yield more) if more else {}
    rendered: dict[Ref, RenderedChart] = {}
    plain = {ref: answers[render.key] for ref, render in renders.items()}
    posts = {
        ref: build
        for ref, answer in plain.items()
        if isinstance(answer, Rendered) and (build := post_rendering(named[ref][0], answer))
    }
    answers |= (yield tuple(posts.values())) if posts else {}
    for ref, answer in plain.items():
        release, chart = named[ref]
        changed = answers[posts[ref].key] if ref in posts else None
        if isinstance(answer, Rendered):
            is_whole = isinstance(changed, Rendered) or not has_post_renderers(release)
            last = post_rendered(answer, changed) if isinstance(changed, Rendered) else answer
            rendered[ref] = _judged(last, release, wanted.get(ref), is_whole=is_whole)
        for done, refused in (("rendered", answer), ("post-rendered", changed)):
            if isinstance(refused, Refused):
                failed.append(_failed(ref, chart, done, refused))
    sure = {ref: chart.answer for ref, chart in rendered.items() if chart.confidence is Confidence.PROVEN}
    # What a template leaves out is compared with what it renders to, before anybody changed that.
    whole = {ref: answer for ref, answer in sure.items() if not has_post_renderers(named[ref][0])}
    return Charts(rendered, tuple(failed), (yield from gated(renders, whole)))


def _in_repository(
    release: Release, chart: ChartRef, snapshot: Snapshot, is_here: Callable[[Ref], bool]
) -> Render | Refused | None:
    """Render the chart of a release from the tree; None where no chart lies there, Refused where it is too large."""
    if not chart.path or chart.source is None or not is_here(chart.source):
        return None
    directory = clamped(chart.path)
    if posixpath.join(directory, "Chart.yaml") not in snapshot.files:
        return None
    prefix = f"{directory}/" if directory else ""
    files = {path.removeprefix(prefix): blob for path, blob in snapshot.files.items() if path.startswith(prefix)}
    limits = snapshot.limits
    if len(files) > limits.chart_files:
        return Refused(f"it has too many files: {passed('chart_files', limits.chart_files)}")
    if sum(blob.size for blob in files.values()) > limits.chart_unpacked_bytes:
        return Refused(f"it is too large: {passed('chart_unpacked_bytes', limits.chart_unpacked_bytes)}")
    unread = next((path for path, blob in files.items() if blob.data is None), None)
    if unread is not None:
        name, most = size_limit(unread, limits)
        return Refused(f"{code(unread)} is too large: {passed(name, most)}")
    return _render(release, files)


def _is_elsewhere(release: Release, chart: ChartRef) -> bool:
    """Whether the tree says from which Helm repository or OCI repository a chart that is wanted comes."""
    kind = chart.source.kind if chart.source else ""
    return kind in ("HelmRepository", "OCIRepository") and bool(chart.url) and not release.resource.is_skipped


def _fetch(chart: ChartRef) -> Fetch:
    name = "" if chart.source and chart.source.kind == "OCIRepository" else chart.name
    return Fetch(chart.url, name, chart.version, chart.tag, chart.digest)


def _render(release: Release, files: Mapping[str, Blob]) -> Render:
    return Render(files, release.values, release.ref.name, release.target_namespace)


def _judged(answer: Rendered, release: Release, fetch: Fetch | None, *, is_whole: bool) -> RenderedChart:
    """``is_whole``: all that changes what the chart renders to was done."""
    whole = not release.values_unknown
    has_more = bool(items(release.resource.body, "spec", "chart", "spec", "valuesFiles"))
    is_pinned = fetch is None or bool(fetch.digest) or is_exact(fetch.version or fetch.tag)
    sure = Confidence.PROVEN if whole and is_whole and not has_more and is_pinned else Confidence.LIKELY
    # What lies in the repository is no chart of the catalogue, whatever its name.
    return RenderedChart(answer, sure, is_fetched=fetch is not None, whole=whole or fetch is None)


def _failed(ref: Ref, chart: ChartRef, done: str, refused: Refused) -> Incomplete:
    return Incomplete(ref, f"the chart {code(chart.name)} is not {done}: {refused.message}")
