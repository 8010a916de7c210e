"""A Kustomization that stays and applies nothing any more.

## What it does
Speaks in reviews, where the build of a Kustomization with `prune` had objects and
has none after the change, while the Kustomization itself stays.

## Why it matters
An empty build is no failure: Flux deletes everything that the Kustomization has
applied. An app that is to go is usually taken away together with its Kustomization,
so a set that becomes empty is often a path or a list that was emptied by mistake.

## Example
```yaml
# apps/kustomization.yaml
resources: []
```

## Instead
```yaml
resources: [podinfo.yaml]
```

## Fix
Restore the objects, or remove the Kustomization together with them. To keep what is
live, annotate it `kustomize.toolkit.fluxcd.io/prune: disabled` in a change of its own,
let Flux apply that, and empty the set after it.

## Silence it
`rules: {set-becomes-empty: "off"}`.

## References
kustomize-controller, `TestKustomizationReconciler_PruneEmpty`
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence, Node, Output
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.quote import code
from bot.simulate.case import Case, Rule
from bot.simulate.pruned import pruned

ID = "set-becomes-empty"


def check(case: Case) -> Iterator[Finding]:
    lost: dict[object, int] = {}
    for one in pruned(case):
        lost[one.owner] = lost.get(one.owner, 0) + 1
    for ref, count in lost.items():
        node = next((node for node in case.cluster.nodes.values() if node.ref == ref), None)
        if node and isinstance(node.building, Output) and not node.resources and not node.unread:
            yield _finding(case, node, count)


def _finding(case: Case, node: Node, count: int) -> Finding:
    them = f"all {count:,} objects" if count > 1 else "the one object"
    return Finding(
        rule=ID,
        severity=Severity.NOTE,
        outcome=Outcome.DESTRUCTIVE,
        when=(When.RUNNING,),
        confidence=Confidence.PROVEN,
        about=node.ref,
        at=case.place(node.kustomization.resource, "spec", "path"),
        message=(
            f"{code(node.ref)} stays and applies nothing any more; on the running cluster Flux deletes {them} that it "
            "applied."
        ),
        advice="If that is meant, remove the Kustomization too; if not, restore what it lists.",
    )


RULE = Rule(ID, Severity.NOTE, __doc__, check)
