"""Which kinds the objects of a Kustomization bring into the cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.flux.closure import Remote
from bot.flux.crd import defined_by
from bot.knowledge.charts import BroughtCrd, Mechanism, Presence, brought
from bot.knowledge.dynamic import GROUPS, made_by
from bot.knowledge.remote import provided_by_url
from bot.load.chart import RenderedChart
from bot.model.cluster import Confidence, Means, Provision
from bot.model.flux import Release
from bot.model.ref import GroupKind, Ref
from bot.model.resource import Resource


def provisions_of(
    owner: Ref,
    resources: Sequence[Resource],
    releases: Iterable[Release],
    charts: Mapping[Ref, RenderedChart],
    remotes: Iterable[Remote],
) -> tuple[Provision, ...]:
    """Everything that brings a kind, of one Kustomization: CRDs, releases, controllers' triggers, remote manifests."""
    sent = [resource for resource in resources if not resource.is_skipped]
    found = [
        *_from_manifests(owner, sent),
        *(
            one
            for release in releases
            if not release.resource.is_skipped
            for one in _from_release(owner, release, charts.get(release.ref))
        ),
        *_from_triggers(owner, sent),
        *_from_remotes(owner, remotes),
    ]
    return tuple(found)


def _from_manifests(owner: Ref, resources: Iterable[Resource]) -> Iterator[Provision]:
    for resource in resources:
        defined = defined_by(resource.body)
        if defined:
            what, versions = defined
            yield Provision(what, resource.ref, owner, Means.MANIFEST, Confidence.PROVEN, versions)


def _from_release(owner: Ref, release: Release, chart: RenderedChart | None) -> Iterator[Provision]:
    shown: set[GroupKind] = set()
    for what, versions in _defined(chart, release) if chart else ():
        shown.add(what)
        sure = chart.confidence if chart else Confidence.LIKELY
        yield Provision(what, release.ref, owner, Means.RELEASE, sure, versions)
    if release.chart is None or (chart and not chart.is_fetched):
        return
    answer = brought(
        release.chart.name,
        release.chart.url,
        release.values,
        unknown=bool(release.values_unknown),
        skip_crds=release.install_crds == "Skip",
    )
    for crd in answer.crds:
        if crd.present is Presence.NO or crd.what in shown or (chart and not _is_unseen(crd, chart)):
            continue
        means = Means.CONTROLLER if crd.mechanism is Mechanism.CONTROLLER else Means.RELEASE
        sure = answer.confidence if crd.present is Presence.YES else Confidence.GUESS
        yield Provision(crd.what, release.ref, owner, means, sure, crd.versions)


def _defined(chart: RenderedChart, release: Release) -> Iterator[tuple[GroupKind, tuple[str, ...] | None]]:
    """The kinds that the CRDs of a rendered chart define, with the served versions."""
    directory = () if release.install_crds == "Skip" else chart.answer.crds
    for document in (*chart.answer.documents, *directory):
        defined = defined_by(document.body)
        if defined:
            yield defined


def _is_unseen(crd: BroughtCrd, chart: RenderedChart) -> bool:
    """Whether a chart may bring a CRD that its render lacks: its pods make it, or values that are not known do."""
    return not chart.whole or crd.mechanism in (Mechanism.CONTROLLER, Mechanism.OTHER)


def _from_triggers(owner: Ref, resources: Iterable[Resource]) -> Iterator[Provision]:
    for resource in resources:
        for made in made_by(resource.body) if resource.ref.group in GROUPS else ():
            what = made.what or GroupKind("", "")
            pattern = "" if made.what else made.group_pattern
            yield Provision(what, resource.ref, owner, Means.CONTROLLER, Confidence.LIKELY, pattern=pattern)


def is_unread(remote: Remote) -> bool:
    """Whether a remote reference brings objects of which nobody knows what they are."""
    return remote.manifests and provided_by_url(remote.url) is None


def _from_remotes(owner: Ref, remotes: Iterable[Remote]) -> Iterator[Provision]:
    for remote in remotes:
        answer = provided_by_url(remote.url)
        if answer is None:
            continue
        by, means = owner, Means.MANIFEST
        if answer.workload:
            by, means = Ref("apps", "Deployment", "", answer.workload), Means.CONTROLLER
        for what in answer.kinds:
            yield Provision(what, by, owner, means, answer.confidence, None, remote.url)
