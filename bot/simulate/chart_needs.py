"""Kinds that a rendered chart has objects of, and that are not sure to be there when Helm installs it.

Helm looks every object up before it stores the release. An unknown kind makes
that fail, and helm-controller tries again with growing pauses, so a CRD that
comes later heals it; one that only the chart's own templates have never comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from bot.model.cluster import Cluster, Gated, Node, Provision, Served
from bot.model.finding import Missing
from bot.model.flux import Release
from bot.model.ref import GroupKind, Ref
from bot.simulate.case import Case
from bot.simulate.charted import chart_objects, directory_kinds
from bot.simulate.fact import Fact, needs_kind
from bot.simulate.order import best, has_target, waiting
from bot.simulate.play import Play


@dataclass(frozen=True, slots=True)
class ChartNeed:
    """An object of a release's chart that needs a kind, and what brings that.

    ``provider`` is the release itself where only its own templates have the CRD.
    ``asked`` is the API without which the chart leaves the object out; empty for
    one that it always has.
    """

    release: Release
    owner: Ref
    object: Ref
    missing: Missing
    provider: Provision
    asked: str = ""

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
        return _is_sure(play, self.owner, self.release, self.missing.what)


Waits: TypeAlias = Callable[[Ref, Ref], bool]


def chart_needs(case: Case) -> Iterator[ChartNeed]:
    """What charts need and nothing orders, one for each release and kind; what nothing brings is not missed."""
    waits = waiting(case.cluster)
    for node in case.cluster.nodes.values():
        for release in node.releases:
            chart = node.charts.get(release.ref)
            if chart is not None and not release.suspended:
                yield from _of_release(case, waits, node, release)
                yield from _left_out(case, waits, node, release)


def _of_release(case: Case, waits: Waits, node: Node, release: Release) -> Iterator[ChartNeed]:
    chart = node.charts[release.ref]
    first = frozenset(directory_kinds(release, chart))
    for what, (ref, version) in chart_objects(chart).items():
        if what not in first and needs_kind(what):
            provider = _unordered(case, waits, (node, release), what)
            if provider:
                yield ChartNeed(release, node.ref, ref, Missing(what, version), provider)


def _left_out(case: Case, waits: Waits, node: Node, release: Release) -> Iterator[ChartNeed]:
    """What the chart leaves out for good where the API that it asks for comes later; the first object of each API."""
    first = frozenset(directory_kinds(release, node.charts[release.ref]))
    told: set[Served] = set()
    for one in node.gated.get(release.ref, ()):
        for what in _behind(case.cluster, one):
            provider = _unordered(case, waits, (node, release), what) if what not in first else None
            if provider and provider.by != release.ref and one.api not in told:
                told.add(one.api)
                missing = Missing(what, one.api.version)
                yield ChartNeed(release, node.ref, one.object, missing, provider, str(one.api))


def _behind(cluster: Cluster, gated: Gated) -> tuple[GroupKind, ...]:
    """The kinds that show whether the API is there: the one it names, that of the object, or one of its group."""
    group = gated.api.group
    if gated.api.kind:
        return (GroupKind(group, gated.api.kind),)
    if gated.object.group == group:
        return (gated.object.group_kind,)
    every = {one.what for node in cluster.nodes.values() for one in node.provisions if one.what.group == group}
    return tuple(sorted(every)[:1])


def _unordered(case: Case, waits: Waits, who: tuple[Node, Release], what: GroupKind) -> Provision | None:
    """What brings a kind that a release needs and does not wait for; None where waiting for it would be a circle."""
    node, release = who
    target = release.target or node.kustomization.target
    found = [one for one in case.cluster.providers(what) if has_target(case.cluster, one, target)]
    if not found or _is_sure(case.fresh, node.ref, release, what):
        return None
    provider = _to_wait_for(case.cluster, waits, found, (node.ref, release))
    return None if provider is None or _is_circle(case, provider, (node.ref, release)) else provider


def _to_wait_for(cluster: Cluster, waits: Waits, found: list[Provision], who: tuple[Ref, Release]) -> Provision | None:
    """What the release ``who`` should wait for; None where waiting for it would be a circle."""
    others = [one for one in found if one.by != who[1].ref]
    usable = [one for one in others if not _comes_after(cluster, waits, one, who)] if others else found
    return best(usable) if usable else None


def _is_circle(case: Case, provision: Provision, who: tuple[Ref, Release]) -> bool:
    """Whether what brings a kind waits, in whatever way, for the release that should wait for it."""
    owner, release = who
    if provision.by in case.cluster.releases:
        return provision.by != release.ref and case.reach.forbids(release.ref, provision.by)
    return case.reach.forbids(owner, provision.owner)


def _comes_after(cluster: Cluster, waits: Waits, provision: Provision, who: tuple[Ref, Release]) -> bool:
    """Whether a provider waits for the release, or is an object of the same Kustomization that is no release."""
    owner, release = who
    found = cluster.releases.get(provision.by)
    if found is None and provision.owner == owner:
        return True
    after = found is not None and release.ref in {one.ref for one in _dependencies(cluster, found[0])}
    return after or waits(provision.owner, owner)


def _is_sure(play: Play, owner: Ref, release: Release, what: GroupKind) -> bool:
    bit = play.stage.bits.get(Fact(release.target or play.cluster.nodes[owner].kustomization.target, what))
    return bit is None or bool(bit & _held(play, release))


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
