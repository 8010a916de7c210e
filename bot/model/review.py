"""The result of all: what a change brings, cluster by cluster."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model.cluster import Incomplete
from bot.model.config import ConfigProblem
from bot.model.finding import Finding
from bot.model.ref import GroupKind, Ref


class Conclusion(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A HelmRelease that gets another version of its chart; a version that is not written is empty."""

    release: Ref
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class CrdChange:
    """A CRD that comes with a release's chart and that its upgrade changes; ``used`` are the cluster's objects of it.

    ``more`` and ``less`` are the versions that are served now, and no longer.
    """

    release: Ref
    what: GroupKind
    more: tuple[str, ...]
    less: tuple[str, ...]
    is_new: bool
    is_gone: bool
    used: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a merge does to one running cluster. ``is_new``: the base has no such cluster."""

    created: tuple[Ref, ...] = ()
    changed: tuple[Ref, ...] = ()
    deleted: tuple[Ref, ...] = ()
    upgraded: tuple[Upgrade, ...] = ()
    is_new: bool = False
    crds: tuple[CrdChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.created or self.changed or self.deleted or self.upgraded or self.crds)


@dataclass(frozen=True, slots=True)
class ClusterSummary:
    """One cluster in numbers.

    ``waves`` hold the Kustomizations that a fresh cluster brings up together,
    in order. ``effect`` and those of before compare it with the base; None and
    0 where there is none. ``follows`` is set where the cluster was not looked
    at, because it follows that and not the branch that the change goes to.
    """

    root: str
    flux: str | None
    kustomizations: int
    releases: int
    resources: int
    ready: int
    late: int
    stuck: int
    waves: tuple[tuple[Ref, ...], ...]
    incomplete: tuple[Incomplete, ...]
    effect: Effect | None = None
    waves_before: tuple[tuple[Ref, ...], ...] | None = None
    late_before: int = 0
    stuck_before: int = 0
    follows: str = ""


@dataclass(frozen=True, slots=True)
class Crashed:
    """A rule that raised; the others went on."""

    rule: str
    error: str


@dataclass(frozen=True, slots=True)
class Review:
    """What is to be said. ``findings`` are sorted by severity and place; the ignored ones are among them, marked."""

    conclusion: Conclusion
    clusters: tuple[ClusterSummary, ...]
    findings: tuple[Finding, ...]
    problems: tuple[ConfigProblem, ...] = ()
    crashed: tuple[Crashed, ...] = ()
    base: str | None = None
    head: str | None = None
