"""Kustomizations that can lose a race, and that are tried again only after a long interval.

## What it does
Speaks once a cluster, where three or more Kustomizations may begin before what
they need is there and have neither a `retryInterval` nor an `interval` below ten
minutes. For fewer, the rules that ask for an order say how long it takes.

## Why it matters
A lost race heals by a retry. Flux makes it after `retryInterval`, which defaults
to `interval` – often an hour, and the next in the chain waits for another. A
fresh cluster takes hours to come up although nothing is wrong with it.

## Example
```yaml
kind: Kustomization
metadata: {name: apps}   # applies a Certificate, and nothing orders it
spec: {path: ./apps, interval: 1h}
```

## Instead
```yaml
spec: {path: ./apps, interval: 1h, retryInterval: 2m}
```

## Fix
`retryInterval: 2m`, which Flux's own manual recommends; in most repositories one
patch sets it for all. An order makes it needless.

## Silence it
`rules: {retry-interval-missing: off}`.

## References
flux2-kustomize-helm-example · kustomize-controller, Kustomization API: Recommended settings
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flux.duration import spoken
from bot.model.cluster import Confidence, Node
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.simulate.case import Case, Rule

ID = "retry-interval-missing"
_LONG = 600.0
_MANY = 3


def check(case: Case) -> Iterator[Finding]:
    """One finding where the simulation shows several races that are lost for long."""
    found = slow(case)
    if len(found) >= _MANY:
        yield _finding(case, found)


def slow(case: Case) -> list[Node]:
    """The Kustomizations that may lose a race on a fresh cluster and then wait for long."""
    return [node for node in case.cluster.nodes.values() if _is_slow(node) and case.fresh.is_late(node.ref)]


def _is_slow(node: Node) -> bool:
    return "retryInterval" not in node.kustomization.spec and (node.kustomization.timing.interval or 0) >= _LONG


def _finding(case: Case, some: list[Node]) -> Finding:
    root = next(iter(case.cluster.nodes))
    longest = max(node.kustomization.timing.interval or 0 for node in some)
    names = ", ".join(code(node.ref) for node in some[:_MANY])
    more = f" and {len(some) - _MANY} more" if len(some) > _MANY else ""
    return Finding(
        rule=ID,
        severity=Severity.NOTE,
        outcome=Outcome.LATE,
        when=(When.FRESH,),
        confidence=Confidence.LIKELY,
        about=root,
        object=some[0].ref,
        at=case.place(some[0].kustomization.resource, "spec", "interval"),
        message=(
            f"On a fresh cluster these may begin too early, and have no `retryInterval`: {names}{more}. "
            f"Flux tries again only after their interval, up to {spoken(longest)}."
        ),
        advice="Set `retryInterval: 2m` on them.",
        related=tuple(
            Related(case.place(node.kustomization.resource, "spec", "interval"), f"{code(node.ref)} has none")
            for node in some[1:_MANY]
        ),
    )


RULE = Rule(ID, Severity.NOTE, __doc__, check)
