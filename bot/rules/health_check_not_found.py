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

import difflib
from collections.abc import Iterator

from bot.knowledge.kinds import namespaced
from bot.model.cluster import Confidence, Node
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.quote import code
from bot.model.ref import HELM, KUSTOMIZE, GroupKind, Ref
from bot.simulate.case import Case, Rule

ID = "health-check-not-found"
_FLUX = frozenset({GroupKind(HELM, "HelmRelease"), GroupKind(KUSTOMIZE, "Kustomization")})


def check(case: Case) -> Iterator[Finding]:
    for node in case.cluster.nodes.values():
        kustomization = node.kustomization
        if kustomization.wait or kustomization.target:
            continue
        for checked in dict.fromkeys(kustomization.health_checks):
            if not _is_there(case, checked) and "${" not in str(checked):
                twin = _twin(node, checked)
                if twin or checked.group_kind in _FLUX:
                    yield _finding(case, node, checked, twin or _nearest(case, checked))


def _is_there(case: Case, checked: Ref) -> bool:
    cluster = case.cluster
    return any(checked in pool for pool in (cluster.resources, cluster.nodes, cluster.releases))


def _twin(node: Node, checked: Ref) -> Ref | None:
    """What the Kustomization applies under that kind and name, in another group or namespace.

    kustomize gives cluster-wide objects of kinds that it does not know a
    namespace too; only where a kind is known to have one does it tell anything.
    """
    same = [one.ref for one in node.resources if (one.ref.kind, one.ref.name) == (checked.kind, checked.name)]
    if any(ref.group == checked.group for ref in same) and not namespaced(checked.group_kind):
        return None
    return min(same, default=None)


def _nearest(case: Case, checked: Ref) -> Ref | None:
    pool = case.cluster.releases if checked.kind == "HelmRelease" else case.cluster.nodes
    same = sorted(ref for ref in pool if ref.name == checked.name)
    if same:
        return same[0]
    local = {ref.name: ref for ref in pool if ref.namespace == checked.namespace}
    names = difflib.get_close_matches(checked.name, list(local), n=1, cutoff=0.7)
    return local[names[0]] if names else None


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
            f"{code(node.ref)} has a health check on {code(checked)}{_group(checked, near)}, which nothing makes, "
            "so it fails at each timeout and never becomes ready."
        ),
        predicted=f"health check failed: timeout waiting for: [{checked} status: 'NotFound']",
        advice=_advice(checked, near) + more,
    )


def _group(checked: Ref, near: Ref | None) -> str:
    return f" of the group {code(checked.group)}" if near and near.group != checked.group else ""


def _advice(checked: Ref, near: Ref | None) -> str:
    if near is None:
        return "Remove the check, or add what it names."
    if near.group != checked.group:
        return f"Write the group {code(near.group)} in its `apiVersion` if {code(near)} is meant."
    if near.namespace != checked.namespace:
        return f"Write {code(f'namespace: {near.namespace}')} if {code(near)} is meant."
    return f"Write {code(near.name)} if {code(near)} is meant, or remove the check."


RULE = Rule(ID, Severity.WARNING, __doc__, check)
