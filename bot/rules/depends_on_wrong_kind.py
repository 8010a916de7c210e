"""A `dependsOn` entry that names an object of the other kind.

## What it does
Speaks where a Kustomization's `dependsOn` names what exists only as a
HelmRelease, or a HelmRelease's what exists only as a Kustomization.

## Why it matters
A Kustomization can wait for Kustomizations only, a HelmRelease for HelmReleases
only. The name is looked up among its own kind, is not found, and the dependent
is never applied.

## Example
```yaml
kind: Kustomization
metadata: {name: apps}
spec: {dependsOn: [{name: cert-manager}]}   # cert-manager is a HelmRelease
```

## Instead
```yaml
# depend on the Kustomization that applies the HelmRelease, and let that one wait
spec: {dependsOn: [{name: infra}]}
```

## Fix
Name the Kustomization that applies the HelmRelease, and give that one `wait` or
a health check.

## Silence it
Ignore the finding with a reason.

## References
ionfury/homelab#152 · flux2#5879
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.quote import code
from bot.simulate.case import Case, Rule
from bot.simulate.dangling import Dangling, dangling
from bot.simulate.stage import awaited

ID = "depends-on-wrong-kind"


def check(case: Case) -> Iterator[Finding]:
    for found in dangling(case):
        if found.other_kind is not None:
            yield _finding(case, found)


def _finding(case: Case, found: Dangling) -> Finding:
    kind = found.dependent.kind
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.PROVEN,
        about=found.dependent,
        needs=found.entry.ref,
        provider=found.other_kind,
        at=found.at,
        message=(
            f"{code(found.dependent)} waits for {code(found.entry.ref)}, but there is only {code(found.other_kind)}; "
            f"a {kind} can wait for its own kind only, so it never becomes ready."
        ),
        predicted=found.predicted,
        advice=_advice(case, found),
    )


def _advice(case: Case, found: Dangling) -> str:
    other = found.other_kind
    if other is not None and other in case.cluster.releases:
        owner = case.cluster.releases[other][1]
        if owner == found.dependent:
            return f"Remove the entry: {code(owner.name)} applies that HelmRelease itself."
        is_awaited = other in awaited(case.fresh.stage, case.cluster.nodes[owner])
        wait = "" if is_awaited else f", and let that one wait for {code(other)}"
        return f"Name {code(owner.name)}, the Kustomization that applies it{wait}."
    owner = case.cluster.releases[found.dependent][1]
    return f"Let {code(owner.name)}, which applies this HelmRelease, depend on {code(found.entry.ref.name)}."


RULE = Rule(ID, Severity.ERROR, __doc__, check)
