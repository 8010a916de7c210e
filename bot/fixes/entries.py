"""Fixes of single entries of ``dependsOn`` and ``healthChecks``: corrected, or taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from bot.fixes.draft import Draft, Unfixable
from bot.fixes.order import gated, joined, wait_for
from bot.fixes.spot import Ground
from bot.model.field import Body, FieldPath, items, text
from bot.model.finding import Finding
from bot.model.fix import Amendment, Drop, FixKind, Put
from bot.model.flux import Dependency
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.checked import behind, meant
from bot.simulate.dangling import Dangling, dangling, nearest
from bot.simulate.founded import is_founded
from bot.simulate.link import Reason
from bot.simulate.ring import hidden

_LIST = ("spec", "dependsOn")


def renamed(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """An entry that names nothing names what is written much alike."""
    found = _dangling(ground, finding)
    near = nearest(ground.case, found) if found else None
    if found is None or near is None:
        return Unfixable("nothing in the cluster has a name like it")
    if any(entry.ref == near for entry in _dependencies(ground, found.dependent)):
        return without(ground, found.dependent, found.entry.ref)
    own = ground.written(found.dependent, _LIST)
    if isinstance(own, Unfixable):
        return own
    changes = _named(ground, found.dependent, _LIST, found.entry.index, near)
    if isinstance(changes, Unfixable):
        return changes
    title = (
        f"Let {code(found.dependent.name)} depend on {code(_called(near, found.entry.ref))}, which is probably meant"
    )
    return Draft(title, FixKind.EDIT, changes)


def _called(near: Ref, wanted: Ref) -> str:
    """A name, with its namespace where only that differs."""
    return f"{near.namespace}/{near.name}" if near.name == wanted.name else near.name


def of_own_kind(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """A Kustomization waits for the Kustomization of a HelmRelease, not for that; and the other way round."""
    found = _dangling(ground, finding)
    other = finding.provider
    if found is None or other is None:
        return Unfixable()
    dependent, wanted = found.dependent, found.entry.ref
    gone = without(ground, dependent, wanted)
    if isinstance(gone, Unfixable):
        return gone
    if other not in ground.cluster.releases:
        owner = ground.cluster.releases[dependent][1]
        return joined(
            gone, wait_for(ground, owner, other, None), f"Let {code(owner.name)} depend on {code(other.name)}"
        )
    owner = ground.cluster.releases[other][1]
    if owner == dependent:
        return gone
    title = f"Let {code(dependent.name)} depend on {code(owner.name)}, which applies {code(other)}"
    if any(entry.ref == owner for entry in _dependencies(ground, dependent)):
        return joined(gone, gated(ground, owner, other), title)
    changes = _named(ground, dependent, _LIST, found.entry.index, owner)
    if isinstance(changes, Unfixable):
        return changes
    return joined(Draft(title, FixKind.EDIT, changes), gated(ground, owner, other), title)


def _dangling(ground: Ground, finding: Finding) -> Dangling | None:
    pairs = ((one.dependent, one.entry.ref, one) for one in dangling(ground.case))
    return next((one for tail, head, one in pairs if (tail, head) == (finding.about, finding.needs)), None)


def _dependencies(ground: Ground, ref: Ref) -> tuple[Dependency, ...]:
    node = ground.cluster.nodes.get(ref)
    found = ground.cluster.releases.get(ref)
    return node.kustomization.depends_on if node else found[0].depends_on if found else ()


def _named(
    ground: Ground, ref: Ref, way: tuple[str, ...], index: int, meant_one: Ref
) -> tuple[Amendment, ...] | Unfixable:
    """The entry at a place of a list names another object; the namespace is written where it has to be."""
    own = ground.written(ref, way)
    if isinstance(own, Unfixable):
        return own
    listed = items(own.body, *way)
    entry = listed[index] if index < len(listed) else None
    if not isinstance(entry, dict) or "$" in text(entry, "name") + text(entry, "namespace"):
        return Unfixable(f"the entry of {code(ref)} is made by a variable")
    field: FieldPath = (*way, index)
    changes: list[Amendment] = []
    if text(entry, "name") != meant_one.name:
        changes.append(Put(own.spot, (*field, "name"), meant_one.name))
    if (text(entry, "namespace") or ref.namespace) != meant_one.namespace:
        changes.append(Put(own.spot, (*field, "namespace"), meant_one.namespace))
    return tuple(changes)


def without(ground: Ground, tail: Ref, head: Ref) -> Draft | Unfixable:
    """The entry that names ``head`` goes."""
    entry = next((one for one in _dependencies(ground, tail) if one.ref == head), None)
    own = ground.written(tail, _LIST)
    if entry is None or isinstance(own, Unfixable):
        return own if isinstance(own, Unfixable) else Unfixable()
    listed = items(own.body, *_LIST)
    if entry.index >= len(listed):
        return Unfixable(f"the entry of {code(tail)} is not found in its text")
    title = f"Take {code(head.name)} out of the dependsOn of {code(tail.name)}"
    cost = f"{code(tail.name)} no longer waits for {code(head.name)}, and is updated even while that is not ready."
    return Draft(title, FixKind.REMOVE, (Drop(own.spot, _LIST, listed[entry.index]),), cost=cost)


def redundant(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """``about`` no longer names ``needs`` itself."""
    return without(ground, finding.about, finding.needs) if finding.needs else Unfixable()


def opened_cycle(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """A cycle without one of its entries: one that nothing needs, and rather one that the change brings."""
    members = _members(ground, finding)
    return _without_one(ground, members)


def _without_one(ground: Ground, pairs: Sequence[tuple[Ref, Ref]]) -> Draft | Unfixable:
    """One of these entries goes: what nothing needs, else what the change itself brings."""
    usable = [pair for pair in pairs if not (_is_needed(ground, pair) and _is_old(ground, pair))]
    ranked = sorted(usable, key=lambda pair: (_is_needed(ground, pair), _is_old(ground, pair), pairs.index(pair)))
    if pairs and not ranked:
        return Unfixable("something may need each of the entries")
    return _first_of([without(ground, *pair) for pair in ranked])


def _members(ground: Ground, finding: Finding) -> Sequence[tuple[Ref, Ref]]:
    """The shortest way round that the finding speaks of, as pairs of who waits for whom."""
    start, after = finding.about, finding.needs or finding.about
    ways: list[tuple[Ref, ...]] = [(start, after)]
    seen = {after}
    while ways:
        way = ways.pop(0)
        if way[-1] == start:
            return tuple(pairwise(way))
        for entry in _dependencies(ground, way[-1]):
            if entry.ref not in seen or entry.ref == start:
                seen.add(entry.ref)
                ways.append((*way, entry.ref))
    return ()


def _is_needed(ground: Ground, pair: tuple[Ref, Ref]) -> bool:
    tail, head = pair
    if tail == head:
        return False
    stage = ground.case.fresh.stage
    return tail not in ground.cluster.nodes or head not in ground.cluster.nodes or is_founded(stage, tail, head)


def _is_old(ground: Ground, pair: tuple[Ref, Ref]) -> bool:
    """Whether an entry is live: in an audit all are."""
    live = ground.case.live
    node, found = live.nodes.get(pair[0]), live.releases.get(pair[0])
    entries = node.kustomization.depends_on if node else found[0].depends_on if found else ()
    return any(entry.ref == pair[1] for entry in entries)


def opened_ring(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """A hidden cycle without one of its ``dependsOn`` entries; where there is none in it, something has to move."""
    found = (
        ring
        for ring in hidden(ground.case.rings)
        if (ring.told[0].step.ref, ring.told[0].other.ref) == (finding.about, finding.needs)
    )
    links = next(found, None)
    pairs = (
        [(link.step.ref, link.other.ref) for link in links.links if link.reason is Reason.DEPENDS_ON] if links else []
    )
    return _without_one(ground, pairs)


def _first_of(found: Sequence[Draft | Unfixable]) -> Draft | Unfixable:
    """The first draft, the others as what to try instead."""
    drafts = [one for one in found if isinstance(one, Draft)]
    if drafts:
        return replace(drafts[0], instead=tuple(drafts[1:]))
    return next((one for one in found if isinstance(one, Unfixable)), Unfixable())


def checked_again(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """A health check names what is written much alike."""
    node = ground.cluster.nodes.get(finding.about)
    if node is None or finding.needs is None:
        return Unfixable()
    near = meant(ground.cluster, node, finding.needs)
    if near is None:
        return Unfixable("nothing in the cluster has a name like it")
    own = ground.written(node.ref, ("spec", "healthChecks"))
    if isinstance(own, Unfixable):
        return own
    index = node.kustomization.health_checks.index(finding.needs)
    listed = items(own.body, "spec", "healthChecks")
    entry = listed[index] if index < len(listed) else None
    applied = ground.cluster.resources.get(near)
    if not isinstance(entry, dict) or applied is None:
        return Unfixable(f"the entry of {code(node.ref)} is not found in its text")
    wanted: Body = {"apiVersion": applied[0].api_version, "name": near.name, "namespace": near.namespace}
    changes = tuple(
        Put(own.spot, ("spec", "healthChecks", index, key), value)
        for key, value in wanted.items()
        if text(entry, key) != value and (key != "apiVersion" or near.group != finding.needs.group)
    )
    return Draft(f"Let the health check of {code(node.ref.name)} look at {code(near)}", FixKind.EDIT, changes)


def unhidden(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """Health checks that ``wait`` hides go; what they look at of another Kustomization is waited for by an edge."""
    own = ground.written(finding.about, ("spec", "healthChecks"))
    if isinstance(own, Unfixable):
        return own
    title = f"Take the health checks of {code(finding.about.name)} out, which `wait` makes Flux ignore"
    gone = Draft(title, FixKind.REMOVE, (Drop(own.spot, ("spec", "healthChecks")),))
    node = ground.cluster.nodes[finding.about]
    if finding.needs is None:
        mine = {resource.ref for resource in node.resources}
        looked_at = [behind(ground.cluster, one) for one in node.kustomization.health_checks]
        return gone if all(one in mine for one in looked_at) else Unfixable("a check looks at what others make")
    checked = (behind(ground.cluster, one) for one in node.kustomization.health_checks)
    applied = ground.cluster.resources
    what = next((one for one in checked if one in applied and applied[one][1] == finding.needs), None)
    edge = wait_for(ground, finding.about, finding.needs, what)
    return joined(
        gone, edge, f"Let {code(finding.about.name)} depend on {code(finding.needs.name)} instead of checking it"
    )
