"""Flux's two controllers, played literally: one reconciliation after the other, in any order, until nothing changes.

Written from what the controllers do, without a look at how fluxbot plays them,
and with nothing of fluxbot in it: where the two disagree, one of them is wrong.
It is slow, and plays a fresh cluster only. Manifests are plain mappings.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

Manifest: TypeAlias = Mapping[str, object]
"""A parsed manifest, read with ``get``: whatever is absent takes Flux's default."""

BUILT_IN = frozenset({"ConfigMap", "Secret", "Namespace", "CustomResourceDefinition", "ClusterRole"})
FLUX = frozenset({"Kustomization", "HelmRelease", "GitRepository"})
DEFINITIONS = frozenset({"CustomResourceDefinition", "Namespace", "ClusterRole"})
MARK = "kustomize.toolkit.fluxcd.io/reconcile"


@dataclass(frozen=True)
class Chart:
    """What Helm finds in a chart: the manifests of ``crds/``, and those that its templates render to."""

    crds: tuple[Manifest, ...] = ()
    templates: tuple[Manifest, ...] = ()


@dataclass(frozen=True)
class World:
    """``artifact`` is what each path of the source builds to; ``before`` what is there before Flux starts."""

    root: Manifest
    artifact: Mapping[str, tuple[Manifest, ...]]
    charts: Mapping[str, Chart]
    before: tuple[Manifest, ...] = ()


class State(NamedTuple):
    """The names of all objects of the API server, and of those of Flux whose condition Ready is true."""

    objects: frozenset[str]
    ready: frozenset[str]


class Attempt(StrEnum):
    """How one reconciliation of a Kustomization ends."""

    SUSPENDED = "suspended"
    DEPENDENCY_NOT_READY = "dependency not ready"
    BUILD_FAILED = "build failed"
    DRY_RUN_FAILED = "dry-run failed"
    HEALTH_CHECK_FAILED = "health check failed"
    READY = "ready"


@dataclass
class Ending:
    """What became of a world.

    ``ready`` came up whatever the order, ``refused`` are Kustomizations whose
    first dry-run fails in some order; ``complete`` is whether all orders were
    played, not only some.
    """

    ready: frozenset[str] = frozenset()
    applied: frozenset[str] = frozenset()
    refused: set[str] = field(default_factory=set)
    complete: bool = True


def at(manifest: object, *path: str) -> object:
    for step in path:
        manifest = manifest.get(step) if isinstance(manifest, Mapping) else None
    return manifest


def each(manifest: object, *path: str) -> list[Mapping[str, object]]:
    found = at(manifest, *path)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def name_of(manifest: Manifest) -> str:
    return f"{manifest['kind']}/{at(manifest, 'metadata', 'namespace') or ''}/{at(manifest, 'metadata', 'name')}"


def named(kind: str, entry: object, namespace: object) -> str:
    """The object that a reference means, in the referrer's namespace unless it says otherwise."""
    return f"{kind}/{at(entry, 'namespace') or namespace or ''}/{at(entry, 'name')}"


