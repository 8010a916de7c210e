"""A chart has objects of a kind whose CRD comes from elsewhere, and nothing orders the two.

## What it does
Speaks where a chart that was rendered has custom resources, something else in the
cluster brings their CRD, and neither the HelmRelease nor its Kustomization waits for
that. An error where only the templates of the same chart have the CRD: Helm looks
all objects up before it applies any. Speaks too where the chart leaves objects out
because it asks `.Capabilities.APIVersions.Has` too early: nothing fails, and they
never come. A note for kinds that may be late (`soft`).

## Why it matters
On a fresh cluster Helm cannot install the chart while the kind is unknown.
helm-controller tries again, with pauses that grow to 15 minutes; everything that
waits for the release waits as long. A CRD among the same templates never comes.

## Example
```yaml
kind: HelmRelease
metadata: {name: shop}   # its chart has a Certificate, and cert-manager is another release
spec: {chart: {spec: {chart: shop}}}
```

## Instead
```yaml
kind: HelmRelease
metadata: {name: shop}
spec:
  dependsOn: [{name: cert-manager, namespace: cert-manager}]
```

## Fix
Add the `dependsOn` entry: between the HelmReleases, or between the Kustomizations
where the CRD is a manifest. A CRD of the chart's own belongs into its `crds/`.

## Silence it
List the kind under `soft` if a late start is fine, or declare it under
`clusters[].provided.crds`.

## References
fluxcd-community/helm-charts#291 · helm-controller#1462
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.model.finding import Finding, Outcome, Related, Severity
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule
from bot.simulate.chart_needs import ChartNeed, chart_needs
from bot.simulate.late import scene

ID = "chart-needs-crd"


def check(case: Case) -> Iterator[Finding]:
    for need in chart_needs(case):
        if need.asked:
            yield _left_out(case, need)
        else:
            yield _stuck(case, need) if need.is_own else _late(case, need)


def _stuck(case: Case, need: ChartNeed) -> Finding:
    release = code(need.release.ref)
    finding = replace(_late(case, need), severity=Severity.ERROR, outcome=Outcome.DEADLOCK, needs=None)
    return replace(
        finding,
        message=(
            f"The chart of {release} has {code(need.object)} and, only among its templates, the CRD of that; Helm "
            f"looks all objects up before it applies any, so {scene(finding.when)} it is never installed."
        ),
        advice="Move the CRD into the chart's `crds` directory, or into a chart that is installed before.",
        related=(),
    )


def _late(case: Case, need: ChartNeed) -> Finding:
    about, other = _parties(case, need)
    provider = need.provider
    soft = str(need.missing.what) in case.soft
    when = case.when(lambda running: not need.is_sure(running))
    return Finding(
        rule=ID,
        severity=Severity.NOTE if soft else Severity.WARNING,
        outcome=Outcome.LATE,
        when=when,
        confidence=case.sure(need.missing.what, provider.confidence),
        about=about,
        needs=other,
        object=need.object,
        provider=provider.by,
        missing=need.missing,
        at=case.place_of(about, "spec", "dependsOn"),
        message=(
            f"The chart of {code(need.release.ref)} has {code(need.object)}, and nothing makes it wait for "
            f"{code(provider.by)}, which brings the CRD; {scene(when)} its installation fails at first, and "
            "helm-controller tries again after pauses of up to 15 minutes."
        ),
        predicted=need.predicted,
        advice=f"Add {code(other.name)} to the dependsOn of {code(about)}.",
        related=(Related(case.place_of(provider.by), f"{code(provider.by)} brings {code(need.missing.what)}"),),
    )


def _left_out(case: Case, need: ChartNeed) -> Finding:
    finding = _late(case, need)
    return replace(
        finding,
        outcome=Outcome.SILENT,
        message=(
            f"The chart of {code(need.release.ref)} leaves {code(need.object)} out where the cluster does not serve "
            f"{code(need.asked)}, and nothing makes it wait for {code(need.provider.by)}, which brings that; "
            f"{scene(finding.when)} it is installed without it, and stays so until its chart or values change."
        ),
        predicted="",
    )


def _parties(case: Case, need: ChartNeed) -> tuple[Ref, Ref]:
    """Who must wait and for whom: a release for a release, else a Kustomization for a Kustomization."""
    if need.provider.by in case.cluster.releases:
        return need.release.ref, need.provider.by
    return need.owner, need.provider.owner


RULE = Rule(ID, Severity.WARNING, __doc__, check)
