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

from bot.knowledge.schemas import FLUX, Invalid, flux_schema, invalid
from bot.model.cluster import Confidence, Node
from bot.model.field import mapping
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.resource import Resource
from bot.simulate.case import Case, Rule
from bot.simulate.ownership import applied
from bot.simulate.unset import minor_of

ID = "object-invalid"


def check(case: Case) -> Iterator[Finding]:
    flux = case.cluster.flux
    if flux and minor_of(flux) > FLUX:
        return
    for node in case.cluster.nodes.values():
        for resource in applied(node):
            schema = flux_schema(resource.ref.group, resource.ref.kind, resource.version)
            if schema and not resource.is_skipped:
                spec = mapping(resource.body, "spec")
                wrong = (one for one in invalid(schema, spec) if flux or not one.undeclared)
                first = next(wrong, None)
                if first:
                    yield _finding(case, node, resource, first)


def _finding(case: Case, node: Node, resource: Resource, first: Invalid) -> Finding:
    path = ".".join(("spec", *(str(step) for step in first.field)))
    error = ": field not declared in schema" if first.undeclared else ""
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.LIKELY,
        about=node.ref,
        needs=resource.ref,
        object=resource.ref,
        at=case.place(resource, "spec", *first.field),
        message=(
            f"{code(path)} of {code(resource.ref)} {first.why}; the API server refuses the object, and "
            f"{code(node.ref)} applies nothing beside it."
        ),
        predicted=f".{path}{error}" if error else f"{resource.ref} dry-run failed (Invalid)",
        advice=f"Write a value that the CRD of {code(resource.ref.kind)} takes.",
        related=(Related(case.place(node.kustomization.resource), f"{code(node.ref)} applies it"),),
    )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
