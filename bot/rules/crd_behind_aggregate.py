"""A `dependsOn` on a Kustomization that only creates the one that brings the CRD.

## What it does
Speaks where a `dependsOn` names a parent, and the CRD comes from a child
Kustomization that this parent merely applies.

## Why it matters
A parent without `wait` is ready as soon as its children are *created*. They
have not begun by then, so the dependent starts too early and fails until a
retry after its `retryInterval`, which defaults to `interval`.

## Example
```yaml
kind: Kustomization
metadata: {name: apps}        # applies a Certificate
spec:
  dependsOn: [{name: infrastructure}]   # applies only the Kustomization cert-manager
```

## Instead
```yaml
spec:
  dependsOn: [{name: cert-manager}]
```

## Fix
Depend on the leaf that brings the CRD. `wait: true` on the parent would do too,
but then everything waits for all of its children.

## Silence it
List the kind under `soft` if a late start is fine.

## References
kustomize-controller `checkDependencies`: only the Ready condition of the named object counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, Severity
from bot.model.quote import code
from bot.simulate.case import Case, Rule
from bot.simulate.late import Wording, bringing, late_finding, opened, waiting_for
from bot.simulate.order import Gap

ID = "crd-behind-aggregate"


def check(case: Case) -> Iterator[Finding]:
    for opening in opened(case, Gap.BEHIND_AGGREGATE):
        path = opening.path or opening.owner
        wording = Wording(
            f"and {waiting_for(case, opening, path)}, but that only creates {code(opening.owner)}, "
            f"{bringing(opening)}, and does not wait for it",
            f"Let {code(opening.dependent.name)} depend on {code(opening.owner.name)} itself.",
        )
        yield late_finding(case, ID, opening, wording)


RULE = Rule(ID, Severity.WARNING, __doc__, check)
