"""A custom resource in a version that its CRD does not serve.

## What it does
Speaks where everything that brings the CRD of a custom resource is known, with
the versions that it serves, and the custom resource is written in another one. An
error where the CRD was read: a manifest of the repository, or a rendered chart. A
warning where only the catalogue says so, which counts for charts that follow the
newest version; of a chart that is held at one it does not know enough.

## Why it matters
The API server does not know the version, so the dry-run fails, and with it the
whole Kustomization – on the running cluster as well, with every later change to it.
It happens when an operator drops an old version: what was applied long ago stays,
but Flux can no longer apply it.

## Example
```yaml
apiVersion: external-secrets.io/v1beta1   # its CRD serves v1 only
kind: ExternalSecret
```

## Instead
```yaml
apiVersion: external-secrets.io/v1
kind: ExternalSecret
```

## Fix
Write the object in a version that is served, in the same change as the new CRD or
before it. Look into the project's notes: fields may have changed as well.

## Silence it
Declare the kind under `clusters[].provided.crds` if the CRD comes from elsewhere.

## References
kustomize-controller `ApplyAllStaged` · external-secrets v0.17, which dropped `v1beta1`
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence, Means
from bot.model.finding import Finding, Missing, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.simulate.case import Case, Rule
from bot.simulate.fact import no_match
from bot.simulate.served import Unserved, unserved

ID = "crd-version-not-served"


def check(case: Case) -> Iterator[Finding]:
    for found in unserved(case.cluster):
        yield _finding(case, found)


def _finding(case: Case, found: Unserved) -> Finding:
    resource, provider = found.resource, found.provider
    proven = provider.confidence is Confidence.PROVEN
    return Finding(
        rule=ID,
        severity=Severity.ERROR if proven else Severity.WARNING,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=provider.confidence,
        about=found.owner,
        object=resource.ref,
        provider=provider.by,
        missing=Missing(resource.group_kind, resource.version),
        at=case.place(resource),
        message=(
            f"{code(resource.ref)} is written in {code(resource.version)}, but {_crd(found)} "
            f"{'serves' if proven else 'is expected to serve'} only {', '.join(map(code, found.served))}; "
            f"Flux applies nothing of {code(found.owner)} while that is so."
        ),
        predicted=no_match(resource),
        advice=f"Write it in {code(f'{resource.ref.group}/{found.served[0]}')}, and look for fields that have changed.",
        related=(Related(case.place_of(provider.by), f"{code(provider.by)} brings the CRD"),),
    )


def _crd(found: Unserved) -> str:
    by = code(found.provider.by)
    return by if found.provider.means is Means.MANIFEST else f"the CRD that {by} brings"


RULE = Rule(ID, Severity.ERROR, __doc__, check)
