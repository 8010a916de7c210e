"""A release that goes to a namespace which nothing makes.

## What it does
Speaks where a HelmRelease sets `targetNamespace` without `install.createNamespace`,
and the pull request takes the Namespace away, or brings the release while nothing
else in the tree has ever used that namespace. In an audit it stays silent: the
namespace may have been made by hand.

## Why it matters
The installation fails. Without retries helm-controller gives up after the first
failure and waits for a change of the release.

## Example
```yaml
kind: HelmRelease
metadata: {name: podinfo, namespace: flux-system}
spec: {targetNamespace: web}
```

## Instead
```yaml
spec:
  targetNamespace: web
  install: {createNamespace: true}
```

## Fix
Apply a Namespace before, or set `install.createNamespace`.

## Silence it
Declare namespaces that are made outside under `clusters[].provided.namespaces`.

## References
helm-controller documentation, `spec.install.createNamespace`
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Cluster, Confidence
from bot.model.field import text
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.flux import Release
from bot.model.quote import code
from bot.simulate.case import Case, Rule
from bot.simulate.fact import NAMESPACE, Fact, provided
from bot.simulate.namespace import makers

ID = "release-namespace-missing"


def check(case: Case) -> Iterator[Finding]:
    base = case.base
    if base is None:
        return
    for release, _ in case.cluster.releases.values():
        name = text(release.resource.body, "spec", "targetNamespace")
        if not name or "${" in name or release.creates_namespace or release.suspended:
            continue
        fact = Fact(release.target, NAMESPACE, name)
        if makers(case.cluster, fact) or provided(case.cluster, fact) is not None or case.generated_elsewhere():
            continue
        removed = bool(makers(base, fact))
        if removed or not _is_used(base, name):
            yield _finding(case, release, name, removed=removed)


def _is_used(base: Cluster, name: str) -> bool:
    """Whether anything says that the namespace is there already."""
    if any(release.target_namespace == name for release, _ in base.releases.values()):
        return True
    return any(ref.namespace == name for ref in (*base.resources, *base.nodes))


def _finding(case: Case, release: Release, name: str, *, removed: bool) -> Finding:
    why = "whose Namespace this change removes" if removed else "which nothing in the tree makes"
    gives_up = " and helm-controller does not try again" if release.gives_up else ""
    return Finding(
        rule=ID,
        severity=Severity.ERROR if removed else Severity.WARNING,
        outcome=Outcome.TERMINAL if release.gives_up else Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.LIKELY,
        about=release.ref,
        at=case.place(release.resource, "spec", "targetNamespace"),
        message=(
            f"{code(release.ref)} installs into the namespace {code(name)}, {why}; the installation fails{gives_up}."
        ),
        predicted=f'namespaces "{name}" not found',
        advice=f"Apply a Namespace {code(name)} before it, or set `install.createNamespace: true`.",
    )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
