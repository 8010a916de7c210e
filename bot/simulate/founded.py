"""Whether anything can be found for which a dependency is needed."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.model.cluster import Node, Output
from bot.model.ref import Ref
from bot.simulate.before import applied_before
from bot.simulate.stage import Stage, awaited

_TELLING = 3
"""Letters that a name must have for its turning up somewhere to mean anything."""


def is_founded(stage: Stage, ref: Ref, dependency: Ref) -> bool:
    """Whether something of a Kustomization, or of those that it creates, needs what a dependency sees to.

    That is a kind, a namespace, something that Flux reads, another HelmRelease,
    or any object by its name. It is also true where one side could not be read.
    """
    dependents = [stage.cluster.nodes[one] for one in _descendants(stage, ref)]
    others = [stage.cluster.nodes[one] for one in _seen_to(stage, dependency) if one in stage.cluster.nodes]
    if not all(_is_read(node) for node in (*dependents, *others)):
        return True
    return (
        any(_needed(stage, dependents) & _made(stage, node) for node in others)
        or _reads(stage, dependents, {node.ref for node in others})
        or _names(dependents, stage.cluster.nodes[dependency])
    )


def _descendants(stage: Stage, ref: Ref) -> set[Ref]:
    found = {ref}
    pending = [ref]
    while pending:
        children = set(stage.children.get(pending.pop(), ())) - found
        found |= children
        pending += children
    return found


def _seen_to(stage: Stage, dependency: Ref) -> set[Ref]:
    """The Kustomizations that are applied once the dependency is ready."""
    waited = {one for one in awaited(stage, stage.cluster.nodes[dependency]) if one in stage.cluster.nodes}
    return {dependency, *waited, *applied_before(stage, dependency)}


def _is_read(node: Node) -> bool:
    return isinstance(node.building, Output) and not node.gaps and not node.unread


def _needed(stage: Stage, nodes: list[Node]) -> int:
    bits = 0
    for node in nodes:
        bits |= stage.needed[node.ref]
    return bits


def _made(stage: Stage, node: Node) -> int:
    bits = stage.defined[node.ref]
    for by in (*stage.triggers.get(node.ref, ()), *(release.ref for release in node.releases)):
        bits |= stage.brought.get(by, 0)
    return bits


def _reads(stage: Stage, nodes: list[Node], owners: set[Ref]) -> bool:
    readers = [ref for node in nodes for ref in (node.ref, *(release.ref for release in node.releases))]
    read = {made.owner for ref in readers for one in stage.requirements.get(ref, ()) for made in one.made}
    releases = stage.cluster.releases
    named = {entry.ref for node in nodes for release in node.releases for entry in release.depends_on}
    return bool(owners & (read | {releases[ref][1] for ref in named if ref in releases}))


def _names(nodes: list[Node], dependency: Node) -> bool:
    """Whether the name of the dependency, of an object of it, or of a namespace of these turns up."""
    words = {word for word in _words(dependency) if len(word) >= _TELLING}
    texts = (json.dumps(resource.body) for node in nodes for resource in node.resources)
    return any(word in text for text in texts for word in words)


def _words(node: Node) -> Iterator[str]:
    yield node.ref.name
    for resource in node.resources:
        yield resource.ref.name
        if resource.ref.namespace:
            yield resource.ref.namespace
