"""Health checks that `wait: true` makes Flux ignore.

## What it does
Speaks where a Kustomization has `wait: true` and `healthChecks`.

## Why it matters
With `wait` Flux looks at all that the Kustomization applies, and at nothing
else: the list is never read. That is no loss for what it applies itself. A check
on an object of somebody else, though, holds nothing up, and what depends on
this Kustomization starts without it.

## Example
```yaml
kind: Kustomization
metadata: {name: issuers}
spec:
  path: ./issuers
  wait: true
  healthChecks:    # applied by the Kustomization cert-manager
    - {apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, name: cert-manager, namespace: cert-manager}
```

## Instead
```yaml
spec:
  path: ./issuers
  wait: true
  dependsOn: [{name: cert-manager}]
```

## Fix
Remove the list, or `wait`. Where the check names what another Kustomization
applies, depend on that one.

## Silence it
Ignore the finding with a reason.

## References
kustomize-controller, Kustomization API: with `wait` the `healthChecks` are ignored
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence, Node
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule
from bot.simulate.checked import behind

ID = "wait-hides-health-checks"


def check(case: Case) -> Iterator[Finding]:
    for node in case.cluster.nodes.values():
        if node.kustomization.wait and node.kustomization.health_checks:
            yield _finding(case, node)


def _foreign(case: Case, node: Node) -> dict[Ref, Ref]:
    """The checked objects that others apply, each with who does; not those of its dependencies, which come first."""
    waited = {entry.ref for entry in node.kustomization.depends_on}
    found: dict[Ref, Ref] = {}
    for checked in node.kustomization.health_checks:
        made_by = behind(case.cluster, checked)
        applied = case.cluster.resources.get(made_by)
        own = made_by in {resource.ref for resource in node.resources}
        if applied and not own and applied[1] not in waited:
            found[checked] = applied[1]
    return found


def _finding(case: Case, node: Node) -> Finding:
    foreign = _foreign(case, node)
    checked, owner = next(iter(foreign.items()), (None, None))
    lost = f", {code(checked)} of {code(owner)} among them: nothing waits for that" if checked else ""
    return Finding(
        rule=ID,
        severity=Severity.WARNING if foreign else Severity.NOTE,
        outcome=Outcome.SILENT,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.PROVEN,
        about=node.ref,
        needs=owner,
        at=case.place_of(node.ref, "spec", "healthChecks"),
        message=f"{code(node.ref)} has `wait: true`, so Flux ignores its health checks{lost}.",
        advice=f"Depend on {code(owner.name)} instead, or remove `wait`." if owner else _advice(node),
        related=(Related(case.place_of(owner), f"{code(owner)} applies {code(checked)}"),) if owner else (),
    )


def _advice(node: Node) -> str:
    own = {resource.ref for resource in node.resources}
    other = next((checked for checked in node.kustomization.health_checks if checked not in own), None)
    if other is None:
        return "Remove the health checks: with `wait` Flux looks at all that the Kustomization applies."
    return f"Remove the health checks, or `wait` if {code(other)}, which the Kustomization does not apply, is to count."


RULE = Rule(ID, Severity.NOTE, __doc__, check)
