"""From a review and the clusters that it was made from to what its page shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.model.ref import Ref
from bot.model.review import Review
from bot.simulate.case import Case
from bot.view.boxes import boxes
from bot.view.ties import ties
from bot.view.view import ClusterView, State, View


def viewed(review: Review, cases: Mapping[str, Case], before: Mapping[str, Case]) -> View:
    """The view of a review. ``before`` is ``cases`` itself where there is no change to look at."""
    is_compared = before is not cases
    roots = dict.fromkeys((*cases, *before))
    return View(
        review=review,
        clusters=tuple(_cluster(root, before.get(root), cases.get(root)) for root in roots),
        concerned=tuple(_concerned(review, cases, before)),
        is_compared=is_compared,
    )


def _cluster(root: str, before: Case | None, after: Case | None) -> ClusterView:
    found = tuple(boxes(before, after))
    shown = after or before
    return ClusterView(
        root=root,
        flux=shown.cluster.flux if shown else None,
        boxes=found,
        ties=tuple(ties(before, after)),
        waves_before=_waves([box.before for box in found]) if before else None,
        waves_after=_waves([box.after for box in found]) if after else None,
    )


def _waves(states: list[State | None]) -> int:
    return 1 + max((state.layer for state in states if state), default=-1)


def _concerned(
    review: Review, cases: Mapping[str, Case], before: Mapping[str, Case]
) -> Iterator[tuple[str, str, tuple[Ref, ...]]]:
    for finding in review.findings:
        refs = [ref for ref in (finding.about, finding.needs, finding.object, finding.provider) if ref]
        for root in finding.clusters:
            owners = [_owner(side.get(root), ref) for ref in refs for side in (cases, before)]
            found = tuple(dict.fromkeys(owner for owner in owners if owner))
            if found:
                yield finding.fingerprint, root, found


def _owner(case: Case | None, ref: Ref) -> Ref | None:
    if case is None:
        return None
    if ref in case.cluster.nodes:
        return ref
    found = case.cluster.resources.get(ref)
    return found[1] if found else None
