"""A variable in a Kustomization that replaces none.

## What it does
Speaks where an object holds `${name}`, its Kustomization has no `postBuild`, and
other Kustomizations of the cluster define a variable of exactly that name. ConfigMaps,
Secrets and other texts of programs are left out, and so are Kustomizations, whose
patches another build replaces.

## Why it matters
Flux replaces variables only where `postBuild` is set, and a Kustomization does not
inherit it. The text `${name}` arrives in the cluster as it is written, and nothing
fails.

## Example
```yaml
kind: Kustomization
metadata: {name: grafana}
spec: {path: ./grafana}     # holds host: grafana.${DOMAIN}
```

## Instead
```yaml
spec:
  path: ./grafana
  postBuild: {substituteFrom: [{kind: ConfigMap, name: cluster-settings}]}
```

## Fix
Give the Kustomization the same `postBuild` as the others have.

## Silence it
Ignore the finding with a reason, or annotate the object with
`kustomize.toolkit.fluxcd.io/substitute: disabled`.

## References
kustomize-controller, `spec.postBuild` · kustomize-controller#1126
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence, Node
from bot.model.field import mapping
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.ref import Ref
from bot.model.resource import Resource
from bot.simulate.case import Case, Rule
from bot.simulate.literal import defined, left_literal
from bot.simulate.unread import is_as_applied

ID = "variable-literal"


def check(case: Case) -> Iterator[Finding]:
    known = defined(case.cluster)
    if not known:
        return
    for node in case.cluster.nodes.values():
        # In what a ResourceSet makes, the Kustomization that applies the set has replaced its variables.
        if node.parents and node.ref.kind == "Kustomization" and not mapping(node.kustomization.spec, "postBuild"):
            found = next(left_literal(node, known), None)
            if found and is_as_applied(case.cluster, node):
                resource, name = found
                yield _finding(case, node, resource, (name, known[name]))


def _finding(case: Case, node: Node, resource: Resource, variable: tuple[str, Ref]) -> Finding:
    name, by = variable
    return Finding(
        rule=ID,
        severity=Severity.WARNING,
        outcome=Outcome.SILENT,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.LIKELY,
        about=node.ref,
        object=resource.ref,
        at=case.place(resource),
        message=(
            f"{code(resource.ref)} holds {code('${' + name + '}')}, a variable that {code(by)} replaces, but "
            f"{code(node.ref)} has no `postBuild`; the text arrives in the cluster as it is written."
        ),
        advice=f"Give {code(node.ref)} the `postBuild` that {code(by)} has.",
        related=(Related(case.place(node.kustomization.resource), f"{code(node.ref)} applies it"),),
    )


RULE = Rule(ID, Severity.WARNING, __doc__, check)
