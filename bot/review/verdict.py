"""From the findings of every cluster to what is said, and to the conclusion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.model.cluster import Cluster, Confidence
from bot.model.config import Config
from bot.model.finding import Finding, Severity, When
from bot.model.review import Conclusion
from bot.review.inherited import Inherited


@dataclass(frozen=True, slots=True)
class Said:
    """The findings by cluster root; ``known`` are those of the base, None in an audit."""

    found: Mapping[str, tuple[Finding, ...]]
    known: Inherited | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said, worst first, and the configuration that decides what it means."""

    findings: tuple[Finding, ...]
    config: Config

    def conclusion(self, *, crashed: bool, clusters: Iterable[Cluster]) -> Conclusion:
        """Failure where the gate says so, where a rule broke, or where not knowing is configured to fail."""
        blind = self.config.on_incomplete == "fail" and any(cluster.incomplete for cluster in clusters)
        gated = any(fails(finding, self.config) for finding in self.findings)
        return Conclusion.FAILURE if crashed or blind or gated else Conclusion.SUCCESS


def verdict(said: Said, config: Config) -> Verdict:
    """One finding for each fingerprint, with the severity that the configuration and the evidence allow.

    Of a change only what it brings, with the clusters to which it brings that.
    """
    merged: dict[str, Finding] = {}
    for root, findings in said.found.items():
        for finding in findings:
            if said.known is not None and not said.known.is_new(root, finding):
                continue
            before = merged.get(finding.fingerprint)
            if before is None:
                merged[finding.fingerprint] = replace(finding, clusters=(root,), new=said.known is not None)
            elif root not in before.clusters:
                merged[finding.fingerprint] = replace(before, clusters=(*before.clusters, root))
    weighed = (_weighed(finding, config) for finding in merged.values())
    kept = (finding for finding in weighed if finding.severity is not Severity.OFF)
    return Verdict(tuple(sorted(kept, key=_order)), config)


def _weighed(finding: Finding, config: Config) -> Finding:
    severity = config.rules.get(finding.rule, finding.severity)
    if finding.confidence is Confidence.GUESS and severity.rank > Severity.NOTE.rank:
        severity = Severity.NOTE
    return replace(finding, severity=severity, ignored=_ignored(finding, config))


def _ignored(finding: Finding, config: Config) -> str | None:
    for accepted in config.accepted:
        if accepted.finding == finding.fingerprint:
            return str(accepted)
    for entry in config.ignore:
        if entry.rule == finding.rule and entry.about in (str(finding.about), ""):
            return entry.reason
    return None


def fails(finding: Finding, config: Config) -> bool:
    """Whether a finding fails the check: severe enough for its kind of cluster, and not accepted by anybody."""
    if finding.ignored is not None or finding.confidence is Confidence.GUESS:
        return False
    gates = {When.FRESH: config.gate_fresh, When.RUNNING: config.gate_running}
    return any(gates[when] is not Severity.OFF and finding.severity.rank >= gates[when].rank for when in finding.when)


def _order(finding: Finding) -> tuple[int, bool, str, int, str]:
    return (-finding.severity.rank, finding.ignored is not None, finding.at.path, finding.at.line, finding.fingerprint)
