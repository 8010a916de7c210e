"""A custom resource whose CRD nothing in the cluster brings.

## What it does
Speaks where no object of the cluster, no chart that fluxbot knows, no bootstrap
file and no setting brings the CRD of a custom resource.

## Why it matters
If the CRD really comes from nowhere, a fresh cluster never gets past this
Kustomization. Often it comes from somewhere that the repository does not show:
the platform, a hand-made step, a chart that is not in the catalogue. So this is
a note; it is a warning where the kind is well known and a chart is missing.

## Example
```yaml
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute           # and nothing in the repository installs the Gateway API
```

## Instead
Install the CRD from the repository, or declare it:
```yaml
# .fluxbot.yaml
clusters:
  - root: clusters/production
    provided: {crds: ["*.gateway.networking.k8s.io"]}
```

## Fix
None by fluxbot: it cannot know where the CRD should come from.

## Silence it
`provided.crds` as above, or `rules: {crd-unknown: "off"}`.

## References
kustomize-controller `ApplyAllStaged`: the dry-run of an unknown kind fails its whole stage.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.knowledge.charts import bringers
from bot.knowledge.dynamic import trigger_of
from bot.knowledge.kinds import platform_hint
from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case, Rule
from bot.simulate.fact import Need
from bot.simulate.withheld import comes_from_nowhere, withheld

ID = "crd-unknown"


def check(case: Case) -> Iterator[Finding]:
    # What a chart of the cluster leaves out is a matter of crd-install-off.
    left_out = {(one.owner, one.need.fact) for one in withheld(case.fresh.stage)}
    for ref, needs in case.fresh.stage.needs.items():
        for need in needs:
            if not need.fact.name and (ref, need.fact) not in left_out and _from_nowhere(case, need):
                yield _finding(case, ref, need)


def _from_nowhere(case: Case, need: Need) -> bool:
    return trigger_of(need.fact.what) is None and comes_from_nowhere(case.cluster, need.fact)


def _finding(case: Case, ref: Ref, need: Need) -> Finding:
    what = need.fact.what
    charts = bringers(what)
    platform = platform_hint(what)
    script = case.cluster.provided.script
    sure = bool(charts) and platform is None and not script
    return Finding(
        rule=ID,
        severity=Severity.WARNING if sure else Severity.NOTE,
        outcome=Outcome.DEADLOCK,
        when=(When.FRESH,),
        confidence=Confidence.LIKELY if sure else Confidence.GUESS,
        about=ref,
        object=need.resource.ref,
        missing=need.missing,
        at=case.place(need.resource),
        message=(
            f"Nothing in the cluster {code(case.cluster.root or '.')} brings the CRD of {code(need.resource.ref)}; "
            f"unless it comes from outside, a fresh cluster never gets past {code(ref)}."
        ),
        predicted=need.predicted,
        advice=_advice(charts, platform, script),
    )


def _advice(charts: tuple[str, ...], platform: str | None, script: str) -> str:
    if platform:
        return f"Where the platform ({platform}) brings it, declare it in `provided.crds`."
    install = (
        f"Install a chart that brings it ({', '.join(map(code, charts[:3]))}), or declare" if charts else "Declare"
    )
    by = f", for instance by {code(script)}" if script else ""
    return f"{install} it in `provided.crds` if it comes from outside{by}."


RULE = Rule(ID, Severity.NOTE, __doc__, check)