class Player:
    """The API server's rules, and the two controllers; each call is one reconciliation."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.manifests: dict[str, Manifest] = {}
        self.kinds = {
            (at(one, "spec", "group"), at(one, "spec", "names", "kind")): name_of(one) for one in self._everything()
        }
        for one in self._everything():
            self.manifests[name_of(one)] = one
        self.stages: dict[str, list[tuple[frozenset[str], frozenset[str]]]] = {}

    def _everything(self) -> Iterator[Manifest]:
        yield self.world.root
        yield from self.world.before
        for some in self.world.artifact.values():
            yield from some
        for chart in self.world.charts.values():
            yield from (*chart.crds, *chart.templates)

    def start(self) -> State:
        """The cluster after bootstrap: the root Kustomization, and what was there before."""
        there = (self.world.root, *self.world.before)
        system = "Namespace//flux-system"
        return State(frozenset({system, *map(name_of, there)}), frozenset())

    # The API server

    def asked_for(self, manifest: Manifest, *, namespace: bool = True) -> Iterator[str]:
        """What has to be there for the API server to accept an object: the CRD of its kind, and its namespace."""
        kind = str(manifest["kind"])
        if kind not in BUILT_IN | FLUX:
            group = str(manifest["apiVersion"]).partition("/")[0]
            yield self.kinds.get((group, kind), f"no CRD of {kind}")
        home = at(manifest, "metadata", "namespace")
        if home and namespace:
            yield f"Namespace//{home}"

    # kustomize-controller

    def kustomization(self, state: State, name: str) -> tuple[State, Attempt]:
        """One reconciliation, from the dependencies to the health checks."""
        manifest = self.manifests[name]
        spec, home = at(manifest, "spec"), at(manifest, "metadata", "namespace")
        if at(spec, "suspend"):
            return state, Attempt.SUSPENDED
        for entry in each(spec, "dependsOn"):
            if named("Kustomization", entry, home) not in state.ready:
                return state, Attempt.DEPENDENCY_NOT_READY
        for entry in each(spec, "postBuild", "substituteFrom"):
            if not entry.get("optional") and named(str(entry["kind"]), entry, home) not in state.objects:
                return state, Attempt.BUILD_FAILED
        for asked, applied in self.staged(name):
            if not asked <= state.objects:
                return state, Attempt.DRY_RUN_FAILED
            state = State(state.objects | applied, state.ready)
        if not all(self.is_current(state, one) for one in self.awaited(name)):
            return state, Attempt.HEALTH_CHECK_FAILED
        return State(state.objects, state.ready | {name}), Attempt.READY

    def applied_by(self, name: str) -> tuple[Manifest, ...]:
        path = str(at(self.manifests[name], "spec", "path"))
        built = self.world.artifact[path.removeprefix("./")]
        return tuple(one for one in built if at(one, "metadata", "annotations", MARK) != "disabled")

    def staged(self, name: str) -> list[tuple[frozenset[str], frozenset[str]]]:
        """The apply stages: what the dry-run of all of a stage's objects asks for, and the objects."""
        if name not in self.stages:
            stages: list[list[Manifest]] = [[], [], []]
            for one in self.applied_by(name):
                kind = str(one["kind"])
                stages[0 if kind in DEFINITIONS else 1 if kind.endswith("Class") else 2].append(one)
            self.stages[name] = [
                (frozenset(need for one in some for need in self.asked_for(one)), frozenset(map(name_of, some)))
                for some in stages
            ]
        return self.stages[name]

    def awaited(self, name: str) -> list[str]:
        """With ``wait`` all that is applied, and else the health checks; never the Kustomization itself."""
        spec = at(self.manifests[name], "spec")
        if at(spec, "wait"):
            found = [name_of(one) for one in self.applied_by(name)]
        else:
            found = [named(str(entry["kind"]), entry, "") for entry in each(spec, "healthChecks")]
        return [one for one in found if one != name]

    def is_current(self, state: State, name: str) -> bool:
        """What kstatus says of an object: those of Flux by their condition, all others as soon as they are there."""
        if name not in state.objects:
            return False
        kind = name.partition("/")[0]
        if kind == "HelmRelease" and at(self.manifests[name], "spec", "suspend"):
            return True  # its status has a generation and no conditions
        return name in state.ready if kind in ("Kustomization", "HelmRelease") else True

    # helm-controller

    def release(self, state: State, name: str) -> State:
        """One reconciliation of a HelmRelease: an installation, or as much of it as works."""
        manifest = self.manifests[name]
        spec, home = at(manifest, "spec"), at(manifest, "metadata", "namespace")
        if at(spec, "suspend"):
            return state
        if any(named("HelmRelease", entry, home) not in state.ready for entry in each(spec, "dependsOn")):
            return state
        for entry in each(spec, "valuesFrom"):
            if not entry.get("optional") and named(str(entry["kind"]), entry, home) not in state.objects:
                return state
        chart = self.world.charts[str(at(spec, "chart", "spec", "chart")).rpartition("/")[2]]
        objects = state.objects
        if at(spec, "install", "crds") != "Skip":
            objects |= set(map(name_of, chart.crds))
        # Helm looks up the kinds of all templates before it makes anything; that failure is not counted.
        if any(need not in objects for one in chart.templates for need in self.asked_for(one, namespace=False)):
            return State(objects, state.ready)
        target = at(spec, "targetNamespace")
        if target and at(spec, "install", "createNamespace"):
            objects |= {f"Namespace//{target}"}
        return State(objects | set(map(name_of, chart.templates)), state.ready | {name})


def play(world: World, most: int = 2_000, seed: int = 0) -> Ending:
    """The world in every order of reconciliations, or in many where there are more than ``most`` states."""
    player, ending = Player(world), Ending()
    chance = random.Random(seed)  # noqa: S311 - an order, and no secret
    seen = {player.start()}
    pending = [player.start()]
    last: State | None = None
    while pending:
        state = pending.pop()
        moves = list(_moves(player, state, ending))
        if not moves:
            assert last is None or last == state, "the order decides what comes up"
            last = state
        chance.shuffle(moves)
        for after in moves:
            if after not in seen and len(seen) < most:
                seen.add(after)
                pending.append(after)
            elif after not in seen:
                ending.complete = False
    if last is None:  # no order was played to its end
        last = _any_end(player, ending)
    ending.ready = last.ready
    ending.applied = frozenset(one for one in player.manifests if _is_applied(player, last, one))
    return ending


def _moves(player: Player, state: State, ending: Ending) -> Iterator[State]:
    """The states to which one more reconciliation leads."""
    for name in state.objects:
        kind = name.partition("/")[0]
        if kind == "Kustomization":
            after, attempt = player.kustomization(state, name)
            if attempt is Attempt.DRY_RUN_FAILED:
                ending.refused.add(name)
        elif kind == "HelmRelease":
            after = player.release(state, name)
        else:
            continue
        if after != state:
            yield after


def _any_end(player: Player, ending: Ending) -> State:
    state = player.start()
    while moves := list(_moves(player, state, ending)):
        state = moves[0]
    return state


def _is_applied(player: Player, state: State, name: str) -> bool:
    if not name.startswith("Kustomization/") or name not in state.objects:
        return False
    attempt = player.kustomization(state, name)[1]
    return attempt in (Attempt.HEALTH_CHECK_FAILED, Attempt.READY)
