"""CRDs that a release deletes from the running cluster when it is upgraded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.flux.crd import defined_by
from bot.model.ask import Rendered
from bot.model.cluster import Cluster
from bot.model.field import Body, text
from bot.model.flux import Release
from bot.model.ref import GroupKind
from bot.model.resource import Resource
from bot.simulate.case import Case
from bot.simulate.charted import is_hook
from bot.simulate.upgraded import charts_of, upgrades


@dataclass(frozen=True, slots=True)
class Dropped:
    """The kinds whose CRDs a release had among its templates and has there no longer.

    ``version`` is one in which the first of ``kinds`` was served, ``used`` an
    object of that kind in the cluster, None where the repository has none.
    ``moved`` says that some of them lie in the chart's ``crds/`` now, ``known``
    that all of the release's values were known.
    """

    release: Release
    kinds: tuple[GroupKind, ...]
    version: str
    used: Resource | None
    moved: bool
    known: bool


def dropped(case: Case) -> Iterator[Dropped]:
    """Every release whose change makes Helm delete CRDs; only charts that were rendered before and after count.

    Helm deletes what its last release had and the next has not, unless the
    object says ``helm.sh/resource-policy: keep``. What lies in ``crds/`` it
    never deletes, and it does not see that a CRD went there.
    """
    for one in upgrades(case):
        gone = {what: versions for what, versions in _deletable(one.before) if what not in _templated(one.after)}
        if gone:
            known = not one.old.values_unknown and not one.new.values_unknown
            yield _told(case.cluster, one.new, gone, known=known)


def _told(cluster: Cluster, release: Release, gone: Mapping[GroupKind, tuple[str, ...]], *, known: bool) -> Dropped:
    used = {resource.group_kind: resource for resource, _ in reversed(list(cluster.resources.values()))}
    first, *others = sorted(gone, key=lambda what: (what not in used, what))
    chart = charts_of(cluster)[release.ref]
    moved = any(found[0] in gone for document in chart.crds if (found := defined_by(document.body)))
    return Dropped(release, (first, *others), next(iter(gone[first]), ""), used.get(first), moved, known)


def _deletable(chart: Rendered) -> Iterator[tuple[GroupKind, tuple[str, ...]]]:
    """The kinds whose CRDs Helm owns and may delete, with the versions that they serve."""
    owned = (document.body for document in chart.documents if not is_hook(document.body))
    return (found for body in owned if not _is_kept(body) and (found := defined_by(body)))


def _is_kept(body: Body) -> bool:
    return text(body, "metadata", "annotations", "helm.sh/resource-policy").strip().lower() == "keep"


def _templated(chart: Rendered) -> frozenset[GroupKind]:
    found = (defined_by(document.body) for document in chart.documents if not is_hook(document.body))
    return frozenset(one[0] for one in found if one)
