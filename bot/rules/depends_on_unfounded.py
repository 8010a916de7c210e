"""A `dependsOn` entry for which no reason can be found.

## What it does
Speaks where nothing of a Kustomization, nor of those that it creates, needs a
kind, a namespace, a source, a Secret, values or a HelmRelease of what it depends
on, nor names any object of it. Where one side could not be read it is silent.

## Why it matters
An entry stops all updates of the dependent while the other one is unhealthy. One
bad workload in a waited layer then blocks applications that have nothing to do
with it.

## Example
```yaml
kind: Kustomization
metadata: {name: blog}
spec: {path: ./blog, dependsOn: [{name: databases}]}   # a site of static files
```

## Instead
```yaml
spec: {path: ./blog}
```

## Fix
Remove the entry, if you know of no reason either: a program may connect to
another one without any manifest saying so.

## Silence it
It is off unless `rules: {depends-on-unfounded: note}` turns it on.

## References
devantler-tech/platform#3100
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence, Node
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.flux import Dependency
from bot.model.quote import code
from bot.simulate.case import Case, Rule
from bot.simulate.founded import is_founded

ID = "depends-on-unfounded"


def check(case: Case) -> Iterator[Finding]:
    for node in case.cluster.nodes.values():
        for entry in node.kustomization.depends_on:
            known = entry.ref in case.cluster.nodes and entry.ref not in (node.ref, *node.parents)
            if known and not entry.ready_expr and not is_founded(case.fresh.stage, node.ref, entry.ref):
                yield _finding(case, node, entry)


def _finding(case: Case, node: Node, entry: Dependency) -> Finding:
    return Finding(
        rule=ID,
        severity=Severity.OFF,
        outcome=Outcome.STYLE,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.GUESS,
        about=node.ref,
        needs=entry.ref,
        at=case.place_of_entry(node.kustomization.resource, "dependsOn", entry.ref.name, node.parents),
        message=(
            f"{code(node.ref)} depends on {code(entry.ref)}, but nothing was found that needs it; "
            "while that one is unhealthy, no update of this one is applied."
        ),
        advice="Remove the entry if you know of no reason either.",
    )


RULE = Rule(ID, Severity.OFF, __doc__, check)
