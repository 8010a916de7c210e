"""A review as SARIF 2.1.0, for code scanning and editors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import cleandoc
from typing import Final, assert_never

from bot import __version__
from bot.model.config import ConfigProblem
from bot.model.field import Value
from bot.model.finding import Finding, Related, Severity
from bot.model.review import Crashed, Review
from bot.model.span import Span
from bot.report.escape import json_text, sarif, uri
from bot.report.rule_info import RuleInfo

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT: Final = "fluxbot/v1"


def render_sarif(review: Review, *, rules: Sequence[RuleInfo]) -> str:
    """One run with a result for each finding; the ignored ones are suppressed, not left out."""
    index = {rule.id: number for number, rule in enumerate(rules)}
    run: Value = {
        "tool": {"driver": {"name": "fluxbot", "version": __version__, "rules": [_rule(rule) for rule in rules]}},
        "invocations": [_invocation(review)],
        "results": [_result(finding, index) for finding in review.findings],
    }
    document: Value = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_text(document)


def _rule(rule: RuleInfo) -> Value:
    doc = cleandoc(rule.doc)
    configuration: Value = {"level": _level(rule.severity), "enabled": rule.severity is not Severity.OFF}
    return {
        "id": rule.id,
        "shortDescription": {"text": doc.partition("\n")[0] or rule.id},
        "help": {"text": doc or rule.id, "markdown": doc or rule.id},
        "defaultConfiguration": configuration,
    }


def _invocation(review: Review) -> Value:
    """How the run itself went: rules that failed, and what is wrong in the configuration."""
    return {
        "executionSuccessful": not review.crashed,
        "toolExecutionNotifications": [_crash(crash) for crash in review.crashed],
        "toolConfigurationNotifications": [_problem(problem) for problem in review.problems],
    }


def _crash(crash: Crashed) -> Value:
    return {"level": "error", "message": _message(f"the rule {crash.rule} failed: {crash.error}")}


def _problem(problem: ConfigProblem) -> Value:
    place = Span(problem.path, problem.line, problem.line)
    return {"level": "warning", "message": _message(problem.message), "locations": [_location(place)]}


def _result(finding: Finding, index: Mapping[str, int]) -> Value:
    result: dict[str, Value] = {"ruleId": finding.rule}
    if finding.rule in index:
        result["ruleIndex"] = index[finding.rule]
    result["level"] = _level(finding.severity)
    result["message"] = _message("\n\n".join(filter(None, (finding.message, finding.predicted, finding.advice))))
    result["locations"] = [_subject(finding)]
    result["relatedLocations"] = [_related(number, related) for number, related in enumerate(finding.related, 1)]
    result["partialFingerprints"] = {FINGERPRINT: finding.fingerprint}
    # An empty list says that the result is known not to be suppressed (2.1.0 §3.27.23).
    result["suppressions"] = [] if finding.ignored is None else [_suppression(finding.ignored)]
    result["properties"] = {
        "outcome": finding.outcome.value,
        "when": [when.value for when in finding.when],
        "confidence": finding.confidence.value,
        "clusters": list(finding.clusters),
    }
    return result


def _suppression(reason: str) -> Value:
    """Ignored by the configuration, which lies outside of the file (``external``)."""
    return {"kind": "external", "status": "accepted", "justification": sarif(reason)}


def _subject(finding: Finding) -> Value:
    about: Value = {"fullyQualifiedName": str(finding.about), "kind": "resource"}
    return {**_location(finding.at), "logicalLocations": [about]}


def _related(number: int, related: Related) -> Value:
    return {"id": number, **_location(related.at), "message": _message(related.message)}


def _location(span: Span) -> dict[str, Value]:
    region: Value = {"startLine": span.line, "endLine": span.end_line}
    return {"physicalLocation": {"artifactLocation": {"uri": uri(span.path)}, "region": region}}


def _message(text: str) -> Value:
    return {"text": sarif(text)}


def _level(severity: Severity) -> str:
    match severity:
        case Severity.ERROR:
            return "error"
        case Severity.WARNING:
            return "warning"
        case Severity.NOTE:
            return "note"
        case Severity.OFF:
            return "none"
        case _:
            assert_never(severity)
