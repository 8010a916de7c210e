"""Findings about what Flux deletes while it is handed from one Kustomization to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Related, Severity, When
from bot.model.quote import code
from bot.model.ref import Ref
from bot.model.resource import Resource
from bot.model.span import Span
from bot.simulate.case import Case
from bot.simulate.transfer import Takeover, Transfer, is_replaced, lost_with


@dataclass(frozen=True, slots=True)
class Wording:
    """What a rule says of a transfer: of whom and of which other, where, what moves, and what to do."""

    about: Ref
    needs: Ref
    at: Span
    happened: str
    advice: str


def lost_finding(case: Case, rule: str, transfer: Transfer, moved: Sequence[Resource], wording: Wording) -> Finding:
    """The finding: what moves is deleted on the running cluster before its new owner makes it again.

    ``moved`` are the objects that the rule speaks of, the one with most to lose first.
    """
    first = moved[0]
    is_sure = transfer.is_sure and not case.may_never_have_come(transfer.old)
    deletes = "deletes" if transfer.is_sure else "may delete"
    return Finding(
        rule=rule,
        severity=Severity.WARNING if is_replaced(case, first) else Severity.ERROR,
        outcome=Outcome.DESTRUCTIVE,
        when=(When.RUNNING,),
        confidence=Confidence.PROVEN if is_sure else Confidence.LIKELY,
        about=wording.about,
        needs=wording.needs,
        object=first.ref,
        at=wording.at,
        message=(
            f"{wording.happened}; on the running cluster Flux {deletes} {them(moved)} before the new owner "
            f"makes {them(moved)} again, and {lost_with(case, first)}.{_if_live(case, transfer, moved)}"
        ),
        advice=wording.advice,
        related=(Related(case.place_of(transfer.new), f"{code(transfer.new)} applies {them(moved)} now"),),
    )


def _if_live(case: Case, transfer: Transfer, moved: Sequence[Resource]) -> str:
    """A sentence where it may be that nothing is lost; what came before it broke is live all the same."""
    if not case.may_never_have_come(transfer.old):
        return ""
    they, verb = ("they", "are") if len(moved) > 1 else ("it", "is")
    old = code(transfer.old)
    return f" Whether {they} {verb} live is not known: as it was, {old} never applies {them(moved)} to a fresh cluster."


def named(moved: Sequence[Resource]) -> str:
    """The first object by name and the others by number."""
    more = len(moved) - 1
    return code(moved[0].ref) + (f" and {more:,} more object{'s' if more > 1 else ''}" if more else "")


def them(moved: Sequence[Resource]) -> str:
    return "them" if len(moved) > 1 else "it"


def moving(transfer: Transfer, moved: Sequence[Resource]) -> str:
    """What moves from where to where, and why the new owner does not come first, as the first half of a sentence."""
    new, old = code(transfer.new), code(transfer.old)
    moves = f"{named(moved)} {'move' if len(moved) > 1 else 'moves'} from {old} to {new}"
    match transfer.takeover:
        case Takeover.AFTERWARDS:
            return f"{moves}, which waits until {old} is ready"
        case Takeover.NOT_THERE_YET:
            return f"{moves}, which the cluster does not have yet"
        case Takeover.OPEN | Takeover.FIRST:
            return f"{moves}, and nothing makes {new} go first"
