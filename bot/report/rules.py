"""The list of rules, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import assert_never

from bot.report.rule_info import RuleInfo


class RulesFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def render_rules(rules: Sequence[RuleInfo], format: RulesFormat) -> str:  # noqa: A002 - named as the option
    """The rules in that format, ending in a newline: the list as text, with the manuals as JSON and Markdown."""
    match format:
        case RulesFormat.TEXT:
            width = max(len(rule.id) for rule in rules)
            return "".join(f"{rule.id:{width}}  {rule.severity:7}  {_title(rule)}\n" for rule in rules)
        case RulesFormat.JSON:
            rows = [{"id": rule.id, "severity": str(rule.severity), "doc": rule.doc.strip()} for rule in rules]
            return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
        case RulesFormat.MARKDOWN:
            return "\n".join(f"# {rule.id}\n\nDefault: {rule.severity}\n\n{rule.doc.strip()}\n" for rule in rules)
        case _:
            assert_never(format)


def _title(rule: RuleInfo) -> str:
    return rule.doc.strip().partition("\n")[0]
