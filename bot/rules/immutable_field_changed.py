"""A change of a field that Kubernetes does not let change.

## What it does
Speaks in reviews, where an object that the same Kustomization goes on applying
changes a field that the API server refuses to change: selectors, the volume claims
of a StatefulSet, `roleRef`, `clusterIP`, the template of a Job, class and size of a
claim, the fields of a StorageClass, data that is `immutable`.

## Why it matters
On the running cluster the apply fails, and with it all that stands beside the
object. Under `force` Flux deletes the object and makes it anew instead: what belongs
to it goes. A fresh cluster takes the change.

## Example
```yaml
kind: Deployment
spec: {selector: {matchLabels: {app: web}}}   # it was app: podinfo
```

## Instead
```yaml
kind: Deployment
metadata: {name: podinfo-web}
```

## Fix
Give the new object another name, or delete the old one by hand when you merge.
Without a gap it takes two changes: the new object beside the old one first, and once
it is ready, the old one goes. A Job
may have the annotation `kustomize.toolkit.fluxcd.io/force: enabled`.

## Silence it
Ignore the finding with a reason.

## References
kustomize-controller, `spec.force` · kustomize-controller#734
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence, Node
from bot.model.field import flag
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.flux import Release
from bot.model.quote import code
from bot.model.ref import GroupKind
from bot.model.resource import Resource
from bot.simulate.case import Case, Rule
from bot.simulate.frozen import Frozen, frozen
from bot.simulate.rewritten import gives_up_upgrading, reapplied, remade

ID = "immutable-field-changed"

# Made anew as it was, without anything that hangs on it.
_REMADE = frozenset(
    GroupKind(group, kind)
    for group, kind in (
        ("batch", "Job"),
        ("", "ConfigMap"),
        ("", "Secret"),
        ("rbac.authorization.k8s.io", "RoleBinding"),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("storage.k8s.io", "StorageClass"),
        ("scheduling.k8s.io", "PriorityClass"),
    )
)


def check(case: Case) -> Iterator[Finding]:
    for node, before, after in reapplied(case):
        forced = _is_forced(node, after)
        change = next(frozen(before, after), None)
        if change and not (forced and after.group_kind in _REMADE):
            yield _finding(case, node, after, change, forced=forced)
    for release, before, after in remade(case):
        change = next(frozen(before, after), None)
        if change:
            yield _in_chart(case, release, after, change)


def _is_forced(node: Node, after: Resource) -> bool:
    return flag(node.kustomization.spec, "force") or after.marked("kustomize.toolkit.fluxcd.io/force") == "enabled"


def _finding(case: Case, node: Node, after: Resource, change: Frozen, *, forced: bool) -> Finding:
    effect = (
        "Flux deletes the object and makes it anew, because `force` is on"
        if forced
        else f"the API server refuses it, and {code(node.ref)} is not applied any more"
    )
    return Finding(
        rule=ID,
        severity=Severity.WARNING,
        outcome=Outcome.DESTRUCTIVE if forced else Outcome.DEADLOCK,
        when=(When.RUNNING,),
        confidence=Confidence.LIKELY,
        about=node.ref,
        needs=after.ref,
        object=after.ref,
        at=case.place(after, *change.field.split(".")),
        message=f"{code(change.field)} of {code(after.ref)} {change.effect}; on the running cluster {effect}.",
        predicted="" if forced else f"{after.ref} dry-run failed (Invalid)",
        advice="Give the new object another name, or delete the old one by hand when this is merged.",
        related=(Related(case.place(node.kustomization.resource), f"{code(node.ref)} applies it"),),
    )


def _in_chart(case: Case, release: Release, after: Resource, change: Frozen) -> Finding:
    ref = code(release.ref)
    again = "helm-controller does not try again" if gives_up_upgrading(release) else "so does every further try"
    return Finding(
        rule=ID,
        severity=Severity.WARNING,
        outcome=Outcome.TERMINAL,
        when=(When.RUNNING,),
        confidence=Confidence.LIKELY,
        about=release.ref,
        needs=after.ref,
        object=after.ref,
        at=case.place(release.resource),
        message=(
            f"{code(change.field)} of {code(after.ref)}, which the chart of {ref} renders, {change.effect}; on the "
            f"running cluster the upgrade fails, and {again}."
        ),
        predicted=f'cannot patch "{after.ref.name}" with kind {after.ref.kind}',
        advice="Delete that object by hand when this is merged, or let the values of the chart keep the field.",
    )


RULE = Rule(ID, Severity.WARNING, __doc__, check)
