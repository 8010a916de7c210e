"""Splits: what a pull request brings goes into a Kustomization of its own, so that the order can be said.

Only what no cluster has yet moves. What is live would be deleted: the old
Kustomization runs once more with its live spec, whatever the change says.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.fixes.crds_first import crds_first
from bot.fixes.depth import costs
from bot.fixes.draft import Draft, NewEdge, Unfixable
from bot.fixes.leaving import Alive, Grounds, Leaving, Owner, leaving
from bot.fixes.likeness import Wanted, like
from bot.fixes.order import gated
from bot.fixes.provider import provider_first
from bot.fixes.relocation import Relocation, relocated
from bot.fixes.staged import staged, upgraded_first
from bot.fixes.style import directories, is_taken, stem_of, suffixes
from bot.model.cluster import Cluster, Node
from bot.model.finding import Finding
from bot.model.fix import Amendment, FixKind
from bot.model.quote import code
from bot.model.ref import Ref


def split(grounds: Grounds, finding: Finding) -> Draft | Unfixable:
    """The custom resources of a finding leave the Kustomization that brings their kind."""
    if finding.object is None or finding.about.kind != "Kustomization":
        return Unfixable()
    root = finding.clusters[0]
    found = leaving(grounds, root, finding)
    if isinstance(found, Unfixable):
        return found
    if isinstance(found, Alive) and finding.rule == "crd-bump-with-instances":
        return upgraded_first(finding)
    if isinstance(found, Alive):
        return provider_first(grounds, found) or crds_first(found, finding) or staged(grounds, found, finding)
    without_parent = next((one for one in found.owners if not _model(one).parents), None)
    if without_parent:
        return staged(grounds, Alive(found, ()), finding)
    return _apart(grounds, found)


def _model(owner: Owner) -> Node:
    """The Kustomization beside which the new one is written: the old one, or the one of its own that it waits for."""
    heads = [head for head, _ in owner.heads]
    return owner.node if owner.node.ref in heads else owner.ground.cluster.nodes[heads[0]]


def _apart(grounds: Grounds, found: Leaving) -> Draft | Unfixable:
    suffix = next(
        (one for one in suffixes(grounds) if not any(is_taken(grounds, _new(owner, one)) for owner in found.owners)),
        "",
    )
    snapshot = found.owners[0].ground.cluster.snapshot
    placed = relocated(snapshot, found, directories(grounds, found, suffix))
    if isinstance(placed, Unfixable):
        return placed
    amendments: list[Amendment] = list(placed.amendments)
    edges: list[NewEdge] = []
    for owner in found.owners:
        added = _added(grounds, found, owner, placed, _new(owner, suffix))
        if isinstance(added, Unfixable):
            return added
        amendments += added.amendments
        edges += added.edges
    names = list(dict.fromkeys(edge.tail.name for edge in edges))
    objects = ", ".join(code(one.ref) for one in found.resources[:3])
    more = f" and {len(found.resources) - 3:,} more" if len(found.resources) > 3 else ""  # noqa: PLR2004 - as named
    cost = costs(_clusters(found), ((edge.tail, edge.head) for edge in edges))
    title = f"Move {objects}{more} into {' and '.join(code(one) for one in names)}, a Kustomization of its own"
    return Draft(title, FixKind.SPLIT, tuple(amendments), tuple(edges), cost, left=placed.left)


def _new(owner: Owner, suffix: str) -> Ref:
    model = _model(owner)
    return Ref(model.ref.group, model.ref.kind, model.ref.namespace, f"{stem_of(owner, model)}-{suffix}")


def _added(grounds: Grounds, found: Leaving, owner: Owner, placed: Relocation, new: Ref) -> Draft | Unfixable:
    """The new Kustomization of one cluster, and what makes the old one count as ready only with its provider."""
    heads = tuple(dict.fromkeys(head for head, _ in owner.heads))
    kinds = frozenset(one.group_kind for one in found.resources)
    wanted = Wanted(new.name, placed.directory, heads, kinds, placed.texts)
    written = like(grounds, owner.ground, _model(owner), wanted)
    if isinstance(written, Unfixable):
        return written
    amendments = list(written)
    going = frozenset(one.ref for one in found.of(owner))
    for head, by in owner.heads:
        gate = gated(owner.ground, head, by, going) if head != by else Draft("", FixKind.WAIT_FOR)
        if isinstance(gate, Unfixable) and gate.reason:
            return gate
        amendments += gate.amendments if isinstance(gate, Draft) else ()
    return Draft("", FixKind.SPLIT, tuple(amendments), tuple(NewEdge(new, head, ()) for head in heads))


def _clusters(found: Leaving) -> Iterator[Cluster]:
    """Those in which something leaves, each once."""
    return iter({owner.ground.cluster.root: owner.ground.cluster for owner in found.owners}.values())
