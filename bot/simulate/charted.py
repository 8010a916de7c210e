"""What the charts of releases need and have, as far as Flux is bound to render the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.flux.crd import defined_by
from bot.model.ask import Rendered
from bot.model.cluster import Cluster
from bot.model.field import Body, text
from bot.model.flux import Release
from bot.model.ref import GroupKind, Ref, version_of
from bot.model.resource import identity
from bot.simulate.fact import Fact, needs_kind


@dataclass(frozen=True, slots=True)
class Charted:
    """The facts that a chart's templates need before Helm stores the release, and those that its ``crds/`` make before.

    helm-controller applies ``crds/`` first, and keeps them whatever becomes of the rest.
    """

    needed: frozenset[Fact]
    first: frozenset[Fact]


def charted(cluster: Cluster) -> Mapping[Ref, Charted]:
    """By release; those whose chart is not known for certain are left out."""
    found = {ref: _of(cluster, *one) for ref, one in cluster.releases.items()}
    return {ref: one for ref, one in found.items() if one is not None}


def _of(cluster: Cluster, release: Release, owner: Ref) -> Charted | None:
    node = cluster.nodes[owner]
    chart = node.charts.get(release.ref)
    if chart is None:
        return None
    target = release.target or node.kustomization.target
    needed = (what for what in chart_objects(chart) if needs_kind(what))
    return Charted(
        frozenset(Fact(target, what) for what in needed),
        frozenset(Fact(target, what) for what in directory_kinds(release, chart)),
    )


def chart_objects(chart: Rendered) -> Mapping[GroupKind, tuple[Ref, str]]:
    """The first object of each kind with its version, but for hooks: Helm looks at these only when their turn comes."""
    found: dict[GroupKind, tuple[Ref, str]] = {}
    for document in chart.documents:
        ref = identity(document.body)
        if ref.kind and not is_hook(document.body):
            found.setdefault(ref.group_kind, (ref, version_of(text(document.body, "apiVersion"))))
    return found


def directory_kinds(release: Release, chart: Rendered) -> Iterator[GroupKind]:
    """The kinds whose CRDs lie in a chart's ``crds/``, unless the release skips them."""
    if release.install_crds != "Skip":
        yield from (one[0] for document in chart.crds if (one := defined_by(document.body)))


def is_hook(body: Body) -> bool:
    """Whether Helm applies an object by itself, apart from what it keeps as the release."""
    return bool(text(body, "metadata", "annotations", "helm.sh/hook"))
