"""Splits: what a pull request brings goes into a Kustomization of its own, so that the order can be said.

Only what no cluster has yet moves. What is live would be deleted: the old
Kustomization runs once more with its live spec, whatever the change says.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.fixes.draft import Draft, NewEdge, Unfixable
from bot.fixes.leaving import Alive, Grounds, Leaving, Owner, leaving
from bot.fixes.likeness import Wanted, like
from bot.fixes.order import gated
from bot.fixes.provider import provider_first
from bot.fixes.relocation import Relocation, relocated
from bot.fixes.staged import staged, upgraded_first
from bot.fixes.style import directories, is_taken, stem_of, suffixes
from bot.model.cluster import Node
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
        return provider_first(grounds, found) or staged(found, finding)
    without_parent = next((one for one in found.owners if not _model(one).parents), None)
    if without_parent:
        return staged(Alive(found, ()), finding)
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
    title = f"Move {objects}{more} into {' and '.join(code(one) for one in names)}, a Kustomization of its own"
    return Draft(title, FixKind.SPLIT, tuple(amendments), tuple(edges), _cost(found, edges))


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
    origins = {one.origin for one in found.resources}
    going = frozenset(one.ref for one in owner.node.resources if one.origin in origins)
    for head, by in owner.heads:
        gate = gated(owner.ground, head, by, going) if head != by else Draft("", FixKind.WAIT_FOR)
        if isinstance(gate, Unfixable) and gate.reason:
            return gate
        amendments += gate.amendments if isinstance(gate, Draft) else ()
    return Draft("", FixKind.SPLIT, tuple(amendments), tuple(NewEdge(new, head, ()) for head in heads))


def _cost(found: Leaving, edges: Iterable[NewEdge]) -> str:
    """How many Kustomizations come, and how much longer the longest way through their order becomes."""
    edges = tuple(edges)
    parts: list[str] = []
    for ground in {id(owner.ground): owner.ground for owner in found.owners}.values():
        graph = {ref: {one.ref for one in node.kustomization.depends_on} for ref, node in ground.cluster.nodes.items()}
        grown = {ref: set(heads) for ref, heads in graph.items()}
        for edge in edges:
            if edge.head in graph:
                grown.setdefault(edge.tail, set()).add(edge.head)
        before, after, new = _depth(graph), _depth(grown), len(grown) - len(graph)
        deep = f"{after:,} deep instead of {before:,}" if after > before else f"{before:,} deep as before"
        parts.append(f"{new:,} more Kustomization{'s' if new > 1 else ''}, and an order {deep}")
    return f"It costs {'; '.join(dict.fromkeys(parts))}."


def _depth(graph: dict[Ref, set[Ref]]) -> int:
    """How many Kustomizations wait for one another at most; those of a circle count once."""
    depths: dict[Ref, int] = {}
    for start in graph:
        pending = [start]
        entered: set[Ref] = set()
        while pending:
            at = pending[-1]
            entered.add(at)
            below = [one for one in graph[at] if one in graph]
            new = [one for one in below if one not in depths and one not in entered]
            if new:
                pending += new
            else:
                pending.pop()
                depths.setdefault(at, 1 + max((depths.get(one, 0) for one in below), default=0))
    return max(depths.values(), default=0)
