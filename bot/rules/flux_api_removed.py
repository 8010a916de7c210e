"""An object in an API version that the cluster's Flux no longer has.

## What it does
Speaks where a Kustomization applies an object of Flux in an API version that the
Flux of this cluster does not serve: `v1beta1` of the first groups and `v2beta1`
went with 2.7, `v1beta2` and `v2beta2` of source, kustomize and helm with 2.8, those
of image and notification with 2.9. Where the tree does not show the cluster's
version it stays silent.

## Why it matters
The API server refuses the object, and one refused object keeps everything else of
its Kustomization from being applied. A pull request that upgrades Flux brings this
into files that it does not touch.

## Example
```yaml
apiVersion: helm.toolkit.fluxcd.io/v2beta2   # Flux 2.8
kind: HelmRelease
```

## Instead
```yaml
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
```

## Fix
`flux migrate -f .` rewrites the files; merge that before the upgrade.

## Silence it
Set `clusters[].flux` if the version that was read is not the cluster's.

## References
Release notes of Flux 2.7, 2.8 and 2.9
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.knowledge.removed import current, removed_in
from bot.model.cluster import Confidence, Node
from bot.model.finding import Finding, Missing, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.resource import Resource
from bot.simulate.case import Case, Rule
from bot.simulate.fact import no_match
from bot.simulate.unset import minor_of

ID = "flux-api-removed"


def check(case: Case) -> Iterator[Finding]:
    flux = case.cluster.flux
    if flux is None:
        return
    for node in case.cluster.nodes.values():
        found: dict[str, list[Resource]] = {}
        for resource in node.resources:
            since = removed_in(resource.ref.group, resource.version)
            if since and minor_of(since) <= minor_of(flux) and not resource.is_skipped:
                found.setdefault(f"{resource.api_version} {resource.ref.kind}", []).append(resource)
        for some in found.values():
            yield _finding(case, node, some, flux)


def _finding(case: Case, node: Node, some: list[Resource], flux: str) -> Finding:
    first = some[0]
    more = f" and {len(some) - 1:,} more" if len(some) > 1 else ""
    write = f"{first.ref.group}/{current(first.ref.group, first.ref.kind)}"
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.LIKELY,
        about=node.ref,
        object=first.ref,
        missing=Missing(first.group_kind, first.version),
        at=case.place(first),
        message=(
            f"{code(first.ref)}{more} asks for {code(first.api_version)}, which Flux {flux} does not serve any more; "
            f"{code(node.ref)} cannot apply anything as long as that is so."
        ),
        predicted=no_match(first),
        advice=f"Write {code(write)}; `flux migrate -f .` does so in all files.",
        related=(Related(case.place(node.kustomization.resource), f"{code(node.ref)} applies it"),),
    )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
