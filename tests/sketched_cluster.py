"""Clusters of a test, sketched: who applies what, who brings which kind, who waits for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.flux.kustomization import read_kustomization
from bot.flux.release import read_release
from bot.model.cluster import (
    Break,
    Broken,
    Building,
    Cluster,
    Confidence,
    Means,
    Node,
    Output,
    Provided,
    Provision,
    Unresolved,
)
from bot.model.field import Body, Value
from bot.model.ref import HELM, KUSTOMIZE, GroupKind, Ref, kustomization, release
from bot.model.resource import Origin, Resource, identity, resource
from bot.model.snapshot import Snapshot
from bot.simulate.case import Case, case
from bot.simulate.stage import stage

GROUP = "example.org"


@dataclass(frozen=True)
class Sketch:
    """One Kustomization.

    ``needs`` are kinds of which it applies an object, ``defines`` kinds whose
    CRD it applies, ``releases`` its HelmReleases with the kinds they bring,
    ``triggers`` likewise its objects whose controller brings them.
    """

    name: str
    needs: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    releases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    triggers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    spec: Body = field(default_factory=dict)
    release_spec: Body = field(default_factory=dict)
    objects: tuple[Body, ...] = ()
    confidence: Confidence = Confidence.PROVEN
    broken: bool = False
    unread: str = ""


def ks(name: str) -> Ref:
    return kustomization("flux-system", name)


def hr(name: str) -> Ref:
    return release("flux-system", name)


def kind(name: str) -> GroupKind:
    return GroupKind(GROUP, name)


def cluster(*sketches: Sketch, provided: Provided | None = None) -> Cluster:
    nodes = {ks(one.name): _node(one) for one in sketches}
    return Cluster("clusters/main", Snapshot("head", {}), None, nodes, provided or Provided())


def names(refs: object) -> list[str]:
    """The sorted names of some Refs."""
    assert isinstance(refs, frozenset | tuple | list)
    return sorted(ref.name for ref in refs if isinstance(ref, Ref))


def _node(sketch: Sketch) -> Node:
    entries: list[Value] = [{"name": name} for name in sketch.after]
    spec: Body = {"path": sketch.name, "dependsOn": entries, **sketch.spec}
    release_spec: Body = {"interval": "1h", **sketch.release_spec}
    releases = [
        read_release(_object(f"{HELM}/v2", "HelmRelease", name, release_spec), lambda _: None)
        for name in sketch.releases
    ]
    resources = (
        *(_object(f"{GROUP}/v1", name, f"a-{name.lower()}") for name in sketch.needs),
        *(one.resource for one in releases),
        *(resource(body, _origin(body)) for body in sketch.objects),
    )
    return Node(
        kustomization=read_kustomization(_object(f"{KUSTOMIZE}/v1", "Kustomization", sketch.name, spec)),
        parents=tuple(ks(name) for name in sketch.parents),
        building=_building(sketch, resources),
        releases=tuple(releases),
        provisions=tuple(_provisions(sketch)),
    )


def _building(sketch: Sketch, resources: tuple[Resource, ...]) -> Building:
    if sketch.broken:
        return Broken(Break.BUILD_FAILS, "no such file", "kustomize build failed: no such file", "x.yaml")
    return Unresolved(sketch.unread) if sketch.unread else Output(resources)


def _provisions(sketch: Sketch) -> list[Provision]:
    owner, sure = ks(sketch.name), sketch.confidence
    found = [Provision(kind(what), owner, owner, Means.MANIFEST, Confidence.PROVEN) for what in sketch.defines]
    for name, kinds in sketch.releases.items():
        found += [Provision(kind(what), hr(name), owner, Means.RELEASE, sure) for what in kinds]
    for name, kinds in sketch.triggers.items():
        by = Ref("operators.coreos.com", "Subscription", "flux-system", name)
        found += [Provision(kind(what), by, owner, Means.CONTROLLER, sure) for what in kinds]
    return found


def _object(api_version: str, its_kind: str, name: str, spec: Body | None = None) -> Resource:
    body: Body = {
        "apiVersion": api_version,
        "kind": its_kind,
        "metadata": {"name": name, "namespace": "flux-system"},
        "spec": spec or {},
    }
    return resource(body, _origin(body))


def _origin(body: Body) -> Origin:
    ref = identity(body)
    return Origin("x.yaml", ref.group, ref.kind, ref.namespace, ref.name)


def played(head: Cluster, base: Cluster | None = None) -> Case:
    """The cluster after a change, played fresh and on what the base left."""
    return case(stage(head), stage(base) if base else None, None)
