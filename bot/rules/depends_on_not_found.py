"""A `dependsOn` entry that names nothing.

## What it does
Speaks where an entry of `dependsOn` names a Kustomization (or, in a
HelmRelease, a HelmRelease) that nothing in the cluster makes.

## Why it matters
Flux asks for the object every 30 seconds and goes no further: the dependent is
never applied, and on a running cluster never updated.

## Example
```yaml
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {dependsOn: [{name: database}]}    # it is called databases
```

## Instead
```yaml
spec: {dependsOn: [{name: databases}]}
```

## Fix
Correct the name, or the namespace: an entry without one means the dependent's
own. The nearest name is proposed.

## Silence it
If something outside the repository makes the object, ignore the finding with a
reason.

## References
kustomize-controller `checkDependencies`: `dependency … not found`
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.quote import code
from bot.simulate.case import Case, Rule
from bot.simulate.dangling import Dangling, dangling, nearest

ID = "depends-on-not-found"


def check(case: Case) -> Iterator[Finding]:
    for found in dangling(case):
        if found.other_kind is None:
            yield _finding(case, found)


def _finding(case: Case, found: Dangling) -> Finding:
    unread = case.generated_elsewhere()
    more = f" It may be made by what fluxbot cannot read: {unread}." if unread else ""
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.GUESS if unread else Confidence.PROVEN,
        about=found.dependent,
        needs=found.entry.ref,
        at=found.at,
        message=(
            f"{code(found.dependent)} waits for {code(found.entry.ref)}, which "
            f"{'nothing that fluxbot can read' if unread else 'nothing'} makes, so it never becomes ready."
        ),
        predicted=found.predicted,
        advice=_advice(case, found) + more,
    )


def _advice(case: Case, found: Dangling) -> str:
    near = nearest(case, found)
    if near is None:
        return "Remove the entry, or add what it names."
    if near.name == found.entry.ref.name:
        return f"Add {code(f'namespace: {near.namespace}')} to the entry if {code(near)} is meant, or remove it."
    return f"Write {code(near.name)} if {code(near)} is meant, or remove the entry."


RULE = Rule(ID, Severity.ERROR, __doc__, check)
