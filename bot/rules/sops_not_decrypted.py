"""An encrypted Secret in a Kustomization that does not decrypt.

## What it does
Speaks where a Kustomization applies a Secret that SOPS encrypted, and its own spec
has no `decryption`. The `decryption` of the Kustomization that creates it does not
count: Flux does not inherit it.

## Why it matters
Flux refuses the Secret before it applies anything, so the whole Kustomization
stands still, on every cluster.

## Example
```yaml
kind: Kustomization
metadata: {name: apps}
spec: {path: ./apps}     # holds a Secret that SOPS encrypted
```

## Instead
```yaml
spec:
  path: ./apps
  decryption: {provider: sops, secretRef: {name: sops-age}}
```

## Fix
Add `spec.decryption`, or patch it into all children from the Kustomization that
creates them.

## Silence it
Ignore the finding with a reason.

## References
kustomize-controller: `… is SOPS encrypted, configuring decryption is required for this secret to be reconciled`
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.manifest.documents import is_encrypted
from bot.model.cluster import Confidence, Node
from bot.model.field import mapping
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.ref import GroupKind
from bot.model.resource import Resource
from bot.simulate.case import Case, Rule
from bot.simulate.ownership import applied
from bot.simulate.unread import is_as_applied

ID = "sops-not-decrypted"
_SECRET = GroupKind("", "Secret")


def check(case: Case) -> Iterator[Finding]:
    for node in case.cluster.nodes.values():
        encrypted = [one for one in applied(node) if one.group_kind == _SECRET and is_encrypted(one.body)]
        if encrypted and not _may_decrypt(case, node):
            yield _finding(case, node, encrypted)


def _may_decrypt(case: Case, node: Node) -> bool:
    """Whether its spec decrypts; that of an entry point as something in the tree applies it, if anything does.

    What a bootstrap makes of an entry point, with its patches, the tree need not show.
    """
    if node.parents:
        return bool(mapping(node.kustomization.spec, "decryption")) or not is_as_applied(case.cluster, node)
    found = case.cluster.resources.get(node.ref)
    return found is None or bool(mapping(found[0].body, "spec", "decryption"))


def _finding(case: Case, node: Node, encrypted: list[Resource]) -> Finding:
    first, more = encrypted[0], len(encrypted) - 1
    others = f" and {more:,} more" if more else ""
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.PROVEN,
        about=node.ref,
        object=first.ref,
        at=case.place(node.kustomization.resource, "spec"),
        message=(
            f"{code(node.ref)} applies the encrypted {code(first.ref)}{others} and has no `decryption`, so Flux "
            "refuses all that it applies and it never becomes ready."
        ),
        predicted=(
            f"{first.ref} is SOPS encrypted, configuring decryption is required for this secret to be reconciled"
        ),
        advice=f"Add `spec.decryption` to {code(node.ref)}, as the Kustomizations that decrypt have it.",
        related=(Related(case.place(first), f"{code(first.ref)} is encrypted"),),
    )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
