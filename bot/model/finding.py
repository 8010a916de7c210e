"""What a reviewer should know."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from bot.model.cluster import Confidence
from bot.model.fix import Fix
from bot.model.ref import GroupKind, Ref
from bot.model.span import Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    OFF = "off"

    @property
    def rank(self) -> int:
        """0 for off, 3 for error."""
        return ("off", "note", "warning", "error").index(self.value)


class Outcome(StrEnum):
    """What becomes of the object (flux-semantics: deadlock never heals, late heals by a retry)."""

    DEADLOCK = "deadlock"
    TERMINAL = "terminal"
    LATE = "late"
    SILENT = "silent"
    DESTRUCTIVE = "destructive"
    STYLE = "style"


class When(StrEnum):
    FRESH = "fresh"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that explains the first."""

    at: Span
    message: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A kind in a version that is not there yet."""

    what: GroupKind
    version: str

    def __str__(self) -> str:
        """``ClusterIssuer.cert-manager.io/v1``."""
        return f"{self.what}/{self.version}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a reviewer should know, with the place to say it.

    ``about`` is the object that must change, ``needs`` the other party,
    ``object`` the one that fails, ``provider`` what brings what is missing
    (bot's contract, JSON). ``about`` of a broken file is a Ref of kind
    ``File`` whose name is the path. ``limit`` is the limit that was passed,
    where that is what is wrong. ``fix`` is one that was proven.
    """

    rule: str
    severity: Severity
    outcome: Outcome
    when: tuple[When, ...]
    confidence: Confidence
    about: Ref
    at: Span
    message: str
    needs: Ref | None = None
    object: Ref | None = None
    provider: Ref | None = None
    missing: Missing | None = None
    related: tuple[Related, ...] = ()
    predicted: str = ""
    advice: str = ""
    clusters: tuple[str, ...] = ()
    new: bool = False
    ignored: str | None = None
    limit: str = ""
    fix: Fix | None = None

    @property
    def fingerprint(self) -> str:
        """Stable across rebases: no line, no object's name, no version."""
        what = str(self.missing.what) if self.missing else ""
        parts = (self.rule, str(self.about), str(self.needs or self.provider or ""), what or self.limit)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

    @property
    def id(self) -> str:
        return self.fingerprint[:6]
