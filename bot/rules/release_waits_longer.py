"""An upgrade of Flux with which releases wait for custom resources in their charts.

## What it does
Speaks in reviews that move the cluster from a Flux before 2.8 to one from 2.8 on, once
for each HelmRelease whose chart, as far as it was rendered, holds custom resources that
are known to report whether they are ready.

## Why it matters
Up to Flux 2.7 Helm waited for workloads only. From 2.8 on helm-controller waits with the
same checks as kustomize-controller, so a Certificate or ExternalSecret that does not
become ready within `timeout` fails the installation or upgrade; with no retries
helm-controller does not try again.

## Example
```yaml
kind: HelmRelease
spec: {chart: {spec: {chart: ./charts/shop}}}   # renders a Certificate; no retries
```

## Instead
```yaml
spec:
  install: {remediation: {retries: 3}}
  upgrade: {remediation: {retries: 3}}
```

## Fix
Let the release try again, or keep Helm's old way of waiting with
`waitStrategy: {name: legacy}`.

## Silence it
`rules: {release-waits-longer: off}`.

## References
Flux 2.8 release notes: Helm v4 and kstatus · helm-controller, HelmRelease API: waitStrategy
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.knowledge.reporting import reports_ready
from bot.model.cluster import Confidence
from bot.model.field import flag, text
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.flux import Release
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule
from bot.simulate.charted import chart_objects
from bot.simulate.controllers import is_switched_on
from bot.simulate.unset import minor_of
from bot.simulate.upgraded import charts_of

ID = "release-waits-longer"
_SINCE = (2, 8)


def check(case: Case) -> Iterator[Finding]:
    base, flux = case.base, case.cluster.flux
    if base is None or not base.flux or not flux or not minor_of(base.flux) < _SINCE <= minor_of(flux):
        return
    if is_switched_on(case.cluster, "UseHelm3Defaults"):
        return
    for ref, chart in charts_of(case.cluster).items():
        release = case.cluster.releases[ref][0]
        found = sorted(one for what, (one, _) in chart_objects(chart).items() if reports_ready(what))
        if found and not release.suspended and not release.disable_wait and not _is_legacy(release):
            yield _finding(case, release, found, flux)


def _is_legacy(release: Release) -> bool:
    spec = release.resource.body
    ways = (("install",), ("upgrade",), ())
    is_off = flag(spec, "spec", "upgrade", "disableWait")
    return is_off or any(text(spec, "spec", *way, "waitStrategy", "name") == "legacy" for way in ways)


def _finding(case: Case, release: Release, found: list[Ref], flux: str) -> Finding:
    more = f" and {len(found) - 1:,} more" if len(found) > 1 else ""
    again = ", and helm-controller does not try again" if release.gives_up else ""
    return Finding(
        rule=ID,
        severity=Severity.NOTE,
        outcome=Outcome.TERMINAL if release.gives_up else Outcome.LATE,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.LIKELY,
        about=release.ref,
        object=found[0],
        at=case.place(release.resource),
        message=(
            f"With Flux {flux} {code(release.ref)} waits until {code(found[0])}{more} of its chart is ready; "
            f"if that takes longer than its `timeout`, the installation or upgrade fails{again}."
        ),
        advice="Give the release retries, or `waitStrategy: {name: legacy}` if it is not to wait for that.",
    )


RULE = Rule(ID, Severity.NOTE, __doc__, check)
