"""Splits of the other side: a provider that a change brings goes before custom resources that are live."""

from __future__ import annotations

from collections.abc import Iterator

from bot.fixes.draft import Draft, NewEdge, Unfixable
from bot.fixes.leaving import Alive, Grounds, Leaving, Owner, is_alive, owners_of
from bot.fixes.likeness import Wanted, like
from bot.fixes.order import depends_on
from bot.fixes.relocation import relocated
from bot.fixes.style import directories, is_taken
from bot.model.cluster import Node
from bot.model.fix import Amendment, FixKind
from bot.model.quote import code
from bot.model.ref import Ref
from bot.model.resource import Resource


def provider_first(grounds: Grounds, alive: Alive) -> Draft | Unfixable | None:
    """The new provider, with the source and the namespace that it needs, in a Kustomization that the old one waits for.

    None where any of that is live as well, or something else is in the way of one step.
    """
    providers = {by for owner in alive.leaving.owners for _, by in owner.heads}
    stays = all(head == owner.node.ref for owner in alive.leaving.owners for head, _ in owner.heads)
    if len(providers) != 1 or not stays:
        return None
    [by] = providers
    going = list(_with_needs(alive.leaving.owners[0].node, by))
    if not going or any(one.origin.generated for one in going):
        return None
    found = Leaving(tuple(going), tuple(owners_of(grounds, going)))
    for owner in found.owners:
        mine = found.of(owner)
        if not owner.node.parents or any(is_alive(grounds, owner.ground, owner.node, one) for one in mine):
            return None
    return _before(grounds, found, by)


def _with_needs(node: Node, by: Ref) -> Iterator[Resource]:
    """The provider and what it reads or lies in, as far as the same Kustomization applies that."""
    release = next((one for one in node.releases if one.ref == by), None)
    needed = {by, Ref("", "Namespace", "", by.namespace)}
    if release:
        needed |= {one.ref for one in release.requires}
        needed |= {Ref("", "Namespace", "", release.target_namespace)}
    return (one for one in node.resources if one.ref in needed)


def _before(grounds: Grounds, found: Leaving, by: Ref) -> Draft | Unfixable:
    model = found.owners[0].node
    taken = any(is_taken(grounds, _new(owner, by.name)) for owner in found.owners)
    name = f"{model.ref.name}-{by.name}" if taken else by.name
    snapshot = found.owners[0].ground.cluster.snapshot
    placed = relocated(snapshot, found, directories(grounds, found, by.name))
    if isinstance(placed, Unfixable):
        return placed
    kinds = frozenset(one.group_kind for one in found.resources)
    wanted = Wanted(name, placed.directory, (), kinds, placed.texts, wait=True)
    amendments: list[Amendment] = list(placed.amendments)
    edges: list[NewEdge] = []
    for owner in found.owners:
        written = like(grounds, owner.ground, owner.node, wanted)
        edge = depends_on(owner.ground, owner.node.ref, _new(owner, name))
        if isinstance(written, Unfixable):
            return written
        if isinstance(edge, Unfixable):
            return edge
        amendments += written
        edges += edge
    waiting = " and ".join(dict.fromkeys(code(edge.tail.name) for edge in edges))
    title = f"Move {code(by)} and what it needs into {code(name)}, which {waiting} then depends on"
    cost = f"It costs one more Kustomization; changes of {waiting} wait while {code(name)} is not ready."
    return Draft(title, FixKind.SPLIT, tuple(amendments), tuple(edges), cost, left=placed.left)


def _new(owner: Owner, name: str) -> Ref:
    return Ref(owner.node.ref.group, owner.node.ref.kind, owner.node.ref.namespace, name)
