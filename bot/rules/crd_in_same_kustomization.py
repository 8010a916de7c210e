"""A custom resource beside the only thing that brings its CRD.

## What it does
Speaks where a Kustomization applies a custom resource whose CRD is installed
only by a HelmRelease (or an operator) of the same Kustomization, or of one
that this Kustomization itself creates.

## Why it matters
Flux dry-runs all objects of an apply stage before it applies any of them, and
nearly everything is in the last stage. The dry-run of the custom resource
fails, so the HelmRelease is never applied, so the CRD never comes. Today's
cluster shows nothing where the CRD is there already; a fresh one, as after a
disaster, never gets past this Kustomization.

## Example
```yaml
# infra/kustomization.yaml, built by one Flux Kustomization
resources:
  - cert-manager.yaml     # HelmRelease cert-manager, crds.enabled: true
  - cluster-issuer.yaml   # ClusterIssuer letsencrypt
```

## Instead
```yaml
# a Kustomization of its own for the custom resources
kind: Kustomization
metadata: {name: cert-manager-config, namespace: flux-system}
spec:
  dependsOn: [{name: cert-manager}]   # and cert-manager has wait: true
  path: ./infra/cert-manager-config
```

## Fix
Move the side that no cluster has yet: the new custom resource into a
Kustomization that depends on this one, or the new HelmRelease into one that
this one depends on. Where both are live already, moving either in one step
makes Flux delete it; that is a migration in steps.

## Silence it
Declare what is installed before Flux starts in `.fluxbot.yaml`
(`clusters[].provided.crds`), or ignore the finding with a reason.

## References
kustomize-controller#669 · kustomize-controller#1194 · flux2#1966 · flux2#562
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flux.resource_set import RESOURCE_SET
from bot.model.cluster import Means
from bot.model.finding import Finding, Severity
from bot.model.quote import code
from bot.simulate.beside import Wording, deadlock_finding
from bot.simulate.case import Case, Rule
from bot.simulate.late import bringer
from bot.simulate.order import Gap, Opening, is_made_from_an_object
from bot.simulate.stage import awaited

ID = "crd-in-same-kustomization"


def check(case: Case) -> Iterator[Finding]:
    for opening in case.openings:
        # What a controller makes from another object is a matter of crd-made-by-controller.
        if opening.gap is Gap.WITHIN and not is_made_from_an_object(case.cluster, opening.provider):
            yield deadlock_finding(case, ID, opening, _wording(case, opening))


def _wording(case: Case, opening: Opening) -> Wording:
    return Wording(
        source=f"only {code(opening.provider.by)} brings",
        bringer=bringer(case, opening, code(opening.need.fact.what)),
        advice=_advice(case, opening),
    )


def _advice(case: Case, opening: Opening) -> str:
    provider, owner = opening.provider, code(opening.owner.name)
    if opening.owner.kind == RESOURCE_SET.kind:
        return (
            f"Give {code(opening.owner)} `spec.steps` (Flux Operator 0.53), {code(provider.by)} in an earlier one than "
            f"{code(opening.need.resource.ref)}: a step begins once the one before is healthy."
        )
    is_gated = provider.means is Means.MANIFEST or provider.by in awaited(
        case.fresh.stage, case.cluster.nodes[opening.owner]
    )
    wait = "" if is_gated else f", and let {owner} wait for {code(provider.by)}"
    return (
        f"Move {code(opening.need.resource.ref)} into a Kustomization that depends on {owner}{wait}. "
        "Move only what no cluster has yet: Flux deletes what is live when it moves."
    )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
