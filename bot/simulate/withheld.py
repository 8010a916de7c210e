"""CRDs that a chart of the cluster has but does not install, and that nothing else brings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.flux.crd import defined_by
from bot.knowledge.charts import Presence, brought
from bot.model.cluster import Cluster, Confidence, Node
from bot.model.flux import Release
from bot.model.ref import GroupKind, Ref
from bot.simulate.fact import Fact, Need, provided
from bot.simulate.stage import Stage
from bot.simulate.unread import elsewhere


@dataclass(frozen=True, slots=True)
class Withheld:
    """A need of ``owner`` that ``release`` could meet.

    ``by_policy`` says that ``spec.install.crds: Skip`` holds the CRD back, else the chart's values do.
    """

    owner: Ref
    need: Need
    release: Ref
    by_policy: bool
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class _Off:
    release: Ref
    by_policy: bool
    confidence: Confidence


def withheld(stage: Stage) -> Iterator[Withheld]:
    """Every kind that a Kustomization needs and that only a chart with its CRDs switched off could bring."""
    cluster = stage.cluster
    missed = {need.fact for needs in stage.needs.values() for need in needs if not _is_brought(cluster, need.fact)}
    off = {fact: one for fact, one in _switched_off(cluster) if fact in missed} if missed else {}
    for ref, needs in stage.needs.items() if off else ():
        for need in needs:
            found = off.get(need.fact)
            if found and elsewhere(cluster, need.fact.what) is None:
                yield Withheld(ref, need, found.release, found.by_policy, found.confidence)


def comes_from_nowhere(cluster: Cluster, fact: Fact) -> bool:
    """Whether nothing that is known of a cluster brings a kind, and nothing that could not be read looks like it."""
    return not _is_brought(cluster, fact) and elsewhere(cluster, fact.what) is None


def _is_brought(cluster: Cluster, fact: Fact) -> bool:
    return bool(fact.name or cluster.providers(fact.what)) or provided(cluster, fact) is not None


def _switched_off(cluster: Cluster) -> Iterator[tuple[Fact, _Off]]:
    for node in cluster.nodes.values():
        for release in node.releases:
            if release.suspended or release.resource.is_skipped:
                continue
            target = release.target or node.kustomization.target
            for what, off in _of_release(node, release).items():
                yield Fact(target, what), off


def _of_release(node: Node, release: Release) -> Mapping[GroupKind, _Off]:
    """The kinds whose CRDs a chart has, and with its values and policy does not install."""
    skips = release.install_crds == "Skip"
    chart = node.charts.get(release.ref)
    if chart is not None:
        defined = [defined_by(document.body) for document in chart.crds] if skips else []
        return {one[0]: _Off(release.ref, by_policy=True, confidence=Confidence.PROVEN) for one in defined if one}
    if release.chart is None:
        return {}
    name, url, unknown = release.chart.name, release.chart.url, bool(release.values_unknown)
    answer = brought(name, url, release.values, unknown=unknown, skip_crds=skips)
    allowed = brought(name, url, release.values, unknown=unknown, skip_crds=False)
    policy = {crd.what for crd in allowed.crds if crd.present is not Presence.NO}
    return {
        crd.what: _Off(release.ref, crd.what in policy, answer.confidence)
        for crd in answer.crds
        if crd.present is Presence.NO
    }
