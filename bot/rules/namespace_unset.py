"""An object that lives in a namespace and names none.

## What it does
Speaks where a Kustomization applies an object of a kind that is known to live in
namespaces, and neither the object, nor a kustomization file, nor `targetNamespace`
gives it one.

## Why it matters
Flux does not put it into `default`: the API server refuses the object, and one
refused object keeps everything else of the Kustomization from being applied.

## Example
```yaml
kind: ConfigMap
metadata: {name: banner}
```

## Instead
```yaml
kind: ConfigMap
metadata: {name: banner, namespace: web}
```

## Fix
Write the namespace, or set `targetNamespace` in the Kustomization if all of its
objects go to one.

## Silence it
Ignore the finding with a reason.

## References
kustomize-controller `… namespace not specified: the server could not find the requested resource`
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.knowledge.kinds import is_builtin
from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule
from bot.simulate.refused import Grounds, Refused

ID = "namespace-unset"


def check(case: Case) -> Iterator[Finding]:
    for ref, some in case.fresh.stage.refused.items():
        bare = [one for one in some if one.grounds is Grounds.NO_NAMESPACE]
        if bare:
            yield _finding(case, ref, bare)


def _finding(case: Case, ref: Ref, bare: list[Refused]) -> Finding:
    first, more = bare[0].resource, len(bare) - 1
    others = f" and {more:,} more object{'s' if more > 1 else ''}" if more else ""
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.PROVEN if is_builtin(first.group_kind) else Confidence.LIKELY,
        about=ref,
        object=first.ref,
        at=case.place(first),
        message=(
            f"{code(first.ref)}{others} in {code(ref)} {'have' if more else 'has'} no namespace, and Flux does "
            "not choose one; the API server refuses the object, and nothing beside it is applied."
        ),
        predicted=bare[0].predicted,
        advice=f"Write `metadata.namespace`, or set `targetNamespace` in {code(ref)}.",
        related=(Related(case.place_of(ref), f"{code(ref)} applies it"),),
    )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
