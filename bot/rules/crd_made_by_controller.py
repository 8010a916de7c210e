"""A custom resource beside the object from which a controller makes its CRD.

## What it does
Speaks where a Kustomization applies a custom resource whose CRD only comes into
being once a controller has seen another object of the same Kustomization, or of
one that this Kustomization itself creates: a Gatekeeper constraint beside its
ConstraintTemplate, a Crossplane claim beside its definition or a ProviderConfig
beside its Provider, an instance beside its kro ResourceGraphDefinition.

## Why it matters
Flux dry-runs all objects of an apply stage before it applies any of them. The
dry-run of the custom resource fails, so the object that the CRD would be made
from is never applied either. Where the CRD is there already nothing shows; a
fresh cluster never gets past this Kustomization.

## Example
```yaml
# policies/kustomization.yaml, built by one Flux Kustomization
resources:
  - template.yaml     # ConstraintTemplate k8srequiredlabels
  - constraint.yaml   # K8sRequiredLabels
```

## Instead
```yaml
kind: Kustomization
metadata: {name: policy-constraints}
spec:
  path: ./policies/constraints
  dependsOn: [{name: policies}]
---
kind: Kustomization
metadata: {name: policies}
spec:
  wait: true
  healthCheckExprs:   # a ConstraintTemplate has no Ready condition
    - apiVersion: templates.gatekeeper.sh/v1
      kind: ConstraintTemplate
      current: status.created == true
```

## Fix
Move the side that no cluster has yet into a Kustomization of its own: the custom
resource into one that depends on this one, or what the CRD is made from into one
that this one depends on. Where both are live already, that is a migration in steps.

## Silence it
Declare the kind under `clusters[].provided.crds` if something else brings it, or
ignore the finding with a reason.

## References
gatekeeper#2047 · kustomize-controller#1194
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, Related, Severity
from bot.model.quote import code
from bot.simulate.beside import Wording, deadlock_finding
from bot.simulate.case import Case, Rule
from bot.simulate.order import Gap, Opening, is_made_from_an_object

ID = "crd-made-by-controller"


def check(case: Case) -> Iterator[Finding]:
    for opening in case.openings:
        if opening.gap is Gap.WITHIN and is_made_from_an_object(case.cluster, opening.provider):
            yield deadlock_finding(case, ID, opening, _wording(case, opening))


def _wording(case: Case, opening: Opening) -> Wording:
    need, by = opening.need, opening.provider.by
    return Wording(
        source=f"a controller makes from {code(by)}",
        bringer=Related(case.place_of(by), f"from {code(by)} comes {code(need.fact.what)}"),
        advice=(
            f"Move {code(need.resource.ref)} into a Kustomization that depends on {code(opening.owner.name)}, and let "
            f"that wait until {code(by)} has made the CRD (`wait`, with `healthCheckExprs` where its kind has "
            "no Ready condition). Move only what no cluster has yet: Flux deletes what is live when it moves."
        ),
    )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
