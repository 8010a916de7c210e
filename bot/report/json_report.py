"""A review as JSON, for other programs: the schema is a promise (version 1) and changes only by addition."""

from __future__ import annotations

from bot import __version__
from bot.model.cluster import Incomplete
from bot.model.field import Value
from bot.model.finding import Finding, Related
from bot.model.fix import Fix
from bot.model.ref import Ref
from bot.model.review import ClusterSummary, Review
from bot.model.span import Span
from bot.report.escape import json_text

SCHEMA = 1


def render_json(review: Review, *, repository: str, seconds: float) -> str:
    """The whole review, names as they are."""
    document: Value = {
        "schema": SCHEMA,
        "fluxbot": __version__,
        "repository": repository,
        "base": review.base,
        "head": review.head,
        "conclusion": review.conclusion.value,
        "seconds": round(seconds, 2),
        "clusters": [_cluster(cluster) for cluster in review.clusters],
        "findings": [finding_value(finding) for finding in review.findings],
    }
    return json_text(document)


def _cluster(cluster: ClusterSummary) -> Value:
    return {
        "root": cluster.root,
        "flux": cluster.flux,
        "kustomizations": cluster.kustomizations,
        "releases": cluster.releases,
        "resources": cluster.resources,
        "fresh": {"ready": cluster.ready, "late": cluster.late, "stuck": cluster.stuck},
        "waves": [[f"{ref.namespace}/{ref.name}" for ref in wave] for wave in cluster.waves],
        "incomplete": [_incomplete(gap) for gap in cluster.incomplete],
    }


def finding_value(finding: Finding) -> dict[str, Value]:
    """One finding as it stands in the document."""
    return {
        "id": finding.id,
        "fingerprint": finding.fingerprint,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "outcome": finding.outcome.value,
        "when": [when.value for when in finding.when],
        "confidence": finding.confidence.value,
        "new": finding.new,
        "ignored": finding.ignored,
        "clusters": list(finding.clusters),
        "about": _ref(finding.about),
        "needs": _optional(finding.needs),
        "object": _optional(finding.object),
        "provider": _optional(finding.provider),
        "missing": str(finding.missing) if finding.missing else None,
        "at": _place(finding.at),
        "related": [_related(related) for related in finding.related],
        "message": finding.message,
        "predicted_error": finding.predicted or None,
        "fix": _fix(finding.fix) if finding.fix else None,
    }


def _fix(fix: Fix) -> Value:
    proof = fix.proof
    return {
        "title": fix.title,
        "kind": fix.kind.value,
        "safety": fix.safety.value,
        "edges": [[_ref(tail), _ref(head)] for tail, head in fix.edges],
        "patch": fix.patch,
        "proof": {
            "resolves": list(proof.resolves),
            "brings": list(proof.brings),
            "acyclic": proof.acyclic,
            "deletes": [_ref(ref) for ref in proof.deletes],
        },
        "steps": list(fix.steps),
        "cost": fix.cost,
    }


def _incomplete(gap: Incomplete) -> Value:
    return {"about": _ref(gap.about), "why": gap.why}


def _optional(ref: Ref | None) -> Value:
    return _ref(ref) if ref else None


def _ref(ref: Ref) -> Value:
    return {"group": ref.group, "kind": ref.kind, "namespace": ref.namespace, "name": ref.name}


def _place(span: Span) -> dict[str, Value]:
    return {"path": span.path, "line": span.line, "end_line": span.end_line}


def _related(related: Related) -> Value:
    return {**_place(related.at), "message": related.message}
