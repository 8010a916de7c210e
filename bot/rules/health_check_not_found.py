"""A health check on an object that nobody makes.

## What it does
Speaks where `healthChecks` names a HelmRelease or a Kustomization that is not in
the cluster, or an object that the same Kustomization applies under another
namespace or group. Of other objects nothing is said: charts and operators make
what no manifest shows.

## Why it matters
The Kustomization waits for the object until its timeout, fails, and begins
again. It never becomes ready, nor does what depends on it.

## Example
```yaml
kind: Kustomization
metadata: {name: databases, namespace: flux-system}
spec:
  path: ./databases      # applies the HelmRelease postgres in the namespace databases
  healthChecks:
    - {apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, name: postgres, namespace: flux-system}
```

## Instead
```yaml
    - {apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, name: postgres, namespace: databases}
```

## Fix
Write the name, namespace and group that the object has once it is applied;
`targetNamespace` and name prefixes change them. The nearest one is proposed.

## Silence it
If something outside the repository makes the object, ignore the finding with a
reason.

## References
fluxcd/pkg ssa `manager_wait.go`: an object that is not found is waited for until the timeout
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence, Node
from bot.model.field import mappings, text
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.quote import code
from bot.model.ref import HELM, KUSTOMIZE, GroupKind, Ref
from bot.simulate.case import Case, Rule
from bot.simulate.checked import meant, twin_of

ID = "health-check-not-found"
_FLUX = frozenset({GroupKind(HELM, "HelmRelease"), GroupKind(KUSTOMIZE, "Kustomization")})


def check(case: Case) -> Iterator[Finding]:
    for node in case.cluster.nodes.values():
        kustomization = node.kustomization
        if kustomization.wait or kustomization.target:
            continue
        for checked in dict.fromkeys(kustomization.health_checks):
            if not _is_there(case, checked) and "${" not in str(checked):
                twin = twin_of(node, checked)
                if twin or checked.group_kind in _FLUX:
                    yield _finding(case, node, checked, meant(case.cluster, node, checked))


def _is_there(case: Case, checked: Ref) -> bool:
    cluster = case.cluster
    return any(checked in pool for pool in (cluster.resources, cluster.nodes, cluster.releases))


def _finding(case: Case, node: Node, checked: Ref, near: Ref | None) -> Finding:
    unread = case.generated_elsewhere() if near is None or near.name != checked.name else ""
    more = f" It may be made by what fluxbot cannot read: {unread}." if unread else ""
    return Finding(
        rule=ID,
        severity=Severity.WARNING,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.GUESS if unread else Confidence.LIKELY,
        about=node.ref,
        needs=checked,
        at=case.place_of_entry(node.kustomization.resource, "healthChecks", checked.name, node.parents),
        message=(
            f"{code(node.ref)} has a health check on {code(checked)}{_group(node, checked, near)}, which nothing "
            "makes, so it fails at each timeout and never becomes ready."
        ),
        predicted=f"health check failed: timeout waiting for: [{checked} status: 'NotFound']",
        advice=_advice(checked, near) + more,
    )


def _group(node: Node, checked: Ref, near: Ref | None) -> str:
    if near is None or near.group == checked.group:
        return ""
    same = (one for one in mappings(node.kustomization.spec, "healthChecks") if text(one, "name") == checked.name)
    if any(text(one, "kind") == checked.kind and not text(one, "apiVersion") for one in same):
        return " without an `apiVersion`; Flux takes it for one of `apps/v1`"
    return f" of the group {code(checked.group)}"


def _advice(checked: Ref, near: Ref | None) -> str:
    if near is None:
        return "Remove the check, or add what it names."
    if near.group != checked.group:
        return f"Write the group {code(near.group)} in its `apiVersion` if {code(near)} is meant."
    if near.namespace != checked.namespace:
        return f"Write {code(f'namespace: {near.namespace}')} if {code(near)} is meant."
    return f"Write {code(near.name)} if {code(near)} is meant, or remove the check."


RULE = Rule(ID, Severity.WARNING, __doc__, check)
