"""The conversation that ends in a Review.

It asks for builds and renders, and whoever drives it answers; nothing here
touches a file, a clock or a network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.flux.entry import Entry
from bot.load.bootstrapped import bootstrapped
from bot.load.cluster import Known, load
from bot.load.entrance import entrances, following, hidden_entries, named_unapplied
from bot.load.shared import Shared
from bot.load.together import together
from bot.model.ask import Conversation
from bot.model.cluster import Cluster, Incomplete, Provided
from bot.model.config import ClusterConfig, Config
from bot.model.finding import Severity
from bot.model.limits import Exceeded
from bot.model.review import ClusterSummary, Effect, Review
from bot.model.snapshot import Snapshot
from bot.review.inherited import Inherited, inherited
from bot.review.judging import Judged, judged, judged_before
from bot.review.summary import summed
from bot.review.verdict import Said, verdict
from bot.rules import RULES
from bot.simulate.case import Case, case
from bot.simulate.stage import stage


@dataclass(frozen=True, slots=True)
class Question:
    """What to review: the tree ``head``, compared with ``base`` if there is one.

    ``roots`` name the clusters where the user does; ``flux`` overrides the
    version that the tree tells; ``today`` decides which ignores have expired.
    ``fetches`` is whether charts of other places may be asked for. ``branch``
    is where the change goes; empty where nobody says: then all clusters are
    taken to follow it.
    """

    head: Snapshot
    base: Snapshot | None
    config: Config
    today: date
    roots: tuple[str, ...] = ()
    flux: str | None = None
    fetches: bool = False
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """A review with the clusters that it was made from, for those who draw or explain."""

    review: Review
    cases: Mapping[str, Case]
    before: Mapping[str, Case]


def examine(question: Question) -> Conversation[Examination]:
    """The review of a question."""
    compared = question.base if question.base is not question.head else None
    every = entrances(question.head, question.config, question.roots)
    every_before = entrances(compared, question.config, question.roots) if compared else ()
    aside = _aside(question, every, every_before if compared else every)
    found = tuple(one for one in every if one.root not in aside)
    before_found = tuple(one for one in every_before if one.root not in aside)
    hidden = hidden_entries(question.head, found, before_found)
    begun = {**{one.root: one for one in found}, **{root: one for root, (one, _) in hidden.items()}}
    shared = Shared()
    loads = {
        ("head", root): load for root, load in _loads(question, question.head, tuple(begun.values()), shared).items()
    }
    if compared:
        of_base = _loads(question, compared, before_found, shared)
        loads |= {("base", root): load for root, load in of_base.items()}
    loaded = yield from together(loads)
    head = {root: _named(one, hidden.get(root)) for (side, root), one in loaded.items() if side == "head"}
    after = named_unapplied(question.head, head)
    before = {root: one for (side, root), one in loaded.items() if side == "base"}
    soft = question.config.soft
    lived = {root: stage(cluster) for root, cluster in before.items()}
    cases = {root: case(stage(cluster, lived.get(root)), lived.get(root), soft) for root, cluster in after.items()}
    earlier = {root: case(known, None, soft) for root, known in lived.items()} if compared else cases
    review = _reviewed(question, cases, earlier)
    unreached = tuple(_unreached(one, aside[one.root]) for one in every if one.root in aside)
    return Examination(replace(review, clusters=(*review.clusters, *unreached)), cases, earlier)


def _aside(question: Question, after: Sequence[Entry], before: Sequence[Entry]) -> Mapping[str, str]:
    """The clusters that the change does not reach, neither as they are nor as they become, and what they follow."""
    earlier = following(before, question.config, question.branch)
    return {root: why for root, why in following(after, question.config, question.branch).items() if root in earlier}


def _unreached(entry: Entry, follows: str) -> ClusterSummary:
    gap = Incomplete(entry.sync.ref, f"the cluster follows {follows}, so what goes to another branch does not reach it")
    return ClusterSummary(entry.root, entry.flux, 0, 0, 0, 0, 0, 0, (), (gap,), effect=Effect(), follows=follows)


def _named(cluster: Cluster, hidden: tuple[Entry, Exceeded] | None) -> Cluster:
    """The cluster, with the limit for which the file is not read that says where it begins."""
    if hidden is None:
        return cluster
    entry, exceeded = hidden
    gap = Incomplete(entry.sync.ref, exceeded.reason, exceeded)
    return replace(cluster, incomplete=(*cluster.incomplete, gap))


def _reviewed(question: Question, cases: Mapping[str, Case], earlier: Mapping[str, Case]) -> Review:
    # What nobody hears unless somebody asks for it need not be looked for either.
    asked = [rule for rule in RULES if rule.severity is not Severity.OFF or rule.id in question.config.rules]
    after = judged(cases, asked)
    said = verdict(Said(after.found, _inherited(question, cases, earlier, after)), question.config)
    return Review(
        conclusion=said.conclusion(crashed=bool(after.crashed), clusters=[one.cluster for one in cases.values()]),
        clusters=tuple(
            summed(one, earlier.get(root), is_compared=question.base is not None) for root, one in cases.items()
        ),
        findings=said.findings,
        problems=question.config.problems,
        crashed=after.crashed,
        base=question.base.label if question.base else None,
        head=question.head.label,
    )


def _inherited(
    question: Question, cases: Mapping[str, Case], earlier: Mapping[str, Case], after: Judged
) -> Inherited | None:
    """What was wrong before the change; None where there is none to compare with."""
    if question.base is None:
        return None
    head = {root: one.cluster for root, one in cases.items()}
    if question.base is question.head:
        return inherited(after.found, head, head)
    before = judged_before(earlier, after)
    return inherited(before.found, {root: one.cluster for root, one in earlier.items()}, head)


def _loads(
    question: Question, snapshot: Snapshot, found: Sequence[Entry], shared: Shared
) -> dict[str, Conversation[Cluster]]:
    """The clusters of one tree, each as a conversation that loads it."""
    roots = tuple(entry.root for entry in found)
    told = {cluster.root: cluster for cluster in question.config.clusters if cluster.repository is None}
    loads: dict[str, Conversation[Cluster]] = {}
    for entry in found:
        config = told.get(entry.root, ClusterConfig(entry.root))
        known = Known(
            _provided(bootstrapped(snapshot, entry.root, roots), config),
            config.variables,
            question.flux or config.flux,
            config.branch,
            question.fetches,
        )
        loads[entry.root] = load(entry, snapshot, known, shared)
    return loads


def _provided(found: Provided, config: ClusterConfig) -> Provided:
    """What bootstrap files show together with what the configuration declares."""
    namespaces = {**found.namespaces, **dict.fromkeys(config.namespaces, "provided.namespaces")}
    return replace(found, patterns=config.crds, namespaces=namespaces, objects=config.objects)
