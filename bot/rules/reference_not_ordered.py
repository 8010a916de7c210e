"""Variables or a kubeconfig that another Kustomization makes, and no order between the two.

## What it does
Speaks where `postBuild.substituteFrom` or `kubeConfig` names a ConfigMap or Secret
that the repository makes – as such, or from an ExternalSecret, a SealedSecret or a
Certificate – in another Kustomization, and nothing makes sure that it is applied
before. Optional ones are left alone.

## Why it matters
Flux cannot build the Kustomization while the object is not there, and does not
watch for it: it tries again after `retryInterval`, which defaults to `interval`.
A source that comes later is not spoken of, Flux begins as soon as that is there;
nor are stores, issuers and classes, whose users wait by themselves.

## Example
```yaml
kind: Kustomization
metadata: {name: settings}   # applies the ConfigMap cluster-settings
spec: {path: ./settings}
---
kind: Kustomization
metadata: {name: apps}
spec:
  path: ./apps
  postBuild: {substituteFrom: [{kind: ConfigMap, name: cluster-settings}]}
```

## Instead
```yaml
kind: Kustomization
metadata: {name: apps}
spec:
  path: ./apps
  dependsOn: [{name: settings}]
  postBuild: {substituteFrom: [{kind: ConfigMap, name: cluster-settings}]}
```

## Fix
Add the `dependsOn` entry.

## Silence it
Name what is made by hand before Flux starts under `clusters[].provided.objects`.

## References
kustomize-controller `substitute from … error: configmaps … not found`
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence, Node
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.simulate.before import applied_before
from bot.simulate.case import Case, Rule
from bot.simulate.late import retry_after, scene
from bot.simulate.made import Requirement

ID = "reference-not-ordered"


def check(case: Case) -> Iterator[Finding]:
    for node in case.cluster.nodes.values():
        some = [one for one in case.fresh.stage.requirements.get(node.ref, ()) if "sourceRef" not in one.required.field]
        if some and node.ref in case.fresh.applied:
            before = applied_before(case.fresh.stage, node.ref)
            for one in some:
                owner = one.made[0].owner
                if not any(made.owner in before for made in one.made) and not case.reach.forbids(node.ref, owner):
                    yield _finding(case, node, one)


def _finding(case: Case, node: Node, one: Requirement) -> Finding:
    wanted, (by, owner) = one.required.ref, one.made[0]
    is_live = any(made.by in case.live.resources for made in one.made)
    when = (When.FRESH,) if is_live else (When.FRESH, When.RUNNING)
    made = "applies" if by == wanted else f"makes from {code(by)}"
    return Finding(
        rule=ID,
        severity=Severity.NOTE,
        outcome=Outcome.LATE,
        when=when,
        confidence=Confidence.LIKELY,
        about=node.ref,
        needs=owner,
        provider=by,
        at=case.place(node.kustomization.resource, *one.required.field),
        message=(
            f"{code(node.ref)} reads {code(wanted)}, which {code(owner)} {made}, but nothing makes sure that this "
            f"comes first; {scene(when)} it fails at first, and Flux tries again only after "
            f"{retry_after(case, node.ref)}."
        ),
        predicted=_predicted(one),
        advice=f"Add {code(owner.name)} to the dependsOn of {code(node.ref.name)}.",
        related=(Related(case.place_of(by), f"{code(by)} is applied by {code(owner)}"),),
    )


def _predicted(one: Requirement) -> str:
    ref = one.required.ref
    if "kubeConfig" in one.required.field:
        return "unable to read KubeConfig secret" if ref.kind == "Secret" else ""
    return f"substitute from '{ref.kind}/{ref.name}' error: {ref.kind.lower()}s \"{ref.name}\" not found"


RULE = Rule(ID, Severity.NOTE, __doc__, check)
