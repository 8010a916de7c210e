"""Kinds that a rendered chart has objects of, and that are not sure to be there when Helm installs it.

Helm looks every object up before it stores the release. An unknown kind makes
that fail, and helm-controller tries again with growing pauses, so a CRD that
comes later heals it; one that only the chart's own templates have never comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.flux.crd import defined_by
from bot.model.ask import Rendered
from bot.model.cluster import Cluster, Node, Provision
from bot.model.field import text
from bot.model.finding import Missing
from bot.model.flux import Release
from bot.model.ref import GroupKind, Ref, version_of
from bot.model.resource import identity
from bot.simulate.case import Case
from bot.simulate.dropped import is_hook
from bot.simulate.fact import Fact, needs_kind
from bot.simulate.order import best, has_target, waits
from bot.simulate.play import Play


@dataclass(frozen=True, slots=True)
class ChartNeed:
    """An object of a release's chart that needs a kind, and what brings that.

    ``provider`` is the release itself where only its own templates have the CRD.
    """

    release: Release
    owner: Ref
    object: Ref
    missing: Missing
    provider: Provision

    @property
    def is_own(self) -> bool:
        """Whether only the templates of the very same chart have the CRD."""
        return self.provider.by == self.release.ref

    @property
    def predicted(self) -> str:
        """The text that helm-controller passes on from Helm (``action/install.go``)."""
        kind, version = self.missing.what.kind, f"{self.missing.what.group}/{self.missing.version}"
        return (
            "unable to build kubernetes objects from release manifest: resource mapping not found for name: "
            f'"{self.object.name}" namespace: "{self.object.namespace}" from "": '
            f'no matches for kind "{kind}" in version "{version}"'
        )

    def is_sure(self, play: Play) -> bool:
        """Whether the kind is there whenever the release is first tried."""
        node = play.cluster.nodes[self.owner]
        bit = play.stage.bits.get(Fact(self.release.target or node.kustomization.target, self.missing.what))
        return bit is None or bool(bit & _held(play, self.release))


def chart_needs(case: Case) -> Iterator[ChartNeed]:
    """What charts need and nothing orders, one for each release and kind; what nothing brings is not missed."""
    for node in case.cluster.nodes.values():
        for release in node.releases:
            chart = node.charts.get(release.ref)
            if chart is not None and not release.suspended:
                yield from (one for one in _of_release(case, node, release, chart) if not one.is_sure(case.fresh))


def _of_release(case: Case, node: Node, release: Release, chart: Rendered) -> Iterator[ChartNeed]:
    target = release.target or node.kustomization.target
    skips = release.install_crds == "Skip"
    first = {found[0] for document in chart.crds if not skips and (found := defined_by(document.body))}
    for what, (ref, version) in _objects(chart).items():
        if what not in first and needs_kind(what):
            bringing = [one for one in case.cluster.providers(what) if has_target(case.cluster, one, target)]
            provider = _provider(case, node, release, bringing)
            if provider:
                yield ChartNeed(release, node.ref, ref, Missing(what, version), provider)


def _objects(chart: Rendered) -> dict[GroupKind, tuple[Ref, str]]:
    """The first object of each kind, hooks left out: Helm looks at these only when their turn comes."""
    found: dict[GroupKind, tuple[Ref, str]] = {}
    for document in chart.documents:
        ref = identity(document.body)
        if ref.kind and not is_hook(document.body):
            found.setdefault(ref.group_kind, (ref, version_of(text(document.body, "apiVersion"))))
    return found


def _provider(case: Case, node: Node, release: Release, found: list[Provision]) -> Provision | None:
    """What the release should wait for; None where waiting for it would be a circle."""
    others = [one for one in found if one.by != release.ref]
    if not others:
        return best(found) if found else None
    usable = [one for one in others if not _waits_for(case, one, node, release)]
    return best(usable) if usable else None


def _waits_for(case: Case, provision: Provision, node: Node, release: Release) -> bool:
    """Whether a provider comes only after the release, or is one of the same Kustomization that is no release."""
    found = case.cluster.releases.get(provision.by)
    if found is None:
        return provision.owner == node.ref or waits(case.cluster, provision.owner, node.ref)
    after = release.ref in {one.ref for one in _dependencies(case.cluster, found[0])}
    return after or waits(case.cluster, provision.owner, node.ref)


def _held(play: Play, release: Release) -> int:
    """The facts that hold when Helm first tries to install a release: its Kustomization's and its dependencies'."""
    holds = 0
    for one in (release, *_dependencies(play.cluster, release)):
        owner = play.cluster.releases[one.ref][1]
        holds |= play.before[owner] | play.needed[owner]
        holds |= play.stage.brought.get(one.ref, 0) if one.ref != release.ref else 0
    return holds


def _dependencies(cluster: Cluster, release: Release) -> tuple[Release, ...]:
    """The releases that are ready before one is tried."""
    found: dict[Ref, Release] = {}
    pending = [entry.ref for entry in release.depends_on]
    while pending:
        known = cluster.releases.get(pending.pop())
        if known and known[0].ref not in found and not known[0].suspended:
            found[known[0].ref] = known[0]
            pending += [entry.ref for entry in known[0].depends_on]
    return tuple(found.values())
