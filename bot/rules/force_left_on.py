"""A Kustomization with `force` that holds things which must not be made anew.

## What it does
Speaks where `spec.force: true` stands in a Kustomization that applies a Namespace, a
CRD, a volume claim, a StatefulSet or a HelmRelease.

## Why it matters
With `force`, Flux takes any refusal of a change – a typo too – for a field that
cannot be changed: it deletes the object and tries again. If the object is still
refused, it stays deleted, with the volumes, custom resources or releases that hang
on it.

## Example
```yaml
kind: Kustomization
metadata: {name: databases}
spec: {path: ./databases, force: true}
```

## Instead
```yaml
kind: Job
metadata:
  annotations: {kustomize.toolkit.fluxcd.io/force: enabled}
```

## Fix
Take `force` out once it has done what it was for, and annotate the objects that need
it for good.

## Silence it
`rules: {force-left-on: "off"}`.

## References
kustomize-controller#734
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flux.crd import CRD
from bot.model.cluster import Confidence, Node
from bot.model.field import flag
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.quote import code
from bot.model.ref import HELM, GroupKind
from bot.model.resource import Resource
from bot.simulate.case import Case, Rule
from bot.simulate.fact import NAMESPACE
from bot.simulate.ownership import applied

ID = "force-left-on"
_WORTH = (
    NAMESPACE,
    CRD,
    GroupKind("", "PersistentVolumeClaim"),
    GroupKind("apps", "StatefulSet"),
    GroupKind(HELM, "HelmRelease"),
)
"""What must not be made anew, the most valuable first."""


def check(case: Case) -> Iterator[Finding]:
    for node in case.cluster.nodes.values():
        if flag(node.kustomization.spec, "force"):
            worth = [one for one in applied(node) if one.group_kind in _WORTH and not one.is_skipped]
            if worth:
                yield _finding(case, node, min(worth, key=lambda one: (_WORTH.index(one.group_kind), one.ref)))


def _finding(case: Case, node: Node, first: Resource) -> Finding:
    return Finding(
        rule=ID,
        severity=Severity.NOTE,
        outcome=Outcome.DESTRUCTIVE,
        when=(When.RUNNING,),
        confidence=Confidence.PROVEN,
        about=node.ref,
        object=first.ref,
        at=case.place(node.kustomization.resource, "spec", "force"),
        message=(
            f"{code(node.ref)} has `force: true`; Flux deletes {code(first.ref)} and whatever else it applies as soon "
            "as the API server refuses a change to it, be it a typo."
        ),
        advice="Take `force` out, and annotate what needs it with `kustomize.toolkit.fluxcd.io/force: enabled`.",
    )


RULE = Rule(ID, Severity.NOTE, __doc__, check)
