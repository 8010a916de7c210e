"""An object moves to a Kustomization that is applied later, so Flux deletes it on the way.

## What it does
Speaks in reviews, where a Kustomization with `prune` no longer applies an object
that it applies today, and another one does that does not surely come first.

## Why it matters
Both run on the same revision. The old one deletes what it no longer builds, and
that is only prevented once the new one has applied the object. If the new one
depends on the old one – as after splitting custom resources from their operator –
or has yet to be created, the object is deleted first: a HelmRelease is
uninstalled, a Namespace goes with all that is in it, a database with its volumes.
An annotation that protects counts only if it is live before the move.

## Example
```yaml
# before: Kustomization database applies operator.yaml and cluster.yaml
# after: it applies operator.yaml, and a new one applies cluster.yaml
kind: Kustomization
metadata: {name: database-cluster}
spec:
  path: ./database/cluster
  dependsOn: [{name: database}]
```

## Instead
```yaml
# a change of its own, before the move
kind: Cluster
metadata:
  name: orders
  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}
```

## Fix
Three changes, each applied before the next: annotate, move, take the annotation
away. A warning only where nothing is lost that is not made again at once, such as
a ConfigMap.

## Silence it
`rules: {move-deletes: "off"}`, or ignore the finding with a reason: a cluster that
may lose the object.

## References
kustomize-controller#338 · Flux FAQ "How can I safely move resources from one dir to another?"
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.model.finding import Finding, Severity
from bot.model.resource import Resource
from bot.simulate.case import Case, Rule
from bot.simulate.lost import Wording, lost_finding, moving, them
from bot.simulate.transfer import transfers

ID = "move-deletes"


def check(case: Case) -> Iterator[Finding]:
    for transfer in transfers(case):
        moved = transfer.objects
        if transfer.gone or not moved:
            continue
        wording = Wording(
            about=transfer.old,
            needs=transfer.new,
            at=case.place(moved[0]),
            happened=moving(transfer, moved),
            advice=_advice(moved),
        )
        yield lost_finding(case, ID, transfer, moved, wording)


def _advice(moved: Sequence[Resource]) -> str:
    return (
        f"Do it in steps: first give {them(moved)} the annotation `kustomize.toolkit.fluxcd.io/prune: disabled` in the "
        "old place and let Flux apply that; then move; then take the annotation away."
    )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
