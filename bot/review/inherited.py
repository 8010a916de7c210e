"""What was wrong before a change: by fingerprint, in the names of after it.

What is merely moved or renamed was there before; what became worse was not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.model.cluster import Cluster
from bot.model.finding import Finding, Outcome
from bot.model.ref import Ref
from bot.review.family import family, goes_with_its_object
from bot.review.renamed import continued, renamed

_WORSE = (Outcome.STYLE, Outcome.SILENT, Outcome.LATE, Outcome.TERMINAL, Outcome.DEADLOCK, Outcome.DESTRUCTIVE)


@dataclass(frozen=True, slots=True)
class Inherited:
    """The findings of the base by root and what they say, both as the head has them.

    ``edged`` are the Kustomizations by root to whose ``dependsOn`` the change adds something: that this waits for
    nothing is what the change brings, though without it the order was as open.
    """

    found: Mapping[tuple[str, str], Sequence[Finding]]
    edged: frozenset[tuple[str, Ref]] = frozenset()

    def is_new(self, root: str, finding: Finding) -> bool:
        """Whether a finding of a cluster of the head was not there before, or not so bad.

        How bad it is does not depend on how sure it is: what fluxbot could not read before, it must not hold against
        the change that made it readable.
        """
        known = [one for key in _keys(finding) for one in self.found.get((root, key), ())]
        if (root, finding.about) in self.edged and finding.rule != family(finding.rule):
            known = [one for one in known if one.rule == finding.rule]
        return not any(_badness(one) >= _badness(finding) for one in known)


def inherited(
    found: Mapping[str, Sequence[Finding]], before: Mapping[str, Cluster], after: Mapping[str, Cluster]
) -> Inherited:
    """The findings ``found`` in the clusters of the base, for the clusters that they have become."""
    told: dict[tuple[str, str], list[Finding]] = {}
    edged: set[tuple[str, Ref]] = set()
    for root, old in continued(before, after).items():
        findings = found.get(old, ())
        names = renamed(before[old], after[root]) if findings else {}
        for finding in findings:
            for key in _keys(_now(finding, names)):
                told.setdefault((root, key), []).append(finding)
        edged |= {(root, ref) for ref in _edged(before[old], after[root], names)}
    return Inherited(told, frozenset(edged))


def _edged(before: Cluster, after: Cluster, names: Mapping[Ref, Ref]) -> Iterator[Ref]:
    """The Kustomizations that wait for something for which they did not wait before."""
    were = {names.get(ref, ref): node for ref, node in before.nodes.items()}
    for ref, node in after.nodes.items():
        known = {names.get(one.ref, one.ref) for one in were[ref].kustomization.depends_on} if ref in were else set()
        if any(one.ref not in known for one in node.kustomization.depends_on):
            yield ref


def _keys(finding: Finding) -> Iterator[str]:
    """The fingerprint, the same for all rules of a family; and that of the object alone, where it is the object's."""
    said = replace(finding, rule=family(finding.rule))
    yield said.fingerprint
    if finding.object and goes_with_its_object(finding):
        yield replace(said, about=finding.object).fingerprint


def _now(finding: Finding, names: Mapping[Ref, Ref]) -> Finding:
    """The finding with the names that its objects have after the change."""

    def name(ref: Ref | None) -> Ref | None:
        return names.get(ref, ref) if ref else None

    about = names.get(finding.about, finding.about)
    return replace(finding, about=about, needs=name(finding.needs), provider=name(finding.provider))


def _badness(finding: Finding) -> tuple[int, int]:
    return finding.severity.rank, _WORSE.index(finding.outcome)
