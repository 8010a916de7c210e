"""A class that is not ready before its controller is, in the Kustomization of the controller.

## What it does
Speaks where a Kustomization applies a class that reports `Ready: False` until its
controller has looked at it, such as Karpenter's `EC2NodeClass`, together with the
HelmRelease of that controller, while the CRDs come from elsewhere.

## Why it matters
Flux applies kinds that end in `Class` in a stage of their own and waits a minute
until they are ready, even without `wait`. The controller comes in the stage after
that. Where the object already reports that it is not ready, the Kustomization does
not get further.

## Example
```yaml
kind: HelmRelease
metadata: {name: karpenter}
---
kind: EC2NodeClass
metadata: {name: default}
```

## Instead
```yaml
kind: Kustomization
metadata: {name: karpenter-classes}
spec: {dependsOn: [{name: karpenter}]}
```

## Fix
Put the class into a Kustomization that depends on that of the controller. Move only
what no cluster has yet: Flux deletes what is live when it moves.

## Silence it
`rules: {class-not-ready: "off"}`.

## References
flux2#4446 · flux2#5641 · fluxcd/pkg ssa `manager_apply.go`, `ApplyAllStaged`
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence, Node
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.flux import Release
from bot.model.quote import code
from bot.model.ref import GroupKind
from bot.model.resource import Resource
from bot.simulate.case import Case, Rule
from bot.simulate.ownership import applied

ID = "class-not-ready"
_CONTROLLERS = {
    GroupKind("karpenter.k8s.aws", "EC2NodeClass"): "karpenter",
    GroupKind("karpenter.azure.com", "AKSNodeClass"): "karpenter",
}
"""Classes with a Ready condition, and the chart of the controller that sets it."""


def check(case: Case) -> Iterator[Finding]:
    if case.cluster.kinds.isdisjoint(_CONTROLLERS):
        return
    for node in case.cluster.nodes.values():
        for resource in applied(node):
            chart = _CONTROLLERS.get(resource.group_kind)
            release = next((one for one in node.releases if one.chart and one.chart.name == chart), None)
            if release and not any(one.by == release.ref for one in case.cluster.providers(resource.group_kind)):
                yield _finding(case, node, resource, release)


def _finding(case: Case, node: Node, resource: Resource, release: Release) -> Finding:
    return Finding(
        rule=ID,
        severity=Severity.NOTE,
        outcome=Outcome.LATE,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.LIKELY,
        about=node.ref,
        needs=release.ref,
        object=resource.ref,
        at=case.place(resource),
        message=(
            f"{code(node.ref)} applies {code(resource.ref)} and waits until it is ready before it applies "
            f"{code(release.ref)}, whose controller makes it ready; while the class reports that it is not, nothing "
            "else is applied."
        ),
        predicted=f"timeout waiting for: [{resource.ref} status: 'InProgress']",
        advice=f"Put the class into a Kustomization that depends on {code(node.ref.name)}, if no cluster has it yet.",
        related=(Related(case.place(release.resource), f"{code(release.ref)} brings the controller"),),
    )


RULE = Rule(ID, Severity.NOTE, __doc__, check)
