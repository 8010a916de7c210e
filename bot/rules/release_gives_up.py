"""A HelmRelease that may begin too early, and that is not tried again.

## What it does
Speaks where a HelmRelease has no `install.remediation.retries`, and what it
cannot be installed without comes from another Kustomization without an order:
its target namespace, or a Secret or ConfigMap named in its values whose own
Kustomization succeeds only by a retry that comes after Helm's time-out.

## Why it matters
By default one failed installation is the last. The HelmRelease is stalled
(`RetriesExceeded`) and stays so even after what it missed is there, until
somebody changes it. What waits for it stays behind too.

## Example
```yaml
kind: HelmRelease
metadata: {name: shop, namespace: flux-system}
spec:
  targetNamespace: shop   # the Namespace is applied by another Kustomization
  chart: {spec: {chart: shop}}
```

## Instead
```yaml
spec:
  targetNamespace: shop
  install: {remediation: {retries: -1}}
```

## Fix
Retries, or `install.strategy.name: RetryOnFailure`, which does not uninstall in
between; and an order, so that there is no race.

## Silence it
Nothing is said where helm-controller runs with `DefaultToRetryOnFailure`. Else
ignore the finding with a reason.

## References
flux2#5592
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.simulate.case import Case, Rule
from bot.simulate.race import Race, races

ID = "release-gives-up"


def check(case: Case) -> Iterator[Finding]:
    for race in races(case):
        yield _finding(case, race)


def _finding(case: Case, race: Race) -> Finding:
    release, by, owner = race.release, race.made.by, race.made.owner
    made = f"{code(owner)} applies" if by == race.what else f"{code(by)} of {code(owner)} makes"
    return Finding(
        rule=ID,
        severity=Severity.WARNING,
        outcome=Outcome.TERMINAL,
        when=(When.FRESH,),
        confidence=Confidence.LIKELY,
        about=release.ref,
        needs=owner,
        provider=by,
        at=case.place(release.resource, *race.field),
        message=(
            f"{code(release.ref)} needs {code(race.what)}, which {made}, maybe later: nothing orders the two. Its "
            "first failure is its last, for it has no retries, so it stays failed when the object is there."
        ),
        predicted="Failed to install after 1 attempt(s)",
        advice=(
            f"Give {code(release.ref.name)} `install.remediation.retries`, or let the Kustomization "
            f"{code(race.owner.name)} depend on {code(owner.name)}."
        ),
        related=(Related(case.place_of(by), f"{code(by)} is applied by {code(owner)}"),),
    )


RULE = Rule(ID, Severity.WARNING, __doc__, check)
