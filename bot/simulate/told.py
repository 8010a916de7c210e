"""A link of the graph in words, and where it is written."""

from __future__ import annotations

from bot.model.quote import code
from bot.model.span import Span
from bot.simulate.case import Case
from bot.simulate.link import Link, Reason


def told(link: Link) -> str:
    """One link as a clause that begins with the object that waits."""
    tail, head = code(link.step.ref), code(link.other.ref)
    match link.reason:
        case Reason.READS:
            made = "" if link.by == link.what else f", made from {code(link.by)}"
            return f"{tail} reads {code(link.what)}{made}, which {head} applies"
        case Reason.NEEDS:
            return f"{tail} applies {code(link.what)}, which needs what {head} brings"
        case Reason.USES:
            return f"{tail} is not ready before {code(link.what)}, which uses {code(link.by)} of {head}"
        case Reason.CREATED_BY:
            return f"{tail} is created by {head}"
        case Reason.WAITS_FOR:
            return f"{tail} is not ready before {head} is healthy"
        case Reason.DEPENDS_ON | Reason.GOES_ON:
            return f"{tail} depends on {head}"


def written(case: Case, link: Link) -> Span:
    """Where a link is written, in the object that waits."""
    ref = link.step.ref
    resource = case.resource(ref)
    if link.reason is Reason.DEPENDS_ON and resource:
        node = case.cluster.nodes.get(ref)
        above = node.parents if node else (case.cluster.releases[ref][1],)
        return case.place_of_entry(resource, "dependsOn", link.other.ref.name, above)
    return case.place_of(ref, *link.field)
