"""A new version or new values of a chart make Helm delete a CRD, and with it every custom resource of its kind.

## What it does
Speaks in reviews, where a chart had a CRD among its templates and has it there no
longer: its values switch it off, the new version leaves it out, or it went to the
chart's `crds/` directory. Only charts that were rendered before and after count.
An error where the repository holds custom resources of the kind, else a warning.

## Why it matters
Helm deletes what its last release had and the next one has not. Kubernetes deletes
all custom resources together with their CRD, in every namespace, and their
controllers clean up after them: certificates, databases, volumes. The custom
resources come back empty, or not at all.

## Example
```yaml
kind: HelmRelease
spec:
  values:
    crds: {create: false}   # was true; "we install the CRDs elsewhere now"
```

## Instead
```yaml
# a change of its own, before: the CRDs say that Helm must keep them
spec:
  values:
    crds: {create: true, annotations: {helm.sh/resource-policy: keep}}
```

## Fix
Two changes: let the running release give its CRDs `helm.sh/resource-policy: keep`
(many charts have a value for it, a post-renderer does it for the others), then
make this change.

## Silence it
Ignore the finding with a reason: a cluster that may lose the custom resources.

## References
Helm docs, "Tell Helm Not To Uninstall a Resource" · Helm docs, CRD best practices
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence
from bot.model.finding import Finding, Missing, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.simulate.case import Case, Rule
from bot.simulate.dropped import Dropped, dropped

ID = "chart-drops-crd"


def check(case: Case) -> Iterator[Finding]:
    for found in dropped(case):
        yield _finding(case, found)


def _finding(case: Case, found: Dropped) -> Finding:
    release, used = code(found.release.ref), found.used
    related = (Related(case.place(used), f"{code(used.ref)} goes with it"),) if used else ()
    return Finding(
        rule=ID,
        severity=Severity.ERROR if used else Severity.WARNING,
        outcome=Outcome.DESTRUCTIVE,
        when=(When.RUNNING,),
        confidence=Confidence.PROVEN if found.known else Confidence.GUESS,
        about=found.release.ref,
        object=used.ref if used else None,
        missing=Missing(found.kinds[0], found.version),
        at=case.place(found.release.resource),
        message=(
            f"The chart of {release} no longer has {_crds(found)} among its templates{_moved(found)}; on the running "
            f"cluster Helm deletes {'them' if len(found.kinds) > 1 else 'it'}, and Kubernetes every custom resource "
            "of the kind."
        ),
        advice=(
            f"Do it in steps: first let {release} give its CRDs the annotation `helm.sh/resource-policy: keep` and let "
            "Flux apply that; then make this change."
        ),
        related=related,
    )


def _crds(found: Dropped) -> str:
    more = len(found.kinds) - 1
    return f"the CRD of {code(found.kinds[0])}" + (f" and {more:,} more" if more else "")


def _moved(found: Dropped) -> str:
    return ", for its `crds` directory has it now" if found.moved else ""


RULE = Rule(ID, Severity.ERROR, __doc__, check)
