"""What `.fluxbot.yaml` says, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from bot.model.field import FieldPath
from bot.model.finding import Severity


@dataclass(frozen=True, slots=True)
class ClusterConfig:
    """One entry of ``clusters``."""

    root: str
    flux: str | None = None
    branch: str | None = None
    repository: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    crds: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignore:
    """One entry of ``ignore``: a finding of this rule about this object (``Kind/namespace/name``) is accepted."""

    rule: str
    about: str
    reason: str
    until: date | None
    line: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that somebody accepted for one pull request: ``by`` is a login, ``finding`` a fingerprint."""

    finding: str
    reason: str
    by: str
    on: date

    def __str__(self) -> str:
        """Why and by whom, as the check run tells it."""
        return f"{self.reason} ({self.by}, on this pull request, {self.on})"


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """What is wrong in the file, and where."""

    path: str
    line: int
    message: str
    key: FieldPath = ()

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file; the defaults are what holds without one, or where it is not ``readable`` at all.

    ``written`` are the keys that stand in the file. ``accepted`` stands in no
    file: it is what was accepted for the pull request that is judged.
    """

    gate_fresh: Severity = Severity.ERROR
    gate_running: Severity = Severity.ERROR
    on_incomplete: str = "warn"
    clusters: tuple[ClusterConfig, ...] = ()
    rules: Mapping[str, Severity] = field(default_factory=dict)
    soft: tuple[str, ...] | None = None
    ignore: tuple[Ignore, ...] = ()
    chart_hosts: tuple[str, ...] | None = None
    comment: str = "auto"
    problems: tuple[ConfigProblem, ...] = ()
    readable: bool = True
    accepted: tuple[Accepted, ...] = ()
    written: frozenset[str] = field(default=frozenset(), compare=False)

    def over(self, defaults: Config) -> Config:
        """This one where it says something, else ``defaults``; single rules and ignores of both count."""
        says = self.written.__contains__
        return replace(
            self,
            gate_fresh=self.gate_fresh if says("gate") else defaults.gate_fresh,
            gate_running=self.gate_running if says("gate") else defaults.gate_running,
            on_incomplete=self.on_incomplete if says("on-incomplete") else defaults.on_incomplete,
            clusters=self.clusters if says("clusters") else defaults.clusters,
            rules={**defaults.rules, **self.rules},
            soft=self.soft if says("soft") else defaults.soft,
            ignore=(*self.ignore, *defaults.ignore),
            chart_hosts=self.chart_hosts if says("charts") else defaults.chart_hosts,
            comment=self.comment if says("comment") else defaults.comment,
            problems=(*self.problems, *defaults.problems),
        )
