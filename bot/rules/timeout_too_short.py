"""A Kustomization that gives up before what it waits for has had its time.

## What it does
Speaks where a Kustomization waits, by `wait: true` or a health check, for a
HelmRelease or a waiting Kustomization whose written `timeout` is longer than the
Kustomization's own, and another Kustomization depends on it. Without a `timeout`
it is `interval` less 30 seconds.

## Why it matters
The health check fails while Helm is still at work within its bounds. The
Kustomization is not ready, and what depends on it does not begin before a
retry, after `retryInterval`, finds the release healthy.

## Example
```yaml
kind: Kustomization
metadata: {name: databases}   # applies the HelmRelease
spec: {path: ./databases, wait: true, timeout: 3m}
---
kind: HelmRelease
metadata: {name: postgres}
spec: {timeout: 15m}
```

## Instead
```yaml
kind: Kustomization
metadata: {name: databases}
spec: {path: ./databases, wait: true, timeout: 16m}
```

## Fix
A `timeout` a little longer than the longest that is waited for.

## Silence it
Ignore the finding with a reason.

## References
kustomize-controller `GetTimeout` · devantler-tech/platform#3100
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flux.duration import spoken
from bot.model.cluster import Confidence, Node
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.flux import Kustomization
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule
from bot.simulate.stage import awaited

ID = "timeout-too-short"
_SHOWN = 3
_LEAST = 30.0
"""Seconds: kustomize-controller waits no shorter, and so long before its interval ends."""


def check(case: Case) -> Iterator[Finding]:
    """One finding for each pair of time-outs: where many have the same, one patch gave it to them."""
    for times, some in short(case).items():
        yield _finding(case, some, *times)


def short(case: Case) -> dict[tuple[float, float], list[tuple[Node, Ref]]]:
    """By the own time-out and the longer one: the Kustomizations, each with what it waits for."""
    needed = {entry.ref for node in case.cluster.nodes.values() for entry in node.kustomization.depends_on}
    found: dict[tuple[float, float], list[tuple[Node, Ref]]] = {}
    for node in (node for ref, node in case.cluster.nodes.items() if ref in needed):
        own = _patience(node.kustomization)
        others = [(time, ref) for ref in awaited(case.fresh.stage, node) if (time := _written(case, ref)) is not None]
        if own is not None and others and max(others)[0] > own:
            time, other = max(others)
            found.setdefault((own, time), []).append((node, other))
    return found


def _patience(kustomization: Kustomization) -> float | None:
    """How many seconds a Kustomization waits for health (``GetTimeout``); None where a variable stands there."""
    timing = kustomization.timing
    if "timeout" in kustomization.spec:
        return timing.timeout
    return None if timing.interval is None else max(timing.interval - _LEAST, _LEAST)


def _written(case: Case, ref: Ref) -> float | None:
    """The time-out that somebody wrote for what is waited for; None where there is none or nothing is awaited."""
    found = case.cluster.releases.get(ref)
    if found:
        return None if found[0].disable_wait else found[0].timing.timeout
    node = case.cluster.nodes.get(ref)
    waits = node and (node.kustomization.wait or node.kustomization.health_checks)
    return node.kustomization.timing.timeout if node and waits else None


def _finding(case: Case, some: list[tuple[Node, Ref]], own: float, time: float) -> Finding:
    node, other = some[0]
    more = f", and likewise {len(some) - 1} more" if len(some) > 1 else ""
    return Finding(
        rule=ID,
        severity=Severity.NOTE,
        outcome=Outcome.LATE,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.LIKELY,
        about=node.ref,
        needs=other,
        at=case.place(node.kustomization.resource, "spec", "timeout"),
        message=(
            f"{code(node.ref)} waits {spoken(own)} for {code(other)}, which may take {spoken(time)}{more}. Where it "
            "needs that long, this fails, and what depends on it does not begin before a retry."
        ),
        predicted=f"health check failed after {spoken(own)}: timeout waiting for: [{other} status: 'InProgress']",
        advice=f"Set a `timeout` above {spoken(time)}.",
        related=(
            Related(case.place_of(other, "spec", "timeout"), f"{code(other)} has {spoken(time)}"),
            *(Related(case.place_of(one.ref, "spec", "timeout"), f"{code(one.ref)} too") for one, _ in some[1:_SHOWN]),
        ),
    )


RULE = Rule(ID, Severity.NOTE, __doc__, check)
