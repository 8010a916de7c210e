"""HelmReleases that may begin too early, and for which the first failure is the last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from bot.model.cluster import Cluster
from bot.model.field import FieldPath, Value, text
from bot.model.flux import Release
from bot.model.ref import Ref
from bot.simulate.case import Case
from bot.simulate.controllers import is_switched_on
from bot.simulate.fact import NAMESPACE, Fact
from bot.simulate.made import Made, makes, making
from bot.simulate.namespace import makers

_KEYS = {
    "existingSecret": "Secret",
    "existingSecretName": "Secret",
    "secretName": "Secret",
    "secretRef": "Secret",
    "secretKeyRef": "Secret",
    "configMapRef": "ConfigMap",
    "configMapKeyRef": "ConfigMap",
}
"""Keys under which the values of most charts name an object: the name itself, or a mapping with ``name``."""
_TIMEOUT = 300.0
"""Seconds that helm-controller waits for what it installs, where a release does not say (``spec.timeout``)."""


@dataclass(frozen=True, slots=True)
class Race:
    """``release``, applied by ``owner``, cannot be installed without ``what``, and ``made`` may make that too late.

    ``field`` is where the release names it.
    """

    release: Release
    owner: Ref
    what: Ref
    made: Made
    field: FieldPath


def races(case: Case) -> Iterator[Race]:
    """The races of releases that are not tried again; the first one of each."""
    hasty = [one for one in case.cluster.releases.values() if one[0].gives_up and not one[0].suspended]
    objects = _makers(case.cluster) if hasty else {}
    found = [
        next(chain(_for_namespace(case, release, owner), _for_objects(case, release, owner, objects)), None)
        for release, owner in hasty
    ]
    some = [one for one in found if one]
    # Where helm-controller runs with it (hc 1.5.2), a release that says nothing is tried again.
    if some and not is_switched_on(case.cluster, "DefaultToRetryOnFailure"):
        yield from some


def _for_namespace(case: Case, release: Release, owner: Ref) -> Iterator[Race]:
    """The target namespace, which another makes: Helm stores the release before it finds out."""
    if release.target_namespace == release.ref.namespace or release.creates_namespace or release.target:
        return
    stage = case.fresh.stage
    fact = Fact(stage.cluster.nodes[owner].kustomization.target, NAMESPACE, release.target_namespace)
    bit = stage.bits.get(fact, 0)
    if not bit or bit & (case.fresh.before[owner] | stage.outside):
        return
    waited = {entry.ref for entry in release.depends_on}
    made = [Made(one.by, one.owner) for one in makers(case.cluster, fact)]
    if made and not any(one.by in waited for one in made):
        what = Ref("", "Namespace", "", release.target_namespace)
        yield Race(release, owner, what, made[0], ("spec", "targetNamespace"))


def _for_objects(case: Case, release: Release, owner: Ref, objects: Mapping[Ref, list[Made]]) -> Iterator[Race]:
    """What the values name and what comes, by the retry of another Kustomization, after Helm has given up."""
    if release.disable_wait or case.fresh.is_late(owner):
        return
    patience = release.timing.timeout or _TIMEOUT
    for kind, name in _named(release.values):
        made = objects.get(Ref("", kind, release.target_namespace, name), [])
        if made and all(_comes_after(case, one.owner, owner, patience) for one in made):
            what = Ref("", kind, release.target_namespace, name)
            yield Race(release, owner, what, made[0], ("spec", "values"))


def _comes_after(case: Case, maker: Ref, owner: Ref, patience: float) -> bool:
    """Whether a Kustomization loses a race of its own and tries again only when the release has failed."""
    timing = case.cluster.nodes[maker].kustomization.timing
    return maker != owner and case.fresh.is_late(maker) and (timing.retry or timing.interval or 0) > patience


def _named(value: Value, key: str = "") -> Iterator[tuple[str, str]]:
    """Kind and name of the objects that the values of a release name."""
    if isinstance(value, dict):
        if key in _KEYS and text(value, "name"):
            yield _KEYS[key], text(value, "name")
        for inner, each in value.items():
            yield from _named(each, inner)
    elif isinstance(value, list):
        for each in value:
            yield from _named(each, key)
    elif isinstance(value, str) and key in _KEYS:
        yield _KEYS[key], value


def _makers(cluster: Cluster) -> dict[Ref, list[Made]]:
    found: dict[Ref, list[Made]] = {}
    kinds = making(("Secret", "ConfigMap"))
    for owner, node in cluster.nodes.items():
        for resource in node.resources:
            for ref in makes(resource) if resource.ref.kind in kinds else ():
                if ref.kind in ("Secret", "ConfigMap"):
                    found.setdefault(ref, []).append(Made(resource.ref, owner))
    return found
