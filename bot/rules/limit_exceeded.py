"""Something that is too large to be judged.

## What it does
Speaks where a limit of fluxbot keeps something from being judged: a file that a
build reads is too large, too deep or multiplies by aliases; a cluster has too
many Kustomizations or objects; Kustomizations apply one another, or bases name
one another, too many levels deep; a build ran into its limit on time, memory or
output. It says nothing of what Flux does with it.

## Why it matters
What is not judged must not look like what is right. Without this rule a change
could pass by making itself unreadable.

## Example
```yaml
# values.yaml: ten levels of this make a thousand million values
a: &a [x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b]
```

## Instead
```yaml
a: [x, x, x]
```

## Fix
Make it smaller. Where it is right as it is, whoever runs fluxbot raises the
limit by the setting that the finding names; the repository cannot.

## Silence it
Ignore the finding with a reason. What is not judged stays so.

## References
fluxbot, docs/limits.md
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.cluster import Confidence, Incomplete
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.limits import Exceeded
from bot.model.quote import code
from bot.model.span import Span
from bot.simulate.case import Case, Rule

ID = "limit-exceeded"


def check(case: Case) -> Iterator[Finding]:
    for gap in case.cluster.incomplete:
        if gap.exceeded:
            yield _finding(case, gap, gap.exceeded)


def _finding(case: Case, gap: Incomplete, exceeded: Exceeded) -> Finding:
    hidden = "the rest of the cluster" if exceeded.of_cluster else f"what {code(gap.about)} applies"
    return Finding(
        rule=ID,
        severity=Severity.ERROR,
        outcome=Outcome.SILENT,
        when=(When.FRESH, When.RUNNING),
        confidence=Confidence.PROVEN,
        about=gap.about,
        at=_place(case, gap, exceeded),
        message=f"{hidden[0].upper()}{hidden[1:]} is not judged: {exceeded.reason}.",
        object=exceeded.object,
        advice=_advice(exceeded),
        limit=exceeded.limit,
    )


def _place(case: Case, gap: Incomplete, exceeded: Exceeded) -> Span:
    if exceeded.path:
        return Span(exceeded.path, exceeded.line, exceeded.line)
    return case.place_of(gap.about, "spec", "path")


def _advice(exceeded: Exceeded) -> str:
    if not exceeded.setting:
        return "Make the build smaller. If the machine was only busy, have it checked again."
    return f"Make it smaller. If it is right as it is, whoever runs fluxbot can raise {code(exceeded.setting)}."


RULE = Rule(ID, Severity.ERROR, __doc__, check)
