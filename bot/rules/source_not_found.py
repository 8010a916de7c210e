"""A source that nothing makes, although the tree shows that it should.

## What it does
Speaks where a Kustomization or HelmRelease names a source that the pull request
removes, or one that exists only in another namespace, as another kind or with
another spelling. A source that is nowhere in the tree may have been made by hand:
that is told as not looked at.

## Why it matters
Flux cannot build or install anything without the source. What was applied before
stays as it was, no longer updated.

## Example
```yaml
kind: HelmRelease
metadata: {name: podinfo, namespace: web}
spec: {chart: {spec: {chart: podinfo, sourceRef: {kind: HelmRepository, name: podinfo}}}}
---
kind: HelmRepository
metadata: {name: podinfo, namespace: flux-system}
```

## Instead
```yaml
spec: {chart: {spec: {chart: podinfo, sourceRef: {kind: HelmRepository, name: podinfo, namespace: flux-system}}}}
```

## Fix
Name the source as it is, with its namespace, or restore it.

## Silence it
Name what is made by hand under `clusters[].provided.objects`.

## References
kustomize-controller `Source '…' not found` · helm-controller `HelmChart '…' is not ready`
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.simulate.case import Case, Rule
from bot.simulate.unmade import Unmade, unmade

ID = "source-not-found"
_KINDS = frozenset({"GitRepository", "HelmRepository", "OCIRepository", "Bucket", "HelmChart", "ExternalArtifact"})


def check(case: Case) -> Iterator[Finding]:
    for one in unmade(case, _KINDS):
        yield _finding(case, one)


def _finding(case: Case, one: Unmade) -> Finding:
    reader, wanted = one.reader.ref, one.required.ref
    unread = "" if one.before else case.generated_elsewhere(but=reader)
    is_release = reader.kind == "HelmRelease"
    why = f"this change removes it from {code(one.before)}" if one.before else "nothing in the tree makes it"
    effect = "is never installed or upgraded" if is_release else "never becomes ready"
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.GUESS if unread else Confidence.LIKELY,
        about=reader,
        needs=wanted,
        at=case.place(one.reader, *one.required.field, "name"),
        message=f"{code(reader)} reads {code(wanted)} and {why}, so it {effect}.",
        predicted="" if is_release else f"Source '{wanted}' not found",
        advice=_advice(one) + (f" It may be made by what fluxbot cannot read: {unread}." if unread else ""),
        related=(Related(case.place_of(one.near), f"{code(one.near)} is there"),) if one.near else (),
    )


def _advice(one: Unmade) -> str:
    wanted, near = one.required.ref, one.near
    if near is None:
        return f"Restore {code(wanted)}, or remove {code(one.reader.ref)} too."
    if near.kind != wanted.kind:
        return f"Write {code(f'kind: {near.kind}')} if {code(near)} is meant."
    if near.namespace != wanted.namespace:
        return f"Write {code(f'namespace: {near.namespace}')} in the reference if {code(near)} is meant."
    return f"Write {code(near.name)} if {code(near)} is meant."


RULE = Rule(ID, Severity.ERROR, __doc__, check)
