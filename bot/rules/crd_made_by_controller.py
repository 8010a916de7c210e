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

from bot.model.finding import Finding, Outcome, Related, Severity
from bot.model.quote import code
from bot.simulate.case import Case, Rule
from bot.simulate.late import scene
from bot.simulate.order import Gap, Opening, is_made_from_an_object

ID = "crd-made-by-controller"


def check(case: Case) -> Iterator[Finding]:
    for opening in case.openings:
        if opening.gap is Gap.WITHIN and is_made_from_an_object(case.cluster, opening.provider):
            yield _finding(case, opening)


def _finding(case: Case, opening: Opening) -> Finding:
    need, provider, dependent = opening.need, opening.provider, opening.dependent
    when = case.when(lambda running: need in running.absent(dependent))
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=when,
        confidence=case.sure(need.fact.what, provider.confidence),
        about=dependent,
        object=need.resource.ref,
        provider=provider.by,
        missing=need.missing,
        at=case.place(need.resource),
        message=(
            f"{code(need.resource.ref)} needs the CRD that a controller makes from {code(provider.by)}, "
            f"{_where(opening)}; Flux dry-runs all of a Kustomization before it applies any of it, so {scene(when)} "
            "the CRD never comes."
        ),
        predicted=need.predicted,
        advice=(
            f"Move {code(need.resource.ref)} into a Kustomization that depends on {code(opening.owner.name)}, and let "
            f"that wait until {code(provider.by)} has made the CRD (`wait`, with `healthCheckExprs` where its kind has "
            "no Ready condition). Move only what no cluster has yet: Flux deletes what is live when it moves."
        ),
        related=(
            Related(case.place_of(provider.by), f"from {code(provider.by)} comes {code(need.fact.what)}"),
            Related(case.place_of(dependent), f"{code(dependent)} applies {_both(opening)}"),
        ),
    )


def _where(opening: Opening) -> str:
    if opening.owner == opening.dependent:
        return f"and both are in {code(opening.dependent)}"
    return f"but {code(opening.owner)}, which applies that, is itself created by {code(opening.dependent)}"


def _both(opening: Opening) -> str:
    return "both" if opening.owner == opening.dependent else f"the resource and creates {code(opening.owner)}"


RULE = Rule(ID, Severity.ERROR, __doc__, check)
