"""A `dependsOn` entry that another one already implies.

## What it does
Speaks where a Kustomization depends on another one that it also reaches through
a second entry, by `dependsOn` alone. Entries with a `readyExpr` are left alone.

## Why it matters
It orders nothing that is not ordered already, and is one more thing to keep in
mind. It is not without effect, though: the direct entry also holds the dependent
back while that one is unhealthy *later*, when what lies between is still ready.

## Example
```yaml
kind: Kustomization
metadata: {name: apps}
spec: {dependsOn: [{name: databases}, {name: storage}]}
---
kind: Kustomization
metadata: {name: databases}
spec: {dependsOn: [{name: storage}]}
```

## Instead
```yaml
kind: Kustomization
metadata: {name: apps}
spec: {dependsOn: [{name: databases}]}
```

## Fix
Remove the entry, unless its present health matters.

## Silence it
It is off unless `rules: {depends-on-redundant: note}` turns it on.

## References
kustomize-controller `checkDependencies`: only the named objects are looked at
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.model.cluster import Confidence, Node
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.flux import Dependency
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule

ID = "depends-on-redundant"


def check(case: Case) -> Iterator[Finding]:
    nodes = case.cluster.nodes
    several = [node for node in nodes.values() if len(node.kustomization.depends_on) > 1]
    named = {entry.ref for node in several for entry in node.kustomization.depends_on}
    reached = {ref: _reached(nodes, ref) for ref in named}
    for node in several:
        for entry in node.kustomization.depends_on:
            other = _implied_by(node.kustomization.depends_on, entry, reached)
            if other and not entry.ready_expr:
                yield _finding(case, node, entry, other)


def _implied_by(
    entries: tuple[Dependency, ...], entry: Dependency, reached: Mapping[Ref, frozenset[Ref]]
) -> Dependency | None:
    """Another entry whose object depends on that of this one; those of a cycle imply nothing."""
    above = (one for one in entries if entry.ref in reached[one.ref] and one.ref not in reached[entry.ref])
    return next(above, None)


def _reached(nodes: Mapping[Ref, Node], ref: Ref) -> frozenset[Ref]:
    """All that a Kustomization depends on, directly or not."""
    found: set[Ref] = set()
    pending = [ref]
    while pending:
        node = nodes.get(pending.pop())
        for entry in node.kustomization.depends_on if node else ():
            if entry.ref not in found:
                found.add(entry.ref)
                pending.append(entry.ref)
    return frozenset(found)


def _finding(case: Case, node: Node, entry: Dependency, other: Dependency) -> Finding:
    ref, resource = node.ref, node.kustomization.resource
    second = case.place_of_entry(resource, "dependsOn", other.ref.name, node.parents)
    return Finding(
        rule=ID,
        severity=Severity.OFF,
        outcome=Outcome.STYLE,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.PROVEN,
        about=ref,
        needs=entry.ref,
        at=case.place_of_entry(resource, "dependsOn", entry.ref.name, node.parents),
        message=f"{code(ref)} depends on {code(entry.ref)}, for which {code(other.ref)} waits already.",
        advice="Remove the entry, unless it shall also hold updates back while that one is unhealthy.",
        related=(Related(second, f"{code(ref)} waits for {code(other.ref)}"),),
    )


RULE = Rule(ID, Severity.OFF, __doc__, check)
