"""Clusters in other repositories that deploy this one: judged there, and told in this one's terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.config import find_config, read_config
from bot.engine import Examination, Question
from bot.model.config import ClusterConfig, Config
from bot.model.finding import Finding
from bot.model.quote import code
from bot.model.review import ClusterSummary, Conclusion, Review
from bot.model.snapshot import MOUNT, Mount, Snapshot, mounted
from bot.model.span import Span
from bot.rules import RULES
from bot.simulate.case import Case

MOST_FLEETS: Final = 5
"""Other repositories that one review reads."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A commit of another repository on this machine; ``why`` it is not where it is not.

    ``is_named``: this repository's configuration names it, and so wants to hear
    why it was not looked at.
    """

    name: str
    folder: str = ""
    commit: str = ""
    why: str = ""
    is_named: bool = True


@dataclass(frozen=True, slots=True)
class Needs:
    """The other repositories without which a question cannot be answered; ``named`` by its configuration or not."""

    repositories: tuple[str, ...]
    named: frozenset[str]


def fleets(config: Config, readers: Iterable[str] = ()) -> Needs:
    """The other repositories that the configuration names, and those that are known to read this one."""
    named = dict.fromkeys(cluster.repository for cluster in config.clusters if cluster.repository)
    return Needs(tuple(dict.fromkeys((*named, *readers)))[:MOST_FLEETS], frozenset(named))


def question_of(question: Question, name: str, fleet: Snapshot, mount: Mount) -> Question:
    """The same change as it looks from the fleet: its clusters, with this repository as one of their sources."""
    told = {cluster.root: cluster for cluster in _own_clusters(fleet, question)}
    roots = []
    for cluster in question.config.clusters:
        if cluster.repository == name:
            roots.append(cluster.root)
            known = told.get(cluster.root, ClusterConfig(cluster.root))
            told[cluster.root] = _over(cluster, known)
    base = mounted(fleet, question.base, mount) if question.base else None
    config = replace(question.config, clusters=tuple(told.values()), problems=())
    head = mounted(fleet, question.head, mount)
    return replace(question, head=head, base=base, config=config, roots=tuple(roots), branch="")


def _own_clusters(fleet: Snapshot, question: Question) -> tuple[ClusterConfig, ...]:
    found = find_config(fleet)
    rules = {rule.id for rule in RULES}
    return read_config(*found, rules=rules, today=question.today).clusters if found else ()


def _over(here: ClusterConfig, there: ClusterConfig) -> ClusterConfig:
    """What the fleet says of its cluster, and what this repository adds."""
    return replace(
        there,
        repository=None,
        flux=here.flux or there.flux,
        variables={**there.variables, **here.variables},
        crds=(*there.crds, *here.crds),
        namespaces=(*there.namespaces, *here.namespaces),
        objects=(*there.objects, *here.objects),
    )


def deploys(examination: Examination) -> bool:
    """Whether any of the clusters reads the mounted repository; one that does not must not be told of."""
    return any(
        path.startswith(MOUNT)
        for case in (*examination.cases.values(), *examination.before.values())
        for node in case.cluster.nodes.values()
        for path in node.read
    )


def joined(own: Examination, others: Mapping[str, Examination]) -> Examination:
    """One examination of all clusters, each named by its repository where that is another one."""
    reviews = [own.review, *(_renamed(one.review, name) for name, one in others.items())]
    failed = any(one.conclusion is Conclusion.FAILURE for one in reviews)
    findings = [finding for one in reviews for finding in one.findings]
    review = replace(
        own.review,
        conclusion=Conclusion.FAILURE if failed else Conclusion.SUCCESS,
        clusters=tuple(cluster for one in reviews for cluster in one.clusters),
        findings=tuple(sorted(findings, key=lambda one: -one.severity.rank)),
        crashed=tuple(crash for one in reviews for crash in one.crashed),
    )
    return Examination(review, _cases(own, others, lambda one: one.cases), _cases(own, others, lambda one: one.before))


def _cases(
    own: Examination, others: Mapping[str, Examination], of: Callable[[Examination], Mapping[str, Case]]
) -> Mapping[str, Case]:
    return {**of(own), **{f"{name}:{root}": case for name, one in others.items() for root, case in of(one).items()}}


def _renamed(review: Review, name: str) -> Review:
    return replace(
        review,
        clusters=tuple(_cluster(cluster, name) for cluster in review.clusters),
        findings=tuple(_finding(finding, name) for finding in review.findings),
    )


def _cluster(cluster: ClusterSummary, name: str) -> ClusterSummary:
    return replace(cluster, root=f"{name}:{cluster.root}")


def _finding(finding: Finding, name: str) -> Finding:
    related = tuple(replace(one, at=_span(one.at, name)) for one in finding.related)
    roots = tuple(f"{name}:{root}" for root in finding.clusters)
    return replace(finding, at=_span(finding.at, name), related=related, clusters=roots)


def _span(span: Span, name: str) -> Span:
    """A place in this repository by its own path, one in the other by that repository's name and its path."""
    inner = span.path.removeprefix(MOUNT)
    return replace(span, path=inner if inner != span.path else f"{name}:{span.path}")


def untold(name: str, why: str) -> str:
    """What is said of a repository that could not be taken in."""
    return f"{code(name)} was not looked at: {why}."
