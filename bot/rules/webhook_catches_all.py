"""An admission webhook that refuses Flux itself while its server is down.

## What it does
Speaks where a ValidatingWebhookConfiguration or MutatingWebhookConfiguration that a
Kustomization applies has `failurePolicy: Fail` (the default) for
all kinds or for kinds of the core, and no selector or condition leaves anything out.

## Why it matters
While the server of the webhook is not there, the API server refuses every object
that it would be asked about, in Flux's own namespace too. Flux dry-runs all objects
before it applies any, so it cannot apply what would mend the webhook.

## Example
```yaml
kind: ValidatingWebhookConfiguration
webhooks:
  - name: policy.acme.org
    failurePolicy: Fail
    rules: [{apiGroups: ["*"], apiVersions: ["*"], resources: ["*"], operations: ["*"]}]
```

## Instead
```yaml
    namespaceSelector:
      matchExpressions:
        - {key: kubernetes.io/metadata.name, operator: NotIn, values: [flux-system, kube-system]}
```

## Fix
Leave out the namespaces of Flux, of Kubernetes and of the webhook's own server, or
set `failurePolicy: Ignore`.

## Silence it
Ignore the finding with a reason.

## References
flux2#3335 · kyverno#2962 · kyverno#7378
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence, Node
from bot.model.field import Body, mapping, mappings, strings, text
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.quote import code
from bot.model.ref import GroupKind, Ref
from bot.model.resource import Resource
from bot.simulate.case import Case, Rule

ID = "webhook-catches-all"
_GROUP = "admissionregistration.k8s.io"
_KINDS = frozenset(
    GroupKind(_GROUP, kind) for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
)
_WRITES = frozenset({"*", "CREATE", "UPDATE"})
_CORE = frozenset({"*", "*/*", "configmaps", "secrets", "services", "serviceaccounts", "namespaces", "deployments"})


def check(case: Case) -> Iterator[Finding]:
    if case.cluster.kinds.isdisjoint(_KINDS):
        return
    for node in case.cluster.nodes.values():
        for resource in node.resources:
            if resource.group_kind in _KINDS and not resource.is_skipped:
                hook = next((one for one in mappings(resource.body, "webhooks") if _catches_all(one)), None)
                if hook:
                    yield _finding(case, node, resource, hook)


def _catches_all(hook: Body) -> bool:
    if text(hook, "failurePolicy") == "Ignore" or any(
        mapping(hook, field) for field in ("namespaceSelector", "objectSelector")
    ):
        return False
    return not hook.get("matchConditions") and any(_is_broad(rule) for rule in mappings(hook, "rules"))


def _is_broad(rule: Body) -> bool:
    groups, kinds = set(strings(rule, "apiGroups")), set(strings(rule, "resources"))
    writes = bool(_WRITES & set(strings(rule, "operations")))
    return writes and bool(groups & {"*", "", "apps"}) and bool(kinds & _CORE) and text(rule, "scope") != "Cluster"


def _finding(case: Case, node: Node, resource: Resource, hook: Body) -> Finding:
    about: Ref = resource.ref
    return Finding(
        rule=ID,
        severity=Severity.WARNING,
        outcome=Outcome.DEADLOCK,
        when=(When.RUNNING,),
        confidence=Confidence.LIKELY,
        about=about,
        needs=node.ref,
        at=case.place(resource),
        message=(
            f"The webhook {code(text(hook, 'name'))} of {code(about)} is asked about kinds of the core in all "
            "namespaces and fails closed; while its server is down, Flux can apply nothing, not even the cure."
        ),
        predicted=f'failed calling webhook "{text(hook, "name")}"',
        advice=(
            "Leave out the namespaces of Flux and of the server with a `namespaceSelector`, or set "
            "`failurePolicy: Ignore`."
        ),
    )


RULE = Rule(ID, Severity.WARNING, __doc__, check)
