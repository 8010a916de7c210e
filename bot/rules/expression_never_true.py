"""A CEL expression that Flux cannot read, or that stays false whatever happens.

## What it does
Speaks where an expression of `healthCheckExprs` or of a `readyExpr` breaks CEL's
grammar, where a `readyExpr` reads a field of nothing (only `dep` and `self` are
variables there), and where a `readyExpr` is false even of a dependency that is
ready. The last is decided only of expressions that read nothing but labels,
annotations, name, generation and conditions, as the tree has them.

## Why it matters
An object with an expression that cannot be read is refused as a whole: Flux
applies nothing of it and does not try again before its spec changes. A
`readyExpr` that never holds keeps its object waiting for ever, and everything
that depends on that.

## Example
```yaml
kind: Kustomization
metadata: {name: apps, labels: {version: "2"}}
spec:
  dependsOn:
    - name: databases   # its label says "1"
      readyExpr: dep.metadata.labels['version'] == self.metadata.labels['version']
```

## Instead
```yaml
kind: Kustomization
metadata: {name: databases, labels: {version: "2"}}
```

## Fix
Mend the expression, or what it compares.

## Silence it
Ignore the finding with a reason, such as labels that something in the cluster
sets.

## References
fluxcd/pkg `runtime/cel` · kustomize-controller, Kustomization API: Dependency
ready expression, Health check expressions
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.quote import code
from bot.model.span import Span
from bot.simulate.case import Case, Rule
from bot.simulate.expressions import Flaw, Flawed, predicted

ID = "expression-never-true"


def check(case: Case) -> Iterator[Finding]:
    for some in case.fresh.stage.flawed.values():
        yield from (_finding(case, one) for one in some)


def _finding(case: Case, one: Flawed) -> Finding:
    return Finding(
        rule=ID,
        severity=Severity.ERROR if one.flaw is Flaw.UNREADABLE else Severity.WARNING,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.PROVEN if one.flaw is Flaw.UNREADABLE else Confidence.LIKELY,
        about=one.about,
        needs=one.dependency,
        at=_place(case, one),
        message=_message(one),
        predicted=predicted(one),
        advice="Mend the expression." if one.flaw is Flaw.UNREADABLE else "Mend the expression, or what it compares.",
    )


def _message(one: Flawed) -> str:
    field = str(one.field[-1])
    about = code(one.about)
    if one.flaw is Flaw.UNREADABLE:
        return (
            f"Flux cannot read the {code(field)} of {about} ({code(one.said)}): it refuses the whole object, "
            "and tries again only once its spec changes."
        )
    return (
        f"The {code(field)} with which {about} waits for {code(one.dependency or '')} is false even when that is "
        f"ready, so {about} never begins."
    )


def _place(case: Case, one: Flawed) -> Span:
    resource = case.resource(one.about)
    if resource is None or one.dependency is None:
        return case.place_of(one.about, *one.field)
    node = case.cluster.nodes.get(one.about)
    parents = node.parents if node else (case.cluster.releases[one.about][1],)
    return case.place_of_entry(resource, "dependsOn", one.dependency.name, parents)


RULE = Rule(ID, Severity.ERROR, __doc__, check)
