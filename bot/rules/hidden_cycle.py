"""A circle of waits that no `dependsOn` shows as one.

## What it does
Speaks where following what Flux waits for leads back to the beginning, and
something else than `dependsOn` is part of the way: a source, a Secret, values,
a CRD or a namespace that one of the members makes, a health check, or a secret
store or issuer without which what is waited for does not become ready.

## Why it matters
None of the members ever becomes ready on a fresh cluster. The running cluster
has the source, the Secret or the CRD from earlier days, so the circle is found
on the day of disaster recovery; one of waits stops updates there too.

## Example
```yaml
kind: Kustomization
metadata: {name: settings}          # applies the ConfigMap cluster-settings
spec: {path: ./settings, dependsOn: [{name: apps}]}
---
kind: Kustomization
metadata: {name: apps}
spec:
  path: ./apps
  postBuild: {substituteFrom: [{kind: ConfigMap, name: cluster-settings}]}
```

## Instead
`settings` comes first: its `dependsOn` entry goes, and `apps` depends on it.

## Fix
Remove the entry that nothing needs, or move what the others need into a
Kustomization that waits for none of them. Move only what no cluster has yet:
Flux deletes what is live when it moves.

## Silence it
Name what is made by hand before Flux starts under `clusters[].provided.objects`
or `clusters[].provided.crds`.

## References
devantler-tech/platform#3006 · devantler-tech/platform#1764
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, Outcome, Related, Severity
from bot.model.quote import code
from bot.simulate.case import Case, Rule
from bot.simulate.link import Link, Reason
from bot.simulate.ring import Ring, hidden
from bot.simulate.told import told, written

ID = "hidden-cycle"


def check(case: Case) -> Iterator[Finding]:
    for ring in hidden(case.rings):
        yield _finding(case, ring)


def _finding(case: Case, ring: Ring) -> Finding:
    first = ring.told[0]
    rest = ring.told[1:]
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=case.when(lambda running: first.step.ref in running.cluster.nodes and running.is_stuck(first.step.ref)),
        confidence=ring.confidence,
        about=first.step.ref,
        needs=first.other.ref,
        object=first.what if first.reason is Reason.NEEDS else None,
        provider=first.by,
        at=written(case, first),
        message="; ".join((f"These wait for each other and never become ready: {told(first)}", *map(told, rest))) + ".",
        advice=_advice(rest),
        related=tuple(Related(written(case, link), told(link)) for link in rest),
    )


def _advice(rest: tuple[Link, ...]) -> str:
    entry = next((link for link in rest if link.reason is Reason.DEPENDS_ON), None)
    if entry is None:
        return "Move what the others need into a Kustomization that waits for none of them."
    return (
        f"Remove {code(entry.other.ref.name)} from the dependsOn of {code(entry.step.ref.name)}, or move what the "
        "others need into a Kustomization that waits for none of them."
    )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
