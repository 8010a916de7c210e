"""A Kustomization whose path is not in its source.

## What it does
Speaks where `spec.path` names a directory that the source does not hold. Flux
joins the path safely: `..` never climbs above the root, and a symbolic link is
not followed, for Flux leaves links out of its artifacts.

## Why it matters
The Kustomization never becomes ready, on any cluster, and what it applied
before stays as it was, no longer updated.

## Example
```yaml
kind: Kustomization
metadata: {name: apps}
spec: {path: ./app}     # the directory is called apps
```

## Instead
```yaml
spec: {path: ./apps}
```

## Fix
Correct the path, or remove the Kustomization from its parent together with the
directory.

## Silence it
Ignore the finding with a reason.

## References
kustomize-controller: `kustomization path not found` · flux2#2627
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from bot.model.cluster import Break, Broken, Confidence, Node
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.quote import code
from bot.simulate.case import Case, Rule

ID = "path-not-found"


def check(case: Case) -> Iterator[Finding]:
    for node in case.cluster.nodes.values():
        if isinstance(node.building, Broken) and node.building.why is Break.PATH_NOT_FOUND:
            yield _finding(case, node, node.building)


def _finding(case: Case, node: Node, broken: Broken) -> Finding:
    path = node.kustomization.path
    directories = [directory for directory in case.cluster.snapshot.directories if directory]
    above = [path.rpartition("/")[0]] if path in case.cluster.snapshot.files else []
    near = [*above, *difflib.get_close_matches(path, directories, n=1, cutoff=0.75)]
    write = f"Write {code('./' + near[0])} if that is meant, or remove" if near else "Correct the path, or remove"
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.PROVEN,
        about=node.ref,
        at=case.place(node.kustomization.resource, "spec", "path"),
        message=f"{code(node.ref)} never becomes ready: {broken.message}.",
        predicted=broken.predicted,
        advice=f"{write} the Kustomization.",
    )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
