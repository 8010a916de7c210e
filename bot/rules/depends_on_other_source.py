"""A change of two Kustomizations whose order holds only the first time.

## What it does
Speaks where a pull request changes what a Kustomization applies and what a
Kustomization applies that it depends on, and the two have different sources.

## Why it matters
With one source Flux holds the dependent back until its dependency has applied
the same revision. With two it only asks whether the dependency is ready – and
that it still is, with the old one. On a running cluster both sides of the change
may be applied in any order; a dependent that needs the new side fails until a
retry.

## Example
```yaml
kind: Kustomization
metadata: {name: apps}
spec:
  sourceRef: {kind: ExternalArtifact, name: apps}
  dependsOn: [{name: infrastructure}]   # its sourceRef is the artifact infrastructure
```

## Instead
One source for both, or a `readyExpr` that compares something of the two, such as
a label with the version.

## Fix
Nothing, where the new dependent works with the old dependency too. Otherwise
merge the dependency's side first.

## Silence it
Ignore the finding with a reason.

## References
kustomize-controller `checkDependencies`: revisions are compared only where the sources are the same
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence, Node, Output
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.flux import Dependency
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule

ID = "depends-on-other-source"


def check(case: Case) -> Iterator[Finding]:
    if case.live is case.cluster:
        return
    for node in case.cluster.nodes.values():
        for entry in node.kustomization.depends_on:
            other = case.cluster.nodes.get(entry.ref)
            if other and not entry.ready_expr and _is_open(case, node, other):
                yield _finding(case, node, entry, other)


def _is_open(case: Case, node: Node, other: Node) -> bool:
    """Whether both sides change, the dependency from something that runs, and no revision ties them together."""
    sources = (node.kustomization.source, other.kustomization.source)
    if sources[0] == sources[1] or not all(one.name for one in sources) or other.ref not in case.live.nodes:
        return False
    return _changes(case, other.ref) and (node.ref not in case.live.nodes or _changes(case, node.ref))


def _changes(case: Case, ref: Ref) -> bool:
    before, after = case.live.nodes[ref].building, case.cluster.nodes[ref].building
    if not isinstance(before, Output) or not isinstance(after, Output):
        return False
    return {r.ref: r.body for r in before.resources} != {r.ref: r.body for r in after.resources}


def _finding(case: Case, node: Node, entry: Dependency, other: Node) -> Finding:
    sources = (one.kustomization.source for one in (node, other))
    first, second = (code(source) for source in sources)
    return Finding(
        rule=ID,
        severity=Severity.NOTE,
        outcome=Outcome.LATE,
        when=(When.RUNNING,),
        confidence=Confidence.LIKELY,
        about=node.ref,
        needs=entry.ref,
        at=case.place_of_entry(node.kustomization.resource, "dependsOn", entry.ref.name, node.parents),
        message=(
            f"This changes {code(node.ref)} and {code(entry.ref)}, on which it depends, but their sources are "
            f"{first} and {second}: on the running cluster the dependent does not wait for the new revision."
        ),
        advice=f"If {code(node.ref.name)} needs the new side, merge the change of {code(entry.ref.name)} first.",
        related=(
            Related(case.place(other.kustomization.resource, "spec", "sourceRef"), f"{code(other.ref)} reads {second}"),
        ),
    )


RULE = Rule(ID, Severity.NOTE, __doc__, check)
