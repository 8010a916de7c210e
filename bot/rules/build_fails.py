"""A Kustomization that kustomize cannot build.

## What it does
Speaks where the build that Flux will run fails: broken YAML, a missing file, a
patch without a target, two objects of one name. The build is the real one,
with the fields of the Flux object merged in.

## Why it matters
Nothing of the Kustomization is applied, on any cluster, until the build works
again, and whatever depends on it stays where it is. What the rest of the build
would need is looked at all the same, and said beside this.

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

import posixpath
from collections.abc import Iterator, Mapping

from bot.flux.failure import Failure, entry_line, read_failure
from bot.flux.tree import KUSTOMIZATION_NAMES
from bot.manifest.documents import read
from bot.model.cluster import Break, Broken, Confidence, Node
from bot.model.field import mappings
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.quote import code
from bot.model.snapshot import Blob, clamped
from bot.model.span import Span
from bot.simulate.case import Case, Rule

ID = "build-fails"


def check(case: Case) -> Iterator[Finding]:
    for node in case.cluster.nodes.values():
        if isinstance(node.building, Broken) and node.building.why is Break.BUILD_FAILS:
            yield _finding(case, node, node.building)


def _finding(case: Case, node: Node, broken: Broken) -> Finding:
    failure = read_failure(broken.message)
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.PROVEN,
        about=node.ref,
        at=_place(case, node, broken, failure),
        message=f"{code(node.ref)} cannot be built, so nothing of it is applied: {code(failure.gist)}.",
        predicted=broken.predicted,
        advice="Correct it; until then whatever depends on this Kustomization stays where it is.",
    )


def _place(case: Case, node: Node, broken: Broken, failure: Failure) -> Span:
    """The line that is no YAML, where that is the reason; else what is to blame in a kustomization file."""
    snapshot = case.cluster.snapshot
    files = snapshot.files
    for path in sorted(node.read):
        data = snapshot.data(path)
        if not data or not path.endswith((".yaml", ".yml", ".json")):
            continue
        problem = read(data, snapshot.limits.yaml).problem
        if problem and not problem.limit:
            return Span(path, problem.line, problem.line)
    if failure.directory is None and _is_of_flux(node, failure, files):
        return case.place(node.kustomization.resource, "spec", "patches")
    directory = node.kustomization.path if failure.directory is None else clamped(failure.directory)
    named = (posixpath.join(directory, name) for name in KUSTOMIZATION_NAMES)
    written = next((path for path in named if path in files), broken.path)
    if written in files:
        line = entry_line((files[written].data or b"").decode(errors="replace"), failure.entry) or broken.line
        return Span(written, line, line)
    manifest = posixpath.join(directory, failure.entry)
    if manifest in files:
        return Span(manifest, 1, 1)
    return case.place(node.kustomization.resource, "spec", "path")


def _is_of_flux(node: Node, failure: Failure, files: Mapping[str, Blob]) -> bool:
    """Whether kustomize complains of a patch that only ``spec.patches`` of the Kustomization can be."""
    if "PatchTransformer" not in failure.gist or not any(mappings(node.kustomization.spec, "patches")):
        return False
    written = (files.get(posixpath.join(node.kustomization.path, name)) for name in KUSTOMIZATION_NAMES)
    return not any(one and b"patches" in (one.data or b"") for one in written)


RULE = Rule(ID, Severity.ERROR, __doc__, check)
