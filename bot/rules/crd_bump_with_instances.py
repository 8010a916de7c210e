"""A chart's new CRD version and the first custom resources in it, in one Kustomization.

## What it does
Speaks in reviews, where a change to a HelmRelease makes its chart serve a new
version of a CRD, and a custom resource of the same Kustomization is written in that
version. Only charts that were rendered before and after count.

## Why it matters
The CRD on the running cluster does not serve the version yet. Flux dry-runs all of
the Kustomization before it applies any of it; the custom resource is refused, so the
HelmRelease is not applied, so the chart is never upgraded. It stays that way, with
every other change to the Kustomization.

## Example
```yaml
# one pull request, one Kustomization
kind: HelmRelease
spec: {chart: {spec: {version: 2.0.0}}}   # was 1.9.0, without v2
---
apiVersion: acme.example/v2               # was v1
kind: Backup
```

## Instead
Two pull requests: first the chart, then – when it is installed – the custom
resources.

## Fix
Leave the custom resources as they are until the chart is there: a new CRD version
nearly always serves the old one too. In the long run give them a Kustomization of
their own that depends on this one.

## Silence it
Ignore the finding with a reason.

## References
kustomize-controller `ApplyAllStaged` · kustomize-controller#1194
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence
from bot.model.finding import Finding, Missing, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.simulate.bumped import Bumped, bumped
from bot.simulate.case import Case, Rule
from bot.simulate.fact import no_match

ID = "crd-bump-with-instances"


def check(case: Case) -> Iterator[Finding]:
    for found in bumped(case):
        yield _finding(case, found)


def _finding(case: Case, found: Bumped) -> Finding:
    resource, release = found.resource, code(found.release)
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=(When.RUNNING,),
        confidence=Confidence.PROVEN,
        about=found.owner,
        object=resource.ref,
        provider=found.release,
        missing=Missing(resource.group_kind, resource.version),
        at=case.place(resource),
        message=(
            f"{code(resource.ref)} is written in {code(resource.version)}, which the CRD serves only once {release} is "
            f"upgraded, and both are in {code(found.owner)}; the running cluster serves only "
            f"{', '.join(map(code, found.served))} and refuses it, so the upgrade is never applied either."
        ),
        predicted=no_match(resource),
        advice=f"Upgrade {release} first, and write {code(resource.ref)} in the new version in a later change.",
        related=(Related(case.place_of(found.release), f"{release} brings {code(resource.version)}"),),
    )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
