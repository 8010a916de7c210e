"""Findings about a missing order between two Kustomizations, which differ only in what would order them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.model.cluster import Means
from bot.model.field import text
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case
from bot.simulate.order import Gap, Opening, between


@dataclass(frozen=True, slots=True)
class Wording:
    """What a rule says of an opening: why nothing orders the two (the end of a clause), and what would."""

    reason: str
    advice: str


def opened(case: Case, gap: Gap) -> Iterator[Opening]:
    """The openings of one sort, but for those that no order can close because both sides need each other.

    Those may be a deadlock already, or be one once the one depends on the other.
    """
    needed = {(link.step.ref, link.what) for ring in case.rings for link in ring.links if link.kind}
    found = (one for one in case.openings if one.gap is gap and not case.reach.forbids(one.dependent, one.owner))
    return (opening for opening in found if (opening.dependent, opening.need.resource.ref) not in needed)


def late_finding(case: Case, rule: str, opening: Opening, wording: Wording) -> Finding:
    """The finding: the dependent may start too early, and a retry heals it after its retry interval."""
    need, dependent, provider = opening.need, opening.dependent, opening.provider
    soft = case.is_soft(need.fact.what, dependent)
    when = case.when(lambda running: running.is_late(dependent) and need in running.unsure(dependent))
    return Finding(
        rule=rule,
        severity=Severity.NOTE if soft else Severity.WARNING,
        outcome=Outcome.LATE,
        when=when,
        confidence=case.sure(need.fact.what, provider.confidence),
        about=dependent,
        needs=opening.owner,
        object=need.resource.ref,
        provider=provider.by,
        missing=need.missing,
        at=case.place_of(dependent, "spec", "dependsOn"),
        message=(
            f"{code(dependent)} applies {code(need.resource.ref)} {wording.reason}; "
            f"{scene(when)} it fails at first, and Flux tries again only after {retry_after(case, dependent)}."
        ),
        predicted=need.predicted,
        advice=wording.advice,
        related=(
            Related(case.place(need.resource), f"{code(need.resource.ref)} needs {code(need.fact.what)}"),
            bringer(case, opening, "it"),
        ),
    )


def bringer(case: Case, opening: Opening, what: str) -> Related:
    """The place of what brings a kind; of the Kustomization that takes it from another host, where it is not here."""
    by, owner = opening.provider.by, opening.owner
    if case.resource(by):
        applied = "" if owner == opening.dependent else f", applied by {code(owner)}"
        return Related(case.place_of(by), f"{code(by)} brings {what}{applied}")
    return Related(case.place_of(owner), f"{code(owner)} takes {code(by)} from another host, which brings {what}")


def bringing(opening: Opening) -> str:
    """The clause after the name of the Kustomization that the CRD comes from."""
    if opening.provider.means is Means.MANIFEST:
        return "which brings the CRD"
    return f"whose {code(opening.provider.by)} brings the CRD"


def waiting_for(case: Case, opening: Opening, awaited: Ref) -> str:
    """The clause that says how the dependent waits for a Kustomization: by itself, or by way of another one."""
    by = between(case.cluster, opening.dependent, awaited)
    return f"waits for {code(awaited)} by way of {code(by)}" if by else f"depends on {code(awaited)}"


def scene(when: tuple[When, ...]) -> str:
    """Where it happens, as the beginning of a clause."""
    return "on the running cluster and on a fresh one" if When.RUNNING in when else "on a fresh cluster"


def retry_after(case: Case, ref: Ref) -> str:
    """How long kustomize-controller waits before it tries again: ``retryInterval``, which defaults to ``interval``."""
    spec = case.cluster.nodes[ref].kustomization.spec
    return text(spec, "retryInterval") or text(spec, "interval") or "its interval"
