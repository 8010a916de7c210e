"""An object of Flux that the schema of its kind refuses.

## What it does
Speaks where the `spec` of a HelmRelease, a Kustomization, a source or another object
of Flux has a value that its CRD does not take: another type, none of the values that
are possible, a form that does not fit, a field that is missing or – where the
version of Flux is known – one that does not exist. Other kinds are not checked.

## Why it matters
The API server refuses the object, and Flux applies nothing of a stage of which one
object is refused: also not the change that mends it, if that lies elsewhere.

## Example
```yaml
kind: HelmRelease
spec: {upgrade: {remediation: {strategy: retry}}}
```

## Instead
```yaml
spec: {upgrade: {remediation: {strategy: rollback, retries: 3}}}
```

## Fix
Write a value that the CRD takes.

## Silence it
Set `clusters[].flux` if the cluster runs another release than the tree says.

## References
The CRDs of Flux 2.9 · keiretsu-labs/kubernetes-manifests#2768
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.knowledge.schemas import Invalid
from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule
from bot.simulate.refused import Refused

ID = "object-invalid"


def check(case: Case) -> Iterator[Finding]:
    for ref, some in case.fresh.stage.refused.items():
        yield from (_finding(case, ref, one, one.invalid) for one in some if one.invalid)


def _finding(case: Case, ref: Ref, refused: Refused, wrong: Invalid) -> Finding:
    resource = refused.resource
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.LIKELY,
        about=ref,
        needs=resource.ref,
        object=resource.ref,
        at=case.place(resource, "spec", *wrong.field),
        message=(
            f"{code(refused.path)} of {code(resource.ref)} {wrong.why}; the API server refuses the object, and "
            f"{code(ref)} applies nothing beside it."
        ),
        predicted=refused.predicted,
        advice=f"Write a value that the CRD of {code(resource.ref.kind)} takes.",
        related=(Related(case.place_of(ref), f"{code(ref)} applies it"),),
    )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
