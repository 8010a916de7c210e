"""The conversation that ends in a Review.

It asks for builds and renders, and whoever drives it answers; nothing here
touches a file, a clock or a network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.flux.entry import Entry
from bot.load.bootstrapped import bootstrapped
from bot.load.cluster import Known, load
from bot.load.entrance import entrances, hidden_entries, named_unapplied
from bot.load.objects import Replaced
from bot.load.together import together
from bot.model.ask import Conversation
from bot.model.cluster import Cluster, Incomplete, Provided
from bot.model.config import ClusterConfig, Config
from bot.model.finding import Finding
from bot.model.limits import Exceeded
from bot.model.review import Crashed, Review
from bot.model.snapshot import Snapshot
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
    ``fetches`` is whether charts of other places may be asked for.
    """

    head: Snapshot
    base: Snapshot | None
    config: Config
    today: date
    roots: tuple[str, ...] = ()
    flux: str | None = None
    fetches: bool = False


@dataclass(frozen=True, slots=True)
class Examination:
    """A review with the clusters that it was made from, for those who draw or explain."""

    review: Review
    cases: Mapping[str, Case]
    before: Mapping[str, Case]


def examine(question: Question) -> Conversation[Examination]:
    """The review of a question."""
    compared = question.base if question.base is not question.head else None
    found = entrances(question.head, question.config, question.roots)
    before_found = entrances(compared, question.config, question.roots) if compared else ()
    hidden = hidden_entries(question.head, found, before_found)
    begun = {**{one.root: one for one in found}, **{root: one for root, (one, _) in hidden.items()}}
    replaced = Replaced()
    loads = {
        ("head", root): load for root, load in _loads(question, question.head, tuple(begun.values()), replaced).items()
    }
    if compared:
        of_base = _loads(question, compared, before_found, replaced)
        loads |= {("base", root): load for root, load in of_base.items()}
    loaded = yield from together(loads)
    head = {root: _named(one, hidden.get(root)) for (side, root), one in loaded.items() if side == "head"}
    after = named_unapplied(question.head, head)
    before = {root: one for (side, root), one in loaded.items() if side == "base"} if compared else after
    soft = question.config.soft
    lived = {root: stage(cluster) for root, cluster in before.items()} if compared else {}
    cases = {root: case(stage(cluster), lived.get(root), soft) for root, cluster in after.items()}
    earlier = {root: case(known, None, soft) for root, known in lived.items()} if compared else cases
    return Examination(_reviewed(question, cases, earlier), cases, earlier)


def _named(cluster: Cluster, hidden: tuple[Entry, Exceeded] | None) -> Cluster:
    """The cluster, with the limit for which the file is not read that says where it begins."""
    if hidden is None:
        return cluster
    entry, exceeded = hidden
    gap = Incomplete(entry.sync.ref, exceeded.reason, exceeded)
    return replace(cluster, incomplete=(*cluster.incomplete, gap))


def _reviewed(question: Question, cases: Mapping[str, Case], earlier: Mapping[str, Case]) -> Review:
    crashed: list[Crashed] = []
    found = {root: tuple(_findings(one, crashed)) for root, one in cases.items()}
    known = None
    if question.base:
        known = frozenset(finding.fingerprint for one in earlier.values() for finding in _findings(one, []))
    said = verdict(Said(found, known), question.config)
    return Review(
        conclusion=said.conclusion(crashed=bool(crashed), clusters=[one.cluster for one in cases.values()]),
        clusters=tuple(
            summed(one, earlier.get(root), is_compared=question.base is not None) for root, one in cases.items()
        ),
        findings=said.findings,
        problems=question.config.problems,
        crashed=tuple(crashed),
        base=question.base.label if question.base else None,
        head=question.head.label,
    )


def _loads(
    question: Question, snapshot: Snapshot, found: Sequence[Entry], replaced: Replaced
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
        loads[entry.root] = load(entry, snapshot, known, replaced)
    return loads


def _provided(found: Provided, config: ClusterConfig) -> Provided:
    """What bootstrap files show together with what the configuration declares."""
    namespaces = {**found.namespaces, **dict.fromkeys(config.namespaces, "provided.namespaces")}
    return replace(found, patterns=config.crds, namespaces=namespaces, objects=config.objects)


def _findings(one: Case, crashed: list[Crashed]) -> Iterator[Finding]:
    for rule in RULES:
        try:
            yield from rule.check(one)
        except Exception as error:  # noqa: BLE001 - boundary: one broken rule must not silence the others
            crashed.append(Crashed(rule.id, _kind(error)))


def _kind(error: Exception) -> str:
    """Which kind of exception it is and where it was raised; its message may hold what stands in a manifest."""
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    return f"{type(error).__name__} in {where.tb_frame.f_globals['__name__']}:{where.tb_lineno}" if where else ""
