"""An operator and its custom resources are taken away in one change.

## What it does
Speaks in reviews, where Flux deletes the HelmRelease that alone brings a kind, and
objects of that kind with it. Kinds whose objects need nobody to clear up after them,
such as ServiceMonitor, are left out.

## Why it matters
Flux deletes in no order that dependsOn sets. If the operator goes first, nobody is
left to clear up: objects with a finalizer stay in Terminating, and their namespace
with them, and what they made outside the cluster stays behind.

## Example
```yaml
# the change removes both
kind: HelmRelease
metadata: {name: cloudnative-pg}
---
kind: Cluster
metadata: {name: orders}
```

## Instead
```yaml
# first change: the custom resources go, the operator stays
kind: HelmRelease
metadata: {name: cloudnative-pg}
```

## Fix
Two changes: take the custom resources away, wait until they are gone, then take the
operator away.

## Silence it
Ignore the finding with a reason.

## References
kustomize-controller#301 · flux2#1744 · flux2#5586
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.quote import code
from bot.model.resource import Resource
from bot.simulate.case import Case, Rule
from bot.simulate.pruned import Pruned, brought_only_by, goes, pruned

ID = "operator-removed-first"


def check(case: Case) -> Iterator[Finding]:
    base = case.base
    if base is None:
        return
    gone = pruned(case)
    for operator in gone:
        if operator.resource.ref not in base.releases:
            continue
        kinds = brought_only_by(base, case.cluster, operator.resource.ref)
        left = [one.resource for one in gone if one.resource.group_kind in kinds]
        hard = [one for one in left if str(one.group_kind) not in case.soft]
        if hard:
            yield _finding(case, operator, hard)


def _finding(case: Case, operator: Pruned, left: list[Resource]) -> Finding:
    about, _ = goes(case, operator)
    first, more = min(left, key=lambda one: one.ref), len(left) - 1
    others = f" and {more:,} more custom resource{'s' if more > 1 else ''}" if more else ""
    return Finding(
        rule=ID,
        severity=Severity.WARNING,
        outcome=Outcome.DESTRUCTIVE,
        when=(When.RUNNING,),
        confidence=Confidence.LIKELY,
        about=about,
        needs=operator.resource.ref,
        at=case.place_of(about),
        message=(
            f"This change removes {code(operator.resource.ref)} together with {code(first.ref)}{others}, which it "
            "looks after; Flux deletes them in no order, and once the operator is gone, objects with a finalizer stay "
            "in Terminating."
        ),
        advice=f"Remove {code(first.ref)}{' and the others' if more else ''} first, the operator in a later change.",
    )


RULE = Rule(ID, Severity.WARNING, __doc__, check)
