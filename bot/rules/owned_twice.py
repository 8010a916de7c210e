"""Two Kustomizations apply one object.

## What it does
Speaks where two Kustomizations apply the same object to the same cluster, and
either they write it differently or one of them would delete it. Copies that one
side only seeds (`ssa: IfNotPresent`), and copies that are alike and that nobody
prunes, are fine. A note where they are alike and little hangs on the object.

## Why it matters
Both write with the same field manager, so there is no conflict and no error: each
takes back at every reconciliation what the other wrote, annotations such as
`prune: disabled` included. The object bears the mark of the last one to apply it.
When that one no longer applies it, or is deleted, the object is deleted, although
the other still wants it: a Namespace goes with all that is in it.

## Example
```yaml
# apps/blog/namespace.yaml and apps/shop/namespace.yaml, two Kustomizations
kind: Namespace
metadata: {name: web}
```

## Instead
```yaml
# one Kustomization applies the Namespace, and the others come after it
kind: Kustomization
metadata: {name: shop}
spec: {dependsOn: [{name: namespaces}]}
```

## Fix
Leave the object to one of the two. Before you drop it on one side, protect it
with `kustomize.toolkit.fluxcd.io/prune: disabled` on both, and let Flux apply that.

## Silence it
`kustomize.toolkit.fluxcd.io/ssa: IfNotPresent` on the side that only seeds it, or
ignore the finding with a reason.

## References
kustomize-controller#1724 · kustomize-controller#732 · flux2#5611
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.simulate.case import Case, Rule
from bot.simulate.lost import named, them
from bot.simulate.shared import Shared, shared

ID = "owned-twice"


def check(case: Case) -> Iterator[Finding]:
    for one in shared(case):
        yield _finding(case, one)


def _finding(case: Case, one: Shared) -> Finding:
    first, second = code(one.first), code(one.second)
    what = one.objects[0]
    return Finding(
        rule=ID,
        severity=Severity.WARNING if one.differs or one.is_grave else Severity.NOTE,
        outcome=Outcome.SILENT,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.PROVEN,
        about=one.second,
        needs=one.first,
        object=what.ref,
        at=case.place(what),
        message=f"{first} and {second} both apply {named(one.objects)}; {_comes_of_it(one)}.",
        advice=(
            f"Leave {them(one.objects)} to one of the two; before the other drops {them(one.objects)}, let Flux apply "
            "the annotation `kustomize.toolkit.fluxcd.io/prune: disabled` on both sides."
        ),
        related=(
            Related(case.place_of(one.first), f"{first} applies {them(one.objects)}"),
            Related(case.place_of(one.second), f"{second} does so too"),
        ),
    )


def _comes_of_it(one: Shared) -> str:
    flips = "each takes back what the other wrote, without an error"
    goes = f"once the last to apply {them(one.objects)} no longer does, Flux deletes what the other still wants"
    if one.differs and one.is_pruned:
        return f"{flips}, and {goes}"
    return flips if one.differs else goes


RULE = Rule(ID, Severity.WARNING, __doc__, check)
