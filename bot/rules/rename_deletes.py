"""The same objects under a Kustomization of another name, or the same Kustomization under another parent.

## What it does
Speaks in reviews, where a Kustomization is no longer applied and another one
applies what it applied, and where a Kustomization goes from one parent to another.

## Why it matters
To Flux a renamed Kustomization is one that was deleted and one that is new. With
the old one Flux deletes all that it applied, unless its live spec says otherwise
(`prune: false`, `deletionPolicy: Orphan`, `suspend: true`), while the new one is
applying it: releases are uninstalled, namespaces and claims go with what is in
them. The same happens where the old parent prunes a Kustomization that the new
parent makes again.

## Example
```yaml
kind: Kustomization
metadata: {name: shop-production}   # was: shop
spec: {path: ./apps/shop, prune: true}
```

## Instead
```yaml
# a change of its own, before the new name
kind: Kustomization
metadata: {name: shop}
spec:
  path: ./apps/shop
  prune: true
  deletionPolicy: Orphan   # before Flux 2.5: prune: false
```

## Fix
Two changes: let Flux apply `deletionPolicy: Orphan` to the old Kustomization, then
rename or move it.

## Silence it
`rules: {rename-deletes: "off"}`, or ignore the finding with a reason.

## References
kustomize-controller#338 · Flux FAQ "How can I safely rename a Flux Kustomization?"
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, Severity
from bot.model.quote import code
from bot.simulate.case import Case, Rule
from bot.simulate.lost import Wording, lost_finding, moving, named
from bot.simulate.transfer import Transfer, transfers

ID = "rename-deletes"


def check(case: Case) -> Iterator[Finding]:
    for transfer in transfers(case):
        if transfer.gone:
            yield _renamed(case, transfer)
        elif transfer.kustomizations:
            yield _moved(case, transfer)


def _renamed(case: Case, transfer: Transfer) -> Finding:
    old, new = code(transfer.old), code(transfer.new)
    wording = Wording(
        about=transfer.new,
        needs=transfer.old,
        at=case.place_of(transfer.new),
        happened=f"{old} is gone, and {new} applies {named(transfer.moved)} in its place",
        advice=_advice(old),
    )
    return lost_finding(case, ID, transfer, transfer.moved, wording)


def _moved(case: Case, transfer: Transfer) -> Finding:
    moved = transfer.kustomizations
    wording = Wording(
        about=transfer.new,
        needs=transfer.old,
        at=case.place(moved[0]),
        happened=moving(transfer, moved),
        advice=_advice("each of them" if len(moved) > 1 else code(moved[0].ref)),
    )
    return lost_finding(case, ID, transfer, moved, wording)


def _advice(old: str) -> str:
    return (
        f"Do it in steps: first set `deletionPolicy: Orphan` in {old} (before Flux 2.5: `prune: false`) and let Flux "
        "apply that; then make this change."
    )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
