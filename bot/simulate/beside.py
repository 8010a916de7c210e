"""Findings about a custom resource beside what brings its CRD, which differ only in how that is brought."""

from __future__ import annotations

from dataclasses import dataclass

from bot.flux.resource_set import RESOURCE_SET
from bot.model.finding import Finding, Outcome, Related, Severity
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case
from bot.simulate.late import scene
from bot.simulate.order import Opening


@dataclass(frozen=True, slots=True)
class Wording:
    """What a rule says of an opening: ``source`` ends "needs the CRD that", ``bringer`` is its place, and the cure."""

    source: str
    bringer: Related
    advice: str


def deadlock_finding(case: Case, rule: str, opening: Opening, wording: Wording) -> Finding:
    """The finding: the dry-run of the one keeps the other from ever being applied."""
    need, dependent = opening.need, opening.dependent
    when = case.when(lambda running: need in running.absent(dependent))
    return Finding(
        rule=rule,
        severity=Severity.ERROR,
        outcome=Outcome.DEADLOCK,
        when=when,
        confidence=case.sure(need.fact.what, opening.provider.confidence),
        about=dependent,
        object=need.resource.ref,
        provider=opening.provider.by,
        missing=need.missing,
        at=case.place(need.resource),
        message=(
            f"{code(need.resource.ref)} needs the CRD that {wording.source}, {_where(opening)}; "
            f"{_together(dependent)} before it applies any of it, so {scene(when)} the CRD never comes."
        ),
        predicted=need.predicted,
        advice=wording.advice,
        related=(
            wording.bringer,
            Related(case.place_of(dependent), f"{code(dependent)} applies {_both(opening)}"),
        ),
    )


def _together(dependent: Ref) -> str:
    if dependent.kind == RESOURCE_SET.kind:
        return "the Flux Operator dry-runs all of a ResourceSet, or of one of its steps,"
    return "Flux dry-runs all of a Kustomization"


def _where(opening: Opening) -> str:
    if opening.owner == opening.dependent:
        return f"and both are in {code(opening.dependent)}"
    return f"but {code(opening.owner)}, which applies that, is itself created by {code(opening.dependent)}"


def _both(opening: Opening) -> str:
    return "both" if opening.owner == opening.dependent else f"the resource and creates {code(opening.owner)}"
