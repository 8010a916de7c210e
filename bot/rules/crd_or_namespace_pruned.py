"""A CRD, a Namespace or a volume claim that the change takes away, and what goes with it.

## What it does
Speaks in reviews, where Flux deletes a CustomResourceDefinition, a Namespace or a
PersistentVolumeClaim that no Kustomization applies any more. It is an error where
something that stays needs it, and a note otherwise. What goes together with its
whole Kustomization, and is needed by nothing, is not spoken of: taking an app away
is normal work.

## Why it matters
With a CRD go all custom resources of its kind, with a Namespace all that is in it,
also what Flux does not know of, with a claim its volume unless that is retained.

## Example
```yaml
# namespace.yaml is taken out, while podinfo.yaml stays
kind: HelmRelease
metadata: {name: podinfo, namespace: web}
```

## Instead
```yaml
kind: Namespace
metadata:
  name: web
  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}
```

## Fix
Keep the object, or give it the annotation `prune: disabled` in a change of its own
before, and delete it by hand once nothing needs it.

## Silence it
Ignore the finding with a reason.

## References
kustomize-controller, `spec.prune` · flux2#5611
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flux.crd import CRD, defined_by
from bot.knowledge.kinds import namespaced
from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.quote import code
from bot.model.ref import GroupKind
from bot.model.resource import Resource
from bot.simulate.case import Case, Rule
from bot.simulate.fact import NAMESPACE
from bot.simulate.pruned import Pruned, goes, instances, pruned

ID = "crd-or-namespace-pruned"
_CLAIM = GroupKind("", "PersistentVolumeClaim")
_LOST = {
    CRD: "every custom resource of its kind goes with it",
    NAMESPACE: "everything in it goes with it, also what Flux does not know of",
    _CLAIM: "its volume goes with it unless that is retained",
}


def check(case: Case) -> Iterator[Finding]:
    for one in pruned(case):
        user = _user(case, one.resource)
        # What goes with its whole Kustomization was meant to go.
        if one.resource.group_kind in _LOST and (user or one.owner in case.cluster.nodes):
            yield _finding(case, one, user)


def _user(case: Case, resource: Resource) -> Resource | None:
    """Something that stays and needs what is deleted."""
    if resource.group_kind == NAMESPACE:
        inside = (one for one, _ in case.cluster.resources.values() if one.ref.namespace == resource.ref.name)
        # The namespace that kustomize stamps on what is of the whole cluster means nothing.
        return next((one for one in inside if namespaced(one.group_kind) is not False), None)
    defined = defined_by(resource.body)
    if defined and not case.cluster.providers(defined[0]):
        return next(iter(instances(case.cluster, defined[0])), None)
    return None


def _finding(case: Case, one: Pruned, user: Resource | None) -> Finding:
    resource = one.resource
    about, how = goes(case, one)
    stays = f" {code(user.ref)} stays and needs it." if user else ""
    return Finding(
        rule=ID,
        severity=Severity.ERROR if user else Severity.NOTE,
        outcome=Outcome.DESTRUCTIVE,
        when=(When.RUNNING,),
        confidence=Confidence.PROVEN,
        about=about,
        needs=resource.ref,
        object=user.ref if user else None,
        at=case.place(user) if user else case.place_of(about),
        message=(
            f"Flux deletes {code(resource.ref)} on the running cluster, for {code(one.owner)} {how}: "
            f"{_LOST[resource.group_kind]}.{stays}"
        ),
        advice=(
            "If it is to stay, keep it in the tree, or annotate it with `kustomize.toolkit.fluxcd.io/prune: disabled` "
            "and let Flux apply that before."
        ),
    )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
