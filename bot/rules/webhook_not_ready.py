"""A custom resource whose CRD is waited for, but not the controller that answers its admission webhook.

## What it does
Speaks where a Kustomization waits for what brings the CRD of a custom resource, the
CRD comes from elsewhere than the controller, and the controller's own HelmRelease is
not waited for. Only webhooks that fail closed and whose chart is known are meant; where
the chart is not in the cluster it is silent.

## Why it matters
The API server asks the webhook about each such object, dry-runs included. Between the
moment in which Helm registers it and the moment in which its pod answers, the object is
refused and nothing beside it is applied; Flux tries again after `retryInterval`, which
defaults to `interval`.

## Example
```yaml
kind: Kustomization
metadata: {name: issuers}
spec:
  dependsOn: [{name: cert-manager-crds}]   # and cert-manager starts at the same time
```

## Instead
```yaml
spec:
  dependsOn: [{name: cert-manager}]   # which waits for its HelmRelease
```

## Fix
Depend on the Kustomization with the controller, and let that wait for its HelmRelease.

## Silence it
Ignore the finding with a reason, for example that the retry is soon.

## References
Kubernetes: Dynamic Admission Control, failurePolicy · cert-manager: The definitive debugging guide for the
cert-manager webhook · kustomize-controller#242
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.simulate.admission import Unanswered, unanswered
from bot.simulate.case import Case, Rule
from bot.simulate.late import retry_after

ID = "webhook-not-ready"


def check(case: Case) -> Iterator[Finding]:
    for one in unanswered(case):
        yield _finding(case, one)


def _finding(case: Case, one: Unanswered) -> Finding:
    ref, resource, by = one.dependent, one.resource, one.by
    order = f"and for {code(one.owner)}, which is ready before it" if one.orders else "and not for that"
    return Finding(
        rule=ID,
        severity=Severity.NOTE if case.is_soft(resource.group_kind, ref) else Severity.WARNING,
        outcome=Outcome.LATE,
        when=(When.FRESH,),
        confidence=Confidence.LIKELY,
        about=ref,
        needs=one.owner,
        object=resource.ref,
        provider=by,
        at=case.place_of(ref, "spec", "dependsOn"),
        message=(
            f"{code(ref)} applies {code(resource.ref)}, whose webhook {code(one.webhook.name)} is answered by "
            f"{code(by)}; it waits for the CRD {order}. On a fresh cluster the object is refused while the pod starts, "
            f"and Flux tries again only after {retry_after(case, ref)}."
        ),
        predicted=(
            f"{resource.ref} dry-run failed (InternalError): Internal error occurred: failed calling webhook "
            f'"{one.webhook.name}"'
        ),
        advice=_advice(one),
        related=(Related(case.place_of(by), f"{code(by)} answers the webhook"),),
    )


def _advice(one: Unanswered) -> str:
    wait = f"et {code(one.owner.name)} wait for {code(one.by)}."
    if one.orders:
        return f"L{wait}"
    return f"Let {code(one.dependent.name)} depend on {code(one.owner.name)}, and l{wait}"


RULE = Rule(ID, Severity.WARNING, __doc__, check)
