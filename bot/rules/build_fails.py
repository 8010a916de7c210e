"""A Kustomization that kustomize cannot build.

## What it does
Speaks where the build that Flux will run fails: broken YAML, a missing file, a
patch without a target, two objects of one name. The build is the real one,
with the fields of the Flux object merged in.

## Why it matters
Nothing of the Kustomization is applied, on any cluster, until the build works
again, and whatever depends on it stays where it is.

## Example
```yaml
# kustomization.yaml
resources:
  - deployment.yaml
  - servcie.yaml      # no such file
```

## Instead
```yaml
resources:
  - deployment.yaml
  - service.yaml
```

## Fix
Correct what the message names.

## Silence it
Ignore the finding with a reason.

## References
kustomize-controller: `kustomize build failed`
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.manifest.documents import read
from bot.model.cluster import Break, Broken, Confidence, Node
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.quote import code
from bot.model.span import Span
from bot.simulate.case import Case, Rule

ID = "build-fails"


def check(case: Case) -> Iterator[Finding]:
    for node in case.cluster.nodes.values():
        if isinstance(node.building, Broken) and node.building.why is Break.BUILD_FAILS:
            yield _finding(case, node, node.building)


def _finding(case: Case, node: Node, broken: Broken) -> Finding:
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.PROVEN,
        about=node.ref,
        at=_place(case, node, broken),
        message=f"{code(node.ref)} cannot be built, so nothing of it is applied: {code(broken.message)}.",
        predicted=broken.predicted,
        advice="Correct what the message names; until then whatever depends on it stays where it is.",
    )


def _place(case: Case, node: Node, broken: Broken) -> Span:
    """The first line that is no YAML, where that is the reason; else the kustomization file."""
    for path in sorted(node.read):
        data = case.cluster.snapshot.data(path)
        problem = read(data).problem if data and path.endswith((".yaml", ".yml", ".json")) else None
        if problem:
            return Span(path, problem.line, problem.line)
    if broken.path in case.cluster.snapshot.files:
        return Span(broken.path, broken.line, broken.line)
    return case.place(node.kustomization.resource, "spec", "path")


RULE = Rule(ID, Severity.ERROR, __doc__, check)
