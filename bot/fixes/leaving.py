"""Which objects may leave a Kustomization: those that no cluster has yet, wherever their text is applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.fixes.draft import Unfixable
from bot.fixes.spot import Ground
from bot.fixes.texts import Texts
from bot.model.cluster import Node, Output
from bot.model.finding import Finding
from bot.model.quote import code
from bot.model.ref import Ref
from bot.model.resource import Resource
from bot.simulate.order import Gap
from bot.simulate.ownership import may_prune, owned

Grounds = Mapping[str, Ground]


@dataclass(frozen=True, slots=True)
class Owner:
    """A Kustomization of one cluster that applies what is to leave it; ``heads`` are what bring that its kinds."""

    ground: Ground
    node: Node
    heads: tuple[tuple[Ref, Ref], ...]
    """Pairs of the Kustomization to wait for, and of its object that counts."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Objects by the place of their text, and every Kustomization of every cluster that applies them."""

    resources: tuple[Resource, ...]
    owners: tuple[Owner, ...]

    def of(self, owner: Owner) -> tuple[Resource, ...]:
        """What one of the owners has of them, under the names that it gives them."""
        snapshot = owner.ground.cluster.snapshot
        return tuple(made_of(owner.ground, owner.node, Texts.of(snapshot, self.resources)))


@dataclass(frozen=True, slots=True)
class Alive:
    """What could leave, were it not for objects that live."""

    leaving: Leaving
    live: tuple[Ref, ...]


def leaving(grounds: Grounds, root: str, finding: Finding) -> Leaving | Alive | Unfixable:
    """The custom resources that leave a Kustomization of the cluster ``root``: those of the finding, and others alike.

    All that are new go together, so one new Kustomization is enough.
    """
    ground = grounds[root]
    about = finding.about
    inside = [one for one in ground.case.openings if one.gap is Gap.WITHIN and one.dependent == about]
    stuck = {one.need.fact.what for one in inside}
    every = ground.cluster.nodes[about].resources
    asked = [one for one in every if not one.is_skipped and _is_meant(one, finding)]
    candidates = [one for one in every if one in asked or (one.group_kind in stuck and not one.is_skipped)]
    if not asked:
        return Unfixable(f"what {code(about)} applies is not found")
    live = sorted({one.ref for one in asked if _is_live(grounds, one)})
    going = asked if live else [one for one in candidates if not _is_live(grounds, one)]
    generated = next((one for one in going if one.origin.generated), None)
    if generated:
        return Unfixable(f"{code(generated.ref)} is made by a generator")
    found = Leaving(tuple(going), tuple(owners_of(grounds, going)))
    return Alive(found, tuple(live)) if live else found


def _is_meant(resource: Resource, finding: Finding) -> bool:
    """Whether a finding is about an object: the one that it names, and all of its kind (of one version, if served)."""
    missing = finding.missing
    if resource.ref == finding.object or missing is None:
        return resource.ref == finding.object
    is_same = resource.group_kind == missing.what
    return is_same and (resource.version == missing.version or finding.rule != "crd-bump-with-instances")


def owners_of(grounds: Grounds, going: Iterable[Resource]) -> Iterator[Owner]:
    """Every Kustomization of every cluster that applies what comes of the same texts."""
    texts = _texts(grounds, going)
    for ground in grounds.values():
        for node in ground.cluster.nodes.values():
            if any(made_of(ground, node, texts)):
                yield Owner(ground, node, _heads(ground, node, texts))


def _texts(grounds: Grounds, going: Iterable[Resource]) -> Texts:
    return Texts.of(next(iter(grounds.values())).cluster.snapshot, going)


def made_of(ground: Ground, node: Node, texts: Texts) -> Iterator[Resource]:
    """What a Kustomization applies that comes of some texts."""
    return (one for one in node.resources if texts.make(ground.cluster.snapshot, one))


def _heads(ground: Ground, node: Node, texts: Texts) -> tuple[tuple[Ref, Ref], ...]:
    """What the objects wait for in this cluster; the Kustomization itself where nothing is known to."""
    snapshot = ground.cluster.snapshot
    found = {
        (one.owner, one.provider.by)
        for one in ground.case.openings
        if one.gap is Gap.WITHIN and one.dependent == node.ref and texts.make(snapshot, one.need.resource)
    }
    return tuple(sorted(found)) or ((node.ref, node.ref),)


def _is_live(grounds: Grounds, resource: Resource) -> bool:
    """Whether any cluster that applies the same text may have what comes of it today."""
    texts = _texts(grounds, [resource])
    return any(
        is_alive(grounds, ground, node, one)
        for ground in grounds.values()
        for node in ground.cluster.nodes.values()
        for one in made_of(ground, node, texts)
    )


def is_alive(grounds: Grounds, ground: Ground, node: Node, resource: Resource) -> bool:
    """Whether a cluster may have an object today that Flux would delete when it moves.

    Its base applies it, and whoever does prunes it; or the base cannot be read
    where it would. Without a change to compare with, all that there is lives.
    """
    base = ground.case.base
    if base is None:
        return all(one.case.base is None for one in grounds.values())
    earlier = base.nodes.get(node.ref)
    if earlier and not isinstance(earlier.building, Output):
        return True
    by = dict(ground.living.get(owned(node, resource), {}))
    if not by and resource.ref in base.resources:
        before, owner = base.resources[resource.ref]
        by = {owner: before}
    return any(may_prune(base, ref, one) for ref, one in by.items())
