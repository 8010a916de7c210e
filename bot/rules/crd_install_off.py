"""A chart has the CRD, its installation is switched off, and nothing else brings it.

## What it does
Speaks where a custom resource needs a CRD that nothing in the cluster brings, while
a HelmRelease of the cluster could: its values switch the CRDs off, or do not switch
them on, or `spec.install.crds` is `Skip`. An error where the pull request itself
switches them off.

## Why it matters
On today's cluster the CRD may be left from earlier days, when it was installed or
made by hand; helm-controller never deletes what lies in a chart's `crds/`. A fresh
cluster does not get it, and Flux applies nothing of a Kustomization with a custom
resource of an unknown kind.

## Example
```yaml
kind: HelmRelease
metadata: {name: cert-manager}
spec:
  values: {crds: {enabled: false}}   # and a ClusterIssuer in another Kustomization
```

## Instead
```yaml
spec:
  values: {crds: {enabled: true}}
```

## Fix
Switch them on – after a look at who made the CRDs that live in the cluster. Helm
refuses CRDs in a chart's templates that it does not own: give them its labels and
annotations first, or leave the CRDs to whoever installs them and declare it.

## Silence it
Declare CRDs that are installed before Flux starts under `clusters[].provided.crds`.

## References
cert-manager's `crds.enabled`, which is off by default · Flux docs, HelmRelease `.spec.install.crds`
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.knowledge.kinds import platform_hint
from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.simulate.case import Case, Rule
from bot.simulate.withheld import Withheld, withheld

ID = "crd-install-off"


def check(case: Case) -> Iterator[Finding]:
    for found in withheld(case.fresh.stage):
        yield _finding(case, found)


def _finding(case: Case, found: Withheld) -> Finding:
    need, release = found.need, code(found.release)
    switched = _is_switched_off(case, found)
    return Finding(
        rule=ID,
        severity=Severity.ERROR if switched else Severity.WARNING,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH,),
        confidence=_confidence(case, found, switched=switched),
        about=found.owner,
        object=need.resource.ref,
        provider=found.release,
        missing=need.missing,
        at=case.place(need.resource),
        message=(
            f"{code(need.resource.ref)} needs the CRD {code(need.fact.what)}, which {release} "
            f"{'no longer installs' if switched else 'could install'}: {_reason(found)}, and nothing else in the "
            f"cluster brings it; a fresh cluster never gets past {code(found.owner)}."
        ),
        predicted=need.predicted,
        advice=(
            f"Let {release} install it ({_switch(found)}); where it comes from outside, declare it in `provided.crds`."
        ),
        related=(Related(case.place_of(found.release), f"{release} leaves it out"),),
    )


def _is_switched_off(case: Case, found: Withheld) -> bool:
    """Whether the release brought the CRD before the change."""
    before = case.base.providers(found.need.fact.what) if case.base else ()
    return any(one.by == found.release for one in before)


def _confidence(case: Case, found: Withheld, *, switched: bool) -> Confidence:
    """A guess where a platform or script may well have installed the CRD first, and the release never did."""
    outside = case.cluster.provided.script or platform_hint(found.need.fact.what)
    return Confidence.GUESS if outside and not switched else found.confidence


def _reason(found: Withheld) -> str:
    return "`spec.install.crds` is `Skip`" if found.by_policy else "its values leave the CRDs of the chart out"


def _switch(found: Withheld) -> str:
    return "`spec.install.crds: CreateReplace`" if found.by_policy else "see the chart's values for its CRDs"


RULE = Rule(ID, Severity.WARNING, __doc__, check)
