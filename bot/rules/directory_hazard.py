"""A new kustomization file that leaves out what was applied without it.

## What it does
Speaks in reviews, where a directory gets a `kustomization.yaml` that it did not have,
and manifests that still lie there are not applied any more.

## Why it matters
Without that file Flux takes every manifest of the directory and of those below; with
it only what it lists. What is left out Flux deletes on the running cluster.

## Example
```yaml
# apps/kustomization.yaml is new; apps/podinfo.yaml and apps/banner.yaml are there
resources: [podinfo.yaml]
```

## Instead
```yaml
resources: [podinfo.yaml, banner.yaml]
```

## Fix
List the files that are to stay, and delete those that are not.

## Silence it
Ignore the finding with a reason.

## References
fluxcd/pkg `kustomize_generator.go`, `scanManifests`
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from bot.manifest.spans import located
from bot.model.cluster import Cluster, Confidence
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.quote import code
from bot.model.ref import Ref
from bot.model.resource import Origin, Resource
from bot.model.span import Span
from bot.simulate.case import Case, Rule
from bot.simulate.pruned import pruned

ID = "directory-hazard"
_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


def check(case: Case) -> Iterator[Finding]:
    base = case.base
    if base is None:
        return
    found: dict[tuple[Ref, str], list[Resource]] = {}
    for one in pruned(case):
        file = _new_file(base, case.cluster, one.resource.origin)
        if file and one.owner in case.cluster.nodes:
            found.setdefault((one.owner, file), []).append(one.resource)
    for (owner, file), some in sorted(found.items()):
        yield _finding(case, owner, file, some)


def _new_file(base: Cluster, head: Cluster, origin: Origin) -> str | None:
    """The kustomization file that the change brings into the directory of a manifest that stays, or one above."""
    data = head.snapshot.data(origin.path)
    written = Ref(origin.group, origin.kind, origin.namespace, origin.name)
    if data is None or origin.generated or located(data, written, head.snapshot.limits.yaml) is None:
        return None
    directory = posixpath.dirname(origin.path)
    while True:
        names = [posixpath.join(directory, name) for name in _NAMES]
        new = [name for name in names if name in head.snapshot.files]
        if new:
            return None if any(name in base.snapshot.files for name in names) else new[0]
        if not directory:
            return None
        directory = posixpath.dirname(directory)


def _finding(case: Case, owner: Ref, file: str, some: list[Resource]) -> Finding:
    more = len(some) - 1
    others = f" and {more:,} more object{'s' if more > 1 else ''}" if more else ""
    node = case.cluster.nodes[owner]
    return Finding(
        rule=ID,
        severity=Severity.WARNING,
        outcome=Outcome.DESTRUCTIVE,
        when=(When.RUNNING,),
        confidence=Confidence.PROVEN,
        about=owner,
        at=Span(file, 1, 1) if file in node.read else case.place(node.kustomization.resource),
        message=(
            f"{code(file)} is new and leaves out {code(some[0].origin.path)}, which {code(owner)} applied without it; "
            f"on the running cluster Flux deletes {code(some[0].ref)}{others}."
        ),
        advice=f"List {code(posixpath.relpath(some[0].origin.path, posixpath.dirname(file) or '.'))} in {code(file)}, "
        "or delete the file.",
    )


RULE = Rule(ID, Severity.WARNING, __doc__, check)
