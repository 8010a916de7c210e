"""Values or variables from an object that the change takes away.

## What it does
Speaks where `valuesFrom` or `substituteFrom` names a ConfigMap or Secret that the
pull request removes or renames, or that a generator makes with a hash at the end of
its name, which kustomize does not write into this field. Optional ones are left
alone, and what is nowhere in the tree may have been made by hand.

## Why it matters
Flux cannot build the Kustomization, or install and upgrade the release, without the
object.

## Example
```yaml
# kustomization.yaml: configMapGenerator: [{name: podinfo-values, files: [values.yaml]}]
kind: HelmRelease
spec: {valuesFrom: [{kind: ConfigMap, name: podinfo-values}]}
```

## Instead
```yaml
# kustomization.yaml
configurations: [kustomizeconfig.yaml]   # nameReference: ConfigMap → spec/valuesFrom/name of HelmRelease
```

## Fix
Restore the object or write its new name. For a generator, tell kustomize of the
field, or set `generatorOptions: {disableNameSuffixHash: true}`.

## Silence it
Name what is made by hand under `clusters[].provided.objects`.

## References
Flux guide "Refer to values in ConfigMaps generated with Kustomize"
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.quote import code
from bot.simulate.case import Case, Rule
from bot.simulate.unmade import Unmade, unmade

ID = "values-not-found"


def check(case: Case) -> Iterator[Finding]:
    for one in unmade(case, frozenset({"ConfigMap", "Secret"})):
        if "kubeConfig" not in one.required.field:
            yield _finding(case, one)


def _finding(case: Case, one: Unmade) -> Finding:
    reader, wanted = one.reader.ref, one.required.ref
    if one.near:
        why = f"the generator calls it {code(one.near.name)}"
    else:
        why = f"this change removes it from {code(one.before)}"
    effect = "can be neither installed nor upgraded" if reader.kind == "HelmRelease" else "never becomes ready"
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.LIKELY,
        about=reader,
        needs=wanted,
        at=case.place(one.reader, *one.required.field, "name"),
        message=f"{code(reader)} reads {code(wanted)}, but {why}, so it {effect}.",
        predicted=_predicted(one),
        advice=_advice(case, one),
    )


def _predicted(one: Unmade) -> str:
    ref = one.required.ref
    if one.reader.ref.kind == "HelmRelease":
        return f"could not resolve {ref.kind} chart values reference '{ref.namespace}/{ref.name}'"
    return f"substitute from '{ref.kind}/{ref.name}' error: {ref.kind.lower()}s \"{ref.name}\" not found"


def _advice(case: Case, one: Unmade) -> str:
    if one.near:
        return (
            f"In {code(case.place_of(one.near).path)} tell kustomize of the field with a `nameReference` in "
            "`configurations`, or set `generatorOptions.disableNameSuffixHash: true`."
        )
    return f"Restore {code(one.required.ref)}, or take the reference out, or write its new name."


RULE = Rule(ID, Severity.ERROR, __doc__, check)
