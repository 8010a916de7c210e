"""A release that Helm uninstalls although it is meant to stay.

## What it does
Speaks in reviews, where a HelmRelease gets another `releaseName`, `targetNamespace`
or `storageNamespace`; where one goes and another one of the same chart comes for the
same namespace; and where one goes whose CRDs are still used. A release that is
simply taken away is normal work.

## Why it matters
Helm knows a release by its name and namespace. If they change, helm-controller
uninstalls the old release and installs a new one: volumes that belong to it, CRDs in
its templates and their custom resources go.

## Example
```yaml
kind: HelmRelease
metadata: {name: postgres}
spec: {releaseName: orders-db}   # it was installed as postgres
```

## Instead
```yaml
spec: {releaseName: postgres}
```

## Fix
Keep name and namespaces. If they must change, back up first, or keep what must live
with `helm.sh/resource-policy: keep` in a change of its own before. A HelmRelease that
only gets another name is suspended in a change before, and the new one has the old
one's `releaseName`: what goes while it is suspended is not uninstalled.

## Silence it
Ignore the finding with a reason: a release that may lose what it holds.

## References
helm-controller: the release is uninstalled when its target changes · kustomize-controller#338
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Cluster, Confidence
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.flux import Release
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule
from bot.simulate.pruned import brought_only_by, goes, helm_identity, instances, pruned

ID = "release-uninstalled"
_FIELDS = ("releaseName", "targetNamespace", "storageNamespace")


def check(case: Case) -> Iterator[Finding]:
    base = case.base
    if base is None:
        return
    for ref, (after, _) in case.cluster.releases.items():
        before = base.releases.get(ref)
        if before and not before[0].suspended and not after.suspended:
            yield from _renamed(case, before[0], after)
    for one in pruned(case):
        found = base.releases.get(one.resource.ref)
        if found:
            about, _ = goes(case, one)
            yield from _gone(case, base, about, found[0])


def _renamed(case: Case, before: Release, after: Release) -> Iterator[Finding]:
    old, new = helm_identity(before), helm_identity(after)
    if old == new or "${" in "".join((*old, *new)):
        return
    field = next(name for name, was, now in zip(_FIELDS, old, new, strict=True) if was != now)
    was, now = f"{old[1]}/{old[0]}", f"{new[1]}/{new[0]}"
    changed = f"from {code(was)} to {code(now)}" if was != now else f"its storage from {code(old[2])} to {code(new[2])}"
    message = (
        f"{code(after.ref)} changes what Helm calls it {changed}; on the running cluster helm-controller uninstalls "
        "the old release and installs a new one, and what belongs to the old one goes."
    )
    advice = f"Keep the name and the namespaces as they were, or back up before; the field is {code(f'spec.{field}')}."
    yield _finding(case, after.ref, message, advice, at=after.ref)


def _gone(case: Case, base: Cluster, about: Ref, before: Release) -> Iterator[Finding]:
    if before.suspended:
        return  # helm-controller uninstalls nothing then (``reconcileDelete``), and its CRDs stay, too
    twin = _twin(case, base, before)
    if twin:
        message = (
            f"{code(before.ref)} goes and {code(twin.ref)} comes with the same chart in the same namespace; on the "
            "running cluster helm-controller uninstalls the old release, and what belongs to it goes."
        )
        advice = "Keep the HelmRelease as it is called, or back up before and move in steps."
        yield _finding(case, about, message, advice, at=twin.ref)
        return
    for what in brought_only_by(base, case.cluster, before.ref):
        left = instances(case.cluster, what)
        if left:
            message = (
                f"{code(before.ref)} is taken away, but {code(left[0].ref)} stays, whose kind only it brings; "
                "on the running cluster nothing looks after the object, and on a fresh one it cannot be applied."
            )
            advice = f"Take away {code(left[0].ref)} first, or keep the release."
            yield _finding(case, about, message, advice, at=left[0].ref)
            return


def _twin(case: Case, base: Cluster, before: Release) -> Release | None:
    """A new release of the same chart for the same namespace, which a name or the chart itself tells to be the same."""
    if before.chart is None:
        return None
    chart, place = before.chart.name, (before.target, before.target_namespace)
    is_only = sum(one.chart is not None and one.chart.name == chart for one, _ in base.releases.values()) == 1
    for ref, (after, _) in sorted(case.cluster.releases.items()):
        same = after.chart is not None and after.chart.name == chart and (after.target, after.target_namespace) == place
        named = ref.name == before.ref.name or helm_identity(after)[0] == helm_identity(before)[0]
        if ref not in base.releases and same and (is_only or named):
            return after
    return None


def _finding(case: Case, about: Ref, message: str, advice: str, *, at: Ref) -> Finding:
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DESTRUCTIVE,
        when=(When.RUNNING,),
        confidence=Confidence.LIKELY,
        about=about,
        needs=None if at == about else at,
        object=at,
        at=case.place_of(at),
        message=message,
        advice=advice,
        related=() if at == about else (Related(case.place_of(about), f"{code(about)} deletes it"),),
    )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
