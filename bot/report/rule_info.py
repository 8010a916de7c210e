"""What a report says about a rule itself."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.finding import Severity


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """A rule's id, its severity where nothing configures it, and its manual (Markdown, ours)."""

    id: str
    severity: Severity
    doc: str
