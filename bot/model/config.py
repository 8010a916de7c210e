"""What `.fluxbot.yaml` says, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """The whole file; the defaults are what holds without one, or where it is not ``readable`` at all."""

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
