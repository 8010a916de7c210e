"""A script or dashboard whose own variables Flux takes for its own.

## What it does
Speaks where a ConfigMap, a Secret, a CRD or a dashboard holds `${name}`, the
Kustomization has `postBuild`, and nothing that it reads can define the name.

## Why it matters
From Flux 2.9 on the build fails, and the Kustomization stands still. Before, Flux
puts an empty text there: the script that arrives in the cluster is another one.

## Example
```yaml
kind: ConfigMap
data:
  backup.sh: |
    tar -czf /backup/${stamp}.tar.gz /data
```

## Instead
```yaml
kind: ConfigMap
metadata:
  annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}
```

## Fix
Annotate the object, or write `$${stamp}`, of which Flux leaves `${stamp}`. A
generator takes the annotation under `options.annotations`.

## Silence it
Name variables that are set outside the tree under `clusters[].variables`.

## References
flux2#5967 · kustomize-controller#1692
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence, Node, Unset
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule
from bot.simulate.unset import Strictness, strictness, unset

ID = "script-substituted"


def check(case: Case) -> Iterator[Finding]:
    for node, found in unset(case.cluster, in_texts=True):
        for by, some in sorted(found.items()):
            yield _finding(case, node, by, some)


def _finding(case: Case, node: Node, by: Ref, some: tuple[Unset, ...]) -> Finding:
    strict = strictness(case.cluster)
    fails = strict is Strictness.FAILS
    more = f" and {len(some) - 1:,} more" if len(some) > 1 else ""
    return Finding(
        rule=ID,
        severity=Severity.ERROR if fails else Severity.WARNING,
        outcome=Outcome.DEADLOCK if fails else Outcome.SILENT,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.LIKELY,
        about=node.ref,
        # The same text is another matter once an upgrade of Flux makes the build fail.
        needs=by if fails else None,
        object=by,
        at=case.place_of(by),
        message=(
            f"{code(by)} holds {code('${' + some[0].name + '}')}{more}, which {code(node.ref)} replaces and "
            f"nothing defines; {_effect(strict)}."
        ),
        predicted=f'envsubst error: variable substitution failed: variable not set (strict mode): "{some[0].name}"'
        if fails
        else "",
        advice="If Flux is not meant to replace it, annotate the object with "
        "`kustomize.toolkit.fluxcd.io/substitute: disabled`, or write "
        f"{code('$${' + some[0].name + '}')}.",
        related=(Related(case.place(node.kustomization.resource), f"{code(node.ref)} applies it"),),
    )


def _effect(strict: Strictness) -> str:
    match strict:
        case Strictness.FAILS:
            return "the build fails, and nothing of the Kustomization is applied"
        case Strictness.EMPTY:
            return "Flux puts an empty text there"
        case Strictness.UNKNOWN:
            return "Flux puts an empty text there, and from version 2.9 on the build fails"


RULE = Rule(ID, Severity.ERROR, __doc__, check)
