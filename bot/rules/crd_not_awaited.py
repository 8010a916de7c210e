"""A `dependsOn` that is there, on a Kustomization that does not wait for what brings the CRD.

## What it does
Speaks where a `dependsOn` leads to the Kustomization of the HelmRelease that
brings a CRD, but that Kustomization neither has `wait: true` nor a health check
on the HelmRelease, on one of the workloads of its chart, or on the CRD itself.

## Why it matters
Without them a Kustomization is ready as soon as its objects are sent to the
API server; that says nothing of the HelmRelease, which has only begun to
install. The dependent starts too early and fails until a retry after its
`retryInterval`, which defaults to `interval`.

## Example
```yaml
kind: Kustomization
metadata: {name: cert-manager}   # applies the HelmRelease
spec: {path: ./cert-manager}
---
kind: Kustomization
metadata: {name: apps}           # applies a Certificate
spec: {path: ./apps, dependsOn: [{name: cert-manager}]}
```

## Instead
```yaml
kind: Kustomization
metadata: {name: cert-manager}
spec: {path: ./cert-manager, wait: true}
```

## Fix
A health check on the HelmRelease that brings the CRD, or `wait: true` where the
Kustomization holds nothing else that could stay unhealthy.

## Silence it
List the kind under `soft` if a late start is fine.

## References
kustomize-controller#601 · kustomize-controller#242
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, Severity
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule
from bot.simulate.late import Wording, late_finding, opened, waiting_for
from bot.simulate.order import Gap

ID = "crd-not-awaited"


def check(case: Case) -> Iterator[Finding]:
    for opening in opened(case, Gap.NOT_AWAITED):
        wording = Wording(
            f"and {waiting_for(case, opening, opening.owner)}, but that is ready before its "
            f"{code(opening.provider.by)} has brought the CRD",
            f"Let {code(opening.owner.name)} wait for {code(opening.provider.by)}: {_means(case, opening.owner)}.",
        )
        yield late_finding(case, ID, opening, wording)


def _means(case: Case, owner: Ref) -> str:
    """How to wait; ``wait`` would take in what the Kustomization creates, and some of that may depend on it."""
    nodes = case.cluster.nodes
    children = case.fresh.stage.children.get(owner, ())
    held = [ref for ref in children if owner in {entry.ref for entry in nodes[ref].kustomization.depends_on}]
    if held:
        return f"a health check, and not `wait: true`, for it creates {code(held[0].name)}, which depends on it"
    return "a health check, or `wait: true`"


RULE = Rule(ID, Severity.WARNING, __doc__, check)
