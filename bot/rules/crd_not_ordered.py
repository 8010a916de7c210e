"""A custom resource in one Kustomization, its CRD from another, and no order between the two.

## What it does
Speaks where what brings a CRD is applied by another Kustomization, and no
chain of `dependsOn` leads there from the one that applies the custom resource.

## Why it matters
On a fresh cluster both start at once. The dry-run of the custom resource
fails while the CRD is not there, and with it everything in its Kustomization;
Flux tries again after `retryInterval`, which defaults to `interval` – often an
hour. Everything that depends on it waits as long.

## Example
```yaml
kind: Kustomization
metadata: {name: apps}        # applies a Certificate
spec: {path: ./apps}          # nothing says that cert-manager comes first
```

## Instead
```yaml
kind: Kustomization
metadata: {name: apps}
spec:
  path: ./apps
  dependsOn: [{name: cert-manager}]
```

## Fix
Add the `dependsOn` entry. It orders the start and gates every later change: the
dependent is not updated while its dependency is not ready. Kinds listed under
`soft` are notes only, unless a whole app waits with them.

## Silence it
List the kind under `soft` if a late start is fine, or declare it under
`clusters[].provided.crds` if something installs it before Flux starts.

## References
kustomize-controller#601 · flux2#1966
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, Severity
from bot.model.quote import code
from bot.simulate.case import Case, Rule
from bot.simulate.late import Wording, bringing, late_finding, opened
from bot.simulate.order import Gap

ID = "crd-not-ordered"


def check(case: Case) -> Iterator[Finding]:
    for opening in opened(case, Gap.NO_PATH):
        wording = Wording(
            f"but does not depend on {code(opening.owner)}, {bringing(opening)}",
            f"Add {code(opening.owner.name)} to the dependsOn of {code(opening.dependent.name)}.",
        )
        yield late_finding(case, ID, opening, wording)


RULE = Rule(ID, Severity.WARNING, __doc__, check)
