"""A review in numbers, as all formats for people print them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from bot.model.cluster import Incomplete
from bot.model.finding import Finding, Severity
from bot.model.review import ClusterSummary, Conclusion, Review
from bot.review.words import counted, listed


@dataclass(frozen=True, slots=True)
class Tally:
    """What of a review is shown, and how much else there is."""

    review: Review
    shown: tuple[Finding, ...]
    ignored: int
    gaps: int

    @classmethod
    def of(cls, review: Review) -> Tally:
        shown = tuple(finding for finding in review.findings if finding.ignored is None)
        return cls(review, shown, len(review.findings) - len(shown), len(gaps(review.clusters)))

    @property
    def silent(self) -> bool:
        """Whether one line says it all."""
        return not (self.shown or self.review.problems or self.review.crashed or self.gaps)

    @property
    def findings(self) -> str:
        """``1 error and 2 notes``."""
        numbers = {s: sum(finding.severity is s for finding in self.shown) for s in Severity}
        parts = listed(counted(number, severity.value) for severity, number in numbers.items() if number)
        return parts or "no findings"

    def sentence(self, seconds: float | None = None) -> str:
        """The last line, or the only one."""
        parts = [self.findings, self._scope()]
        parts += [f"{self.ignored:,} ignored"] if self.ignored else []
        parts += [f"{self.gaps:,} not looked at"] if self.gaps else []
        parts += [verdict(self.review.conclusion)] if not self.silent else []
        parts += [f"{seconds:.1f} s"] if seconds is not None else []
        return "fluxbot: " + " · ".join(parts)

    def _scope(self) -> str:
        clusters = self.review.clusters
        if not clusters:
            return "no Flux cluster found"
        if not self.silent:
            return counted(len(clusters), "cluster")
        return f"{counted(len(clusters), 'cluster')} · {about_clusters(clusters)}"


def gaps(clusters: Iterable[ClusterSummary]) -> tuple[Incomplete, ...]:
    """What could not be looked at, each thing once even where several clusters lack it."""
    return tuple(dict.fromkeys(gap for cluster in clusters for gap in cluster.incomplete))


def about_cluster(cluster: ClusterSummary) -> str:
    """``12 Kustomizations, 20 HelmReleases · fresh cluster: 11 ready, 1 late, 1 stuck``."""
    flux = f" · Flux {cluster.flux}" if cluster.flux else ""
    return about_clusters((cluster,)) + flux


def about_clusters(clusters: Iterable[ClusterSummary]) -> str:
    """The same for several, summed up."""
    several = tuple(clusters)
    kustomizations = counted(sum(c.kustomizations for c in several), "Kustomization")
    releases = counted(sum(c.releases for c in several), "HelmRelease")
    return f"{kustomizations}, {releases} · fresh cluster: {fresh(several)}"


def fresh(clusters: Iterable[ClusterSummary]) -> str:
    """``11 ready, 1 late, 1 stuck``; what is zero is left out, except the ready ones."""
    several = tuple(clusters)
    late, stuck = sum(c.late for c in several), sum(c.stuck for c in several)
    parts = [f"{sum(c.ready for c in several):,} ready"]
    parts += [f"{late:,} late"] if late else []
    parts += [f"{stuck:,} stuck"] if stuck else []
    return ", ".join(parts)


def verdict(conclusion: Conclusion) -> str:
    """The conclusion in a word or two."""
    match conclusion:
        case Conclusion.SUCCESS:
            return "passes"
        case Conclusion.FAILURE:
            return "fails"
        case Conclusion.NEUTRAL:
            return "decides nothing"
        case _:
            assert_never(conclusion)
