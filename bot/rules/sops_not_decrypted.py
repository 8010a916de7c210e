"""An encrypted Secret in a Kustomization that does not decrypt.

## What it does
Speaks where a Kustomization applies a Secret that SOPS encrypted, and its own spec
has no `decryption`. The `decryption` of the Kustomization that creates it does not
count: Flux does not inherit it.

## Why it matters
Flux refuses the Secret before it applies anything, so the whole Kustomization
stands still, on every cluster.

## Example
```yaml
kind: Kustomization
metadata: {name: apps}
spec: {path: ./apps}     # holds a Secret that SOPS encrypted
```

## Instead
```yaml
spec:
  path: ./apps
  decryption: {provider: sops, secretRef: {name: sops-age}}
```

## Fix
Add `spec.decryption`, or patch it into all children from the Kustomization that
creates them.

## Silence it
Ignore the finding with a reason.

## References
kustomize-controller: `… is SOPS encrypted, configuring decryption is required for this secret to be reconciled`
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule
from bot.simulate.refused import Grounds, Refused

ID = "sops-not-decrypted"


def check(case: Case) -> Iterator[Finding]:
    for ref, some in case.fresh.stage.refused.items():
        encrypted = [one for one in some if one.grounds is Grounds.ENCRYPTED]
        if encrypted:
            yield _finding(case, ref, encrypted)


def _finding(case: Case, ref: Ref, encrypted: list[Refused]) -> Finding:
    first, more = encrypted[0].resource, len(encrypted) - 1
    others = f" and {more:,} more" if more else ""
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.PROVEN,
        about=ref,
        object=first.ref,
        at=case.place_of(ref, "spec"),
        message=(
            f"{code(ref)} applies the encrypted {code(first.ref)}{others} and has no `decryption`, so Flux "
            "refuses all that it applies and it never becomes ready."
        ),
        predicted=encrypted[0].predicted,
        advice=f"Add `spec.decryption` to {code(ref)}, as the Kustomizations that decrypt have it.",
        related=(Related(case.place(first), f"{code(first.ref)} is encrypted"),),
    )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
