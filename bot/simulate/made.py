"""Who makes the sources, ConfigMaps and Secrets that Flux reads before it applies or installs something."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from bot.flux.kustomization import SOURCE_EXTENSIONS
from bot.model.cluster import Cluster
from bot.model.field import mappings, text
from bot.model.flux import Required
from bot.model.ref import SOURCE, GroupKind, Ref
from bot.model.resource import Resource


class Made(NamedTuple):
    """One way in which a required object comes to be: ``by`` is the object itself or what a controller makes it of."""

    by: Ref
    owner: Ref


class Requirement(NamedTuple):
    """What something reads, with everything in the cluster that makes it; any of them is enough."""

    required: Required
    made: tuple[Made, ...]


def requirements(cluster: Cluster) -> Mapping[Ref, tuple[Requirement, ...]]:
    """What each Kustomization and HelmRelease reads and the cluster makes.

    What nothing makes is left out: Secrets and sources made by hand are the
    rule. So is what an entry point reads, or what only its own reader applies:
    that was there before Flux.
    """
    wanted = {ref: node.kustomization.requires for ref, node in cluster.nodes.items() if node.parents}
    wanted |= {ref: release.requires for ref, (release, _) in cluster.releases.items()}
    early = {one.ref for node in cluster.nodes.values() if not node.parents for one in node.kustomization.requires}
    asked = {one.ref for some in wanted.values() for one in some} - early
    asked -= {ref for ref in asked if _is_provided(cluster, ref)}
    makers = _makers(cluster, asked) if asked else {}
    found = {ref: tuple(_made_by_others(ref, some, makers)) for ref, some in wanted.items()}
    return {ref: some for ref, some in found.items() if some}


def _made_by_others(
    ref: Ref, wanted: Iterable[Required], makers: Mapping[Ref, Sequence[Made]]
) -> Iterator[Requirement]:
    for one in wanted:
        made = tuple(makers.get(one.ref, ()))
        if made and all(each.owner != ref for each in made):
            yield Requirement(one, made)


def _is_provided(cluster: Cluster, ref: Ref) -> bool:
    return bool({str(ref), f"{ref.kind}/{ref.name}"} & set(cluster.provided.objects))


def _makers(cluster: Cluster, asked: set[Ref]) -> dict[Ref, list[Made]]:
    found: dict[Ref, list[Made]] = {}
    kinds = making({ref.kind for ref in asked})
    for owner, node in cluster.nodes.items():
        if node.kustomization.target:
            continue
        for resource in node.resources:
            for ref in makes(resource) if resource.ref.kind in kinds else ():
                if ref in asked and not resource.is_skipped:
                    found.setdefault(ref, []).append(Made(resource.ref, owner))
    return found


def making(kinds: Collection[str]) -> Collection[str]:
    """The kinds of objects that may make something of these kinds: themselves, and those of controllers."""
    return {*kinds, *_KINDS}


def makes(resource: Resource) -> Iterator[Ref]:
    """The object itself, and the objects that a controller makes of it."""
    yield resource.ref
    if resource.ref.kind in _KINDS:
        maker = _OUTPUT.get(resource.group_kind)
        yield from maker(resource) if maker else ()


def _external_secret(resource: Resource) -> Iterator[Ref]:
    """The Secret of an ExternalSecret, unless it only adds to one of somebody else."""
    target = ("spec", "target")
    if text(resource.body, *target, "creationPolicy") not in ("Merge", "None"):
        yield _secret(resource, text(resource.body, *target, "name") or resource.ref.name)


def _sealed_secret(resource: Resource) -> Iterator[Ref]:
    yield _secret(resource, text(resource.body, "spec", "template", "metadata", "name") or resource.ref.name)


def _certificate(resource: Resource) -> Iterator[Ref]:
    yield _secret(resource, text(resource.body, "spec", "secretName"))


def _secret(resource: Resource, name: str) -> Ref:
    return Ref("", "Secret", resource.ref.namespace, name)


def _artifacts(resource: Resource) -> Iterator[Ref]:
    for entry in mappings(resource.body, "spec", "artifacts"):
        yield Ref(SOURCE, "ExternalArtifact", resource.ref.namespace, text(entry, "name"))


_OUTPUT: dict[GroupKind, Callable[[Resource], Iterator[Ref]]] = {
    GroupKind("external-secrets.io", "ExternalSecret"): _external_secret,
    GroupKind("bitnami.com", "SealedSecret"): _sealed_secret,
    GroupKind("cert-manager.io", "Certificate"): _certificate,
    GroupKind(SOURCE_EXTENSIONS, "ArtifactGenerator"): _artifacts,
}
_KINDS = frozenset(what.kind for what in _OUTPUT)
