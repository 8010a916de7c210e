"""CRDs first: a small Kustomization for a chart or a manifest of CRDs alone, where that orders more than a split would.

Told in steps and never applied: which version to pin is the owner's choice,
and CRDs that live must have a new owner before the old one lets go of them.
"""

from __future__ import annotations

from bot.fixes.depth import deeper
from bot.fixes.draft import Draft
from bot.fixes.leaving import Alive
from bot.fixes.spot import Ground
from bot.knowledge.charts import BroughtCrd, Mechanism, Presence, brought
from bot.knowledge.crd_charts import CrdSource, source_of
from bot.model.field import dotted
from bot.model.finding import Finding
from bot.model.fix import FixKind, Safety
from bot.model.flux import Release
from bot.model.quote import code
from bot.model.ref import GroupKind, Ref
from bot.simulate.order import Gap

_KEEP = "helm.sh/resource-policy: keep"


def crds_first(alive: Alive, finding: Finding) -> Draft | None:
    """The steps that bring the CRDs before all that need them; None where a split orders as much."""
    ground = alive.leaving.owners[0].ground
    found = ground.cluster.releases.get(finding.provider) if finding.provider else None
    if found is None or found[0].chart is None:
        return None
    release, owner = found
    kinds = frozenset(
        one.need.fact.what
        for one in ground.case.openings
        if one.gap is Gap.WITHIN and one.dependent == finding.about and one.provider.by == release.ref
    )
    chart = source_of(kinds)
    if chart is None or release.chart is None or chart.name == release.chart.name or not _lets_go(release, chart):
        return None
    waiting = _waiting(ground, chart.kinds, release.ref)
    splits = {one.dependent for one in ground.case.openings if one.gap is Gap.WITHIN and one.provider.by == release.ref}
    if len(waiting) <= len(splits):
        return None
    return _draft(ground, release, chart, tuple(sorted({*waiting, owner})))


def _lets_go(release: Release, source: CrdSource) -> bool:
    """Whether the chart can do without the CRDs of the source and keep all others.

    ``crds: Skip`` leaves out every CRD of its ``crds`` directory; a switch among
    its values all that depend on it. A chart of CRDs belongs to one project, so
    it has to have all that this one brings.
    """
    brings = _brought(release)
    if source.is_chart:
        return all(one.what in source.kinds for one in brings)
    going = [one for one in brings if one.what in source.kinds]
    switches = {switch for one in going for switch in one.switches if one.mechanism is Mechanism.TEMPLATES}
    ways = {one.mechanism for one in going}
    with_them = [
        one
        for one in brings
        if (one.mechanism is Mechanism.CRDS_DIR and one.mechanism in ways) or one.switches & switches
    ]
    can = all(one.mechanism is Mechanism.CRDS_DIR or one.switches for one in going)
    return bool(going) and can and all(one.what in source.kinds for one in with_them)


def _brought(release: Release) -> tuple[BroughtCrd, ...]:
    """The CRDs that the release's chart brings, or may bring, with its values."""
    if release.chart is None:
        return ()
    name, url, unknown = release.chart.name, release.chart.url, bool(release.values_unknown)
    known = brought(name, url, release.values, unknown=unknown, skip_crds=release.install_crds == "Skip")
    return tuple(one for one in known.crds if one.present is not Presence.NO)


def _waiting(ground: Ground, kinds: frozenset[GroupKind], provider: Ref) -> frozenset[Ref]:
    """The Kustomizations whose order behind this provider is open, for kinds of the chart."""
    return frozenset(
        one.dependent for one in ground.case.openings if one.need.fact.what in kinds and one.provider.by == provider
    )


def _draft(ground: Ground, release: Release, chart: CrdSource, waiting: tuple[Ref, ...]) -> Draft:
    new = Ref(waiting[0].group, waiting[0].kind, waiting[0].namespace, chart.name)
    names = ", ".join(code(one.name) for one in waiting)
    edges = tuple((one, new) for one in waiting)
    steps = (
        *_let_go(release, chart),
        _added(release, chart),
        f"Check that {code(chart.name)} is ready, and that every CRD is as old as it was.",
        f"In the last change, let {names} depend on {code(chart.name)}.",
    )
    return Draft(
        title=f"Bring the CRDs first, by {_named(chart)}; nothing that lives moves",
        kind=FixKind.SPLIT,
        safety=Safety.STAGED,
        steps=steps,
        cost=f"It costs {deeper(ground.cluster, edges)}; {len(waiting):,} Kustomizations then wait for it.",
    )


def _named(source: CrdSource) -> str:
    return f"the chart {code(source.name)}" if source.is_chart else f"the manifest of {code(source.name)}"


def _added(release: Release, source: CrdSource) -> str:
    """The step that brings the CRDs by their new owner."""
    begin = f"In a change of its own, add a Kustomization {code(source.name)} with `wait: true` and nothing but "
    fits = f"in the version that fits {code(release.ref)}"
    if not source.is_chart:
        return f"{begin}a kustomization.yaml whose `resources` hold {code(source.url)}, {fits}."
    return (
        f"{begin}a HelmRelease of the chart {code(source.name)} ({code(source.url)}), {fits}. "
        "Before Flux 2.8, mark the live CRDs as Helm's own first "
        "(`app.kubernetes.io/managed-by: Helm`, `meta.helm.sh/release-name`, `meta.helm.sh/release-namespace`)."
    )


def _let_go(release: Release, chart: CrdSource) -> tuple[str, ...]:
    """What keeps live CRDs when their chart no longer brings them."""
    going = [one for one in _brought(release) if one.what in chart.kinds]
    if {one.mechanism for one in going} == {Mechanism.CRDS_DIR}:
        return (
            (
                f"In a change of its own, set `install.crds: Skip` and `upgrade.crds: Skip` on {code(release.ref)}: "
                "Helm never deletes what came from a chart's `crds/`, so the live CRDs stay."
            ),
        )
    every = sorted({switch for one in going for switch in one.switches})
    written = [one for one in every if dotted(release.values, one) is not None]
    switches = ", ".join(code(one) for one in written or every)
    return (
        (
            f"In a change of its own, let {code(release.ref)} mark its CRDs with {code(_KEEP)} (a value of the chart, "
            "or a post-renderer), and merge it."
        ),
        f"Check on every cluster that each live CRD has the annotation {code(_KEEP)} before going on.",
        (
            f"In a second change, switch the CRDs off in the values of {code(release.ref)} ({switches}); check that "
            "they are there."
        ),
    )
