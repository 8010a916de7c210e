"""A Pod and its ServiceAccount, or a Role and its binding under another account, in one Kustomization.

## What it does
Speaks where a Kustomization applies a bare Pod together with the ServiceAccount that
it runs as, and where one with `serviceAccountName` applies a RoleBinding together
with its Role. Deployments and other templates are fine: their Pods come later.

## Why it matters
Flux dry-runs all objects before it applies any. The API server refuses a Pod whose
account does not exist, and a binding to a Role that does not exist unless the
account may bind any role; so on a fresh cluster neither is ever applied. Whether
an account may, the tree often does not show, so this is a note.

## Example
```yaml
kind: ServiceAccount
metadata: {name: smoke}
---
kind: Pod
metadata: {name: smoke}
spec: {serviceAccountName: smoke}
```

## Instead
```yaml
kind: Job
spec: {template: {spec: {serviceAccountName: smoke}}}
```

## Fix
Make a Job of the Pod, or apply account and roles in a Kustomization before. From
Flux 2.8 on `--custom-apply-stage-kinds=rbac.authorization.k8s.io/Role` helps.

## Silence it
`rules: {account-in-same-kustomization: "off"}`.

## References
kustomize-controller#748 · kustomize-controller#426
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence, Node
from bot.model.field import text
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.ref import GroupKind, Ref
from bot.model.resource import Resource
from bot.simulate.case import Case, Rule
from bot.simulate.ownership import applied

ID = "account-in-same-kustomization"
_RBAC = "rbac.authorization.k8s.io"
_POD, _BINDING = GroupKind("", "Pod"), GroupKind(_RBAC, "RoleBinding")


def check(case: Case) -> Iterator[Finding]:
    if case.cluster.kinds.isdisjoint((_POD, _BINDING)):
        return
    for node in case.cluster.nodes.values():
        some = {one.ref: one for one in applied(node) if not one.is_skipped}
        for resource in some.values():
            needed = _needed(node, resource)
            if needed in some and not _is_live(case, needed):
                yield _finding(case, node, resource, some[needed])


def _needed(node: Node, resource: Resource) -> Ref | None:
    """What must be there when the API server looks at an object."""
    namespace = resource.ref.namespace
    if resource.group_kind == _POD:
        name = text(resource.body, "spec", "serviceAccountName")
        return Ref("", "ServiceAccount", namespace, name) if name not in ("", "default") else None
    bound = text(resource.body, "roleRef", "kind") == "Role" and text(node.kustomization.spec, "serviceAccountName")
    if resource.group_kind == _BINDING and bound:
        return Ref(_RBAC, "Role", namespace, text(resource.body, "roleRef", "name"))
    return None


def _is_live(case: Case, needed: Ref) -> bool:
    """Whether another Kustomization applies it too, so that it comes in any case."""
    return sum(any(one.ref == needed for one in applied(node)) for node in case.cluster.nodes.values()) > 1


def _finding(case: Case, node: Node, resource: Resource, needed: Resource) -> Finding:
    is_pod = resource.group_kind == _POD
    account = code(text(node.kustomization.spec, "serviceAccountName"))
    unless = "" if is_pod else f" unless the account {account} may bind roles that do not exist"
    is_new = case.base is None or needed.ref not in case.base.resources
    return Finding(
        rule=ID,
        severity=Severity.NOTE,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING) if is_new and case.base else (When.FRESH,),
        confidence=Confidence.LIKELY if is_pod else Confidence.GUESS,
        about=node.ref,
        object=resource.ref,
        at=case.place(resource),
        message=(
            f"{code(resource.ref)} needs {code(needed.ref)} when it is dry-run, and {code(node.ref)} applies both; "
            f"neither is ever applied where the second is not there yet{unless}."
        ),
        predicted=(
            f'pods "{resource.ref.name}" is forbidden: error looking up service account '
            f'{needed.ref.namespace}/{needed.ref.name}: serviceaccount "{needed.ref.name}" not found'
            if is_pod
            else ""
        ),
        advice=f"Apply {code(needed.ref)} in a Kustomization before"
        + (", or make a Job of the Pod." if is_pod else "."),
        related=(Related(case.place(needed), f"{code(needed.ref)} is applied with it"),),
    )


RULE = Rule(ID, Severity.NOTE, __doc__, check)
