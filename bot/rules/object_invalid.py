"""An object that the schema of its kind refuses.

## What it does
Speaks where the `spec` of a HelmRelease, a Kustomization, a source or another object
of Flux has a value that its CRD does not take: another type, none of the values that
are possible, a form that does not fit, a field that is missing or – where the
version of Flux is known – one that does not exist. Of the kinds of Kubernetes itself
it looks at types and at the fields that it cannot do without; fields that do not
exist Flux drops without a word, but for those of a Role. Other kinds are not checked.

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
Write a value that the CRD, or Kubernetes, takes. In `data`, in labels and in the
`value` of a variable, numbers and booleans want quotes.

## Silence it
Set `clusters[].flux` if the cluster runs another release than the tree says.

## References
The CRDs of Flux 2.9 · the OpenAPI definitions of Kubernetes 1.25 to 1.37 ·
keiretsu-labs/kubernetes-manifests#2768
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.knowledge.kubernetes import releases
from bot.knowledge.schemas import Invalid
from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.ref import Ref
from bot.model.resource import Resource
from bot.simulate.case import Case, Rule
from bot.simulate.refused import Refused
from bot.simulate.unfit import is_of_kubernetes

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
        at=case.place(resource, *wrong.field),
        message=(
            f"{_subject(refused)} {wrong.why}; the API server refuses the object, and "
            f"{code(ref)} applies nothing beside it."
        ),
        predicted=refused.predicted,
        advice=_advice(resource),
        related=(Related(case.place_of(ref), f"{code(ref)} applies it"),),
    )


def _subject(refused: Refused) -> str:
    whole = code(refused.resource.ref)
    return f"{code(refused.path)} of {whole}" if refused.path else whole


def _advice(resource: Resource) -> str:
    kind = code(resource.ref.kind)
    if not is_of_kubernetes(resource):
        return f"Write a value that the CRD of {kind} takes."
    first, last = releases()
    return f"Write what {kind} takes; no release of Kubernetes from {first} to {last} takes this."


RULE = Rule(ID, Severity.ERROR, __doc__, check)
