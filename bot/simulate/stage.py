"""What a play is played with: the objects of a cluster, and the facts that they need and bring.

Sets of facts are integers, a bit a fact: unions are what most of the work is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.flux.crd import defined_by
from bot.model.cluster import Cluster, Node
from bot.model.ref import Ref
from bot.simulate.charted import charted
from bot.simulate.checked import behind
from bot.simulate.expressions import Flawed, flawed
from bot.simulate.fact import NAMESPACE, Fact, Need, brought_by_objects, defined, needs, provided
from bot.simulate.made import Requirement, requirements
from bot.simulate.refused import Refused, refused
from bot.simulate.uses import Use, uses


@dataclass(frozen=True)
class Stage:
    """The cluster's objects with their facts as bits; the same for every play of one cluster."""

    cluster: Cluster
    needs: Mapping[Ref, tuple[Need, ...]]
    bits: Mapping[Fact, int]
    needed: Mapping[Ref, int]
    defined: Mapping[Ref, int]
    brought: Mapping[Ref, int]
    """By the object that brings it: a HelmRelease, or the trigger of a controller."""
    first: Mapping[Ref, int]
    """By release what its chart's ``crds/`` make, which are applied before the kinds of its templates are looked up."""
    looked_up: Mapping[Ref, int]
    """By release the kinds that its chart's templates need."""
    triggers: Mapping[Ref, tuple[Ref, ...]]
    """By Kustomization: its objects, other than HelmReleases, that bring facts."""
    children: Mapping[Ref, tuple[Ref, ...]]
    requirements: Mapping[Ref, tuple[Requirement, ...]]
    """By Kustomization and HelmRelease: what it reads before it begins, and who makes that."""
    uses: Mapping[Ref, tuple[Use, ...]]
    """By Kustomization: what it waits for that is ready only once another one is applied."""
    flawed: Mapping[Ref, tuple[Flawed, ...]]
    """By Kustomization and HelmRelease its expressions that keep it from ever beginning."""
    refused: Mapping[Ref, tuple[Refused, ...]]
    """By Kustomization: its objects that keep it from ever being applied."""
    outside: int
    """What holds before Flux starts, and what nothing in the tree brings: absent is not missing."""

    def facts(self, bits: int) -> frozenset[Fact]:
        return frozenset(fact for fact, bit in self.bits.items() if bits & bit)


def stage(cluster: Cluster, before: Stage | None = None) -> Stage:
    """The facts of a cluster, gathered once; ``before`` is its stage in another tree, with Kustomizations in common."""
    known = before.cluster.nodes if before else {}
    wanted = {
        ref: before.needs[ref] if before and known.get(ref) is node else needs(node)
        for ref, node in cluster.nodes.items()
    }
    charts = charted(cluster)
    every = {need.fact for some in wanted.values() for need in some}
    every |= {fact for one in charts.values() for fact in one.needed}
    own = {ref: tuple(defined(node)) for ref, node in cluster.nodes.items()}
    brought: dict[Ref, set[Fact]] = {}
    triggers: dict[Ref, list[Ref]] = {}
    for ref, node in cluster.nodes.items():
        for by, fact in brought_by_objects(node, every):
            brought.setdefault(by, set()).add(fact)
            if by not in cluster.releases and by not in triggers.setdefault(ref, []):
                triggers[ref].append(by)
    bits: dict[Fact, int] = {}
    for fact in sorted(every | {f for some in own.values() for f in some} | {f for s in brought.values() for f in s}):
        bits[fact] = 1 << len(bits)
    made = {f for some in own.values() for f in some} | {f for some in brought.values() for f in some}
    outside = _mask(bits, (fact for fact in bits if fact not in made or provided(cluster, fact) is not None))
    return Stage(
        cluster,
        wanted,
        bits,
        {ref: _mask(bits, (need.fact for need in some)) for ref, some in wanted.items()},
        {ref: _mask(bits, some) for ref, some in own.items()},
        {by: _mask(bits, some) for by, some in brought.items()},
        {ref: _mask(bits, one.first & made) for ref, one in charts.items()},
        {ref: _mask(bits, one.needed - one.first) for ref, one in charts.items()},
        {ref: tuple(some) for ref, some in triggers.items()},
        _children(cluster),
        requirements(cluster),
        uses(cluster),
        flawed(cluster),
        refused(cluster, (before.cluster, before.refused) if before else None),
        outside,
    )


def _mask(bits: Mapping[Fact, int], facts: Iterable[Fact]) -> int:
    mask = 0
    for fact in facts:
        mask |= bits[fact]
    return mask


def _children(cluster: Cluster) -> dict[Ref, tuple[Ref, ...]]:
    children: dict[Ref, list[Ref]] = {}
    for ref, node in cluster.nodes.items():
        for parent in node.parents:
            children.setdefault(parent, []).append(ref)
    return {ref: tuple(some) for ref, some in children.items()}


def definition(stage: Stage, ref: Ref) -> int:
    """The fact that a CRD or Namespace of the tree stands for, whoever makes it; 0 for any other object."""
    found = stage.cluster.resources.get(ref)
    if found is None or ref.kind not in ("CustomResourceDefinition", "Namespace"):
        return 0
    target = stage.cluster.nodes[found[1]].kustomization.target
    if found[0].group_kind == NAMESPACE:
        return stage.bits.get(Fact(target, NAMESPACE, ref.name), 0)
    defined = defined_by(found[0].body)
    return stage.bits.get(Fact(target, defined[0]), 0) if defined else 0


def awaited(stage: Stage, node: Node) -> tuple[Ref, ...]:
    """The objects whose health a Kustomization waits for: all it applies with ``wait``, else its health checks.

    Itself is never among them (kustomize-controller guards against that deadlock).
    """
    if node.kustomization.wait:
        return (*(release.ref for release in node.releases), *stage.children.get(node.ref, ()))
    return tuple(behind(stage.cluster, ref) for ref in node.kustomization.health_checks if ref != node.ref)
