"""The result of all: what a change brings, cluster by cluster."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model.cluster import Incomplete
from bot.model.config import ConfigProblem
from bot.model.finding import Finding
from bot.model.ref import Ref


class Conclusion(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class ClusterSummary:
    """One cluster in numbers. ``waves`` hold the Kustomizations that a fresh cluster brings up together, in order."""

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
