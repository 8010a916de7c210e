"""A variable that nothing defines.

## What it does
Speaks where an object that a Kustomization applies holds `${name}` without a
default, and neither `postBuild.substitute` nor anything in `substituteFrom` can
define it. A Secret or ConfigMap that is not in the tree may define any name, so
beside one nothing is said. Scripts and dashboards are `script-substituted`.

## Why it matters
From Flux 2.9 on the build fails, and the Kustomization stands still. Before, the
variable is silently empty: a host `grafana.${domain}` becomes `grafana.`.

## Example
```yaml
kind: Ingress
spec: {rules: [{host: "grafana.${domain}"}]}   # the variable is called DOMAIN
```

## Instead
```yaml
kind: Ingress
spec: {rules: [{host: "grafana.${DOMAIN}"}]}
```

## Fix
Define the variable, write a default (`${domain:=example.org}`), or write `$${domain}`
if Flux is not meant to replace it.

## Silence it
Name variables that are set outside the tree under `clusters[].variables`.

## References
flux2#5967 · kustomize-controller#1692 · kustomize-controller 1.9 changelog
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.model.cluster import Confidence, Node, Unset
from bot.model.field import mapping
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule
from bot.simulate.unset import Strictness, alike, strictness, unset

ID = "variable-undefined"


def check(case: Case) -> Iterator[Finding]:
    for node, found in unset(case.cluster, in_texts=False):
        yield _finding(case, node, found)


def _finding(case: Case, node: Node, found: Mapping[Ref, tuple[Unset, ...]]) -> Finding:
    strict = strictness(case.cluster)
    fails = strict is Strictness.FAILS
    by, some = min(found.items())
    name = some[0].name
    names = sorted({one.name for each in found.values() for one in each})
    others = f" and {len(names) - 1:,} more that are not defined" if len(names) > 1 else ""
    return Finding(
        rule=ID,
        severity=Severity.ERROR if fails else Severity.WARNING,
        outcome=Outcome.DEADLOCK if fails else Outcome.SILENT,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.LIKELY,
        about=node.ref,
        # The same variable is another matter once an upgrade of Flux makes the build fail.
        needs=_flux(case) if fails else None,
        object=by,
        at=case.place_of(by),
        message=f"{code(by)} holds the variable {code(name)}{others}; {_effect(strict, node)}.",
        predicted=_predicted(case, by, name) if fails else "",
        advice=_advice(node, name),
        related=(Related(case.place(node.kustomization.resource), f"{code(node.ref)} applies it"),),
    )


def _flux(case: Case) -> Ref:
    """The entry point, which stands for the Flux that runs."""
    return next(ref for ref, node in case.cluster.nodes.items() if not node.parents)


def _effect(strict: Strictness, node: Node) -> str:
    match strict:
        case Strictness.FAILS:
            return f"nothing defines it, so the build of {code(node.ref)} fails and nothing of it is applied"
        case Strictness.EMPTY:
            return "nothing defines it, so Flux puts an empty text there"
        case Strictness.UNKNOWN:
            return "nothing defines it, so Flux puts an empty text there, and from version 2.9 on the build fails"


def _predicted(case: Case, by: Ref, name: str) -> str:
    found = case.resource(by)
    version = found.version if found else ""
    gvk = f"{by.group}/{version}/{by.kind}" if by.group else f"{version}/{by.kind}"
    return (
        f"post build failed for '{gvk}/{by.name}': envsubst error: variable substitution failed: "
        f'variable not set (strict mode): "{name}"'
    )


def _advice(node: Node, name: str) -> str:
    near = alike(name, mapping(node.kustomization.spec, "postBuild", "substitute"))
    meant = f"Write {code('${' + near + '}')} if that is meant, define" if near else "Define"
    return (
        f"{meant} {code(name)} in `postBuild` of {code(node.ref)}, or give it a default: {code('${' + name + ':=…}')}."
    )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
