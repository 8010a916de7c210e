"""The conversation that ends in a Review with fixes: it asks for the builds of changed copies, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.engine import Examination, Question, examine
from bot.fixes.draft import Draft, Unfixable
from bot.fixes.following import following
from bot.fixes.leaving import Grounds
from bot.fixes.overlay import patched
from bot.fixes.patch import diff, suggestion
from bot.fixes.proof import Failed, Sight, proven
from bot.fixes.remedies import draft
from bot.fixes.spot import Ground
from bot.fixes.union import united
from bot.model.ask import Conversation
from bot.model.finding import Finding, Severity
from bot.model.fix import Fix, Proof, Safety
from bot.model.snapshot import Snapshot
from bot.review.verdict import Said, verdict
from bot.rules import RULES
from bot.wanted import Offer, Wanted, worth_a_fix

MOST_PROOFS = 24
"""Changed copies that are played for one review."""
_FEW = 4
"""Fixes that are played once more, each alone, where it is not known which of them cures something."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a user gets who asked for fixes: the steps of staged ones, and a line for each finding without a safe one.

    ``unknown`` are the ids that were asked for and that no finding has.
    """

    steps: tuple[str, ...]
    without: tuple[str, ...]
    unknown: tuple[str, ...]


def chosen_fixes(offer: Offer, ids: frozenset[str], *, staged: bool) -> Chosen:
    """What is to be told beside the patch. Without ``ids`` errors and warnings are meant."""
    findings = offer.examination.review.findings
    told: dict[tuple[str, ...], str] = {}
    steps: list[str] = []
    without: list[str] = []
    for one in findings:
        if one.id not in ids if ids else (one.ignored is not None or one.severity is Severity.NOTE):
            continue
        if one.fix and one.fix.safety is Safety.STAGED and staged:
            first = told.setdefault(one.fix.steps, one.id)
            steps += _staged(one, one.fix) if first == one.id else [f"{one.id} {one.rule}: as {first}"]
        elif one.fix is None or one.fix.safety is not Safety.SAFE:
            why = "only in steps (--staged prints them)" if one.fix else "no safe fix"
            without.append(f"{one.id} {one.rule} {one.at}: {why}. {one.advice}".rstrip())
    unknown = sorted(ids - {one.id for one in findings})
    return Chosen(tuple(steps), tuple(without), tuple(unknown))


def _staged(one: Finding, fix: Fix) -> list[str]:
    return [f"{one.id} {one.rule}: {fix.title}", *(f"  {n}. {step}" for n, step in enumerate(fix.steps, 1))]


@dataclass(slots=True)
class _Bench:
    """What is proven so far."""

    question: Question
    grounds: Grounds
    before: Sight
    drafts: dict[str, Draft]
    findings: Mapping[str, Finding]
    accepted: list[str] = field(default_factory=list)
    proofs: dict[str, Proof] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    """The ids of all that is gone with what is accepted."""
    besides: dict[frozenset[str], tuple[str, ...]] = field(default_factory=dict)
    """By the changes of a fix the ids of findings that it cures and that have no accepted fix of their own."""
    left: int = MOST_PROOFS

    def tree(self, keys: Iterable[str]) -> Snapshot | Unfixable:
        clusters = [case.cluster for case in self.before.cases.values()]
        return patched(self.question.head, united((self.drafts[key] for key in keys), clusters))


def with_fixes(question: Question, examination: Examination, wanted: Wanted) -> Conversation[Offer]:
    """An examination with fixes at its findings."""
    chosen = worth_a_fix(examination, wanted)
    if not chosen:
        return Offer(examination, question.head)
    grounds = {root: Ground(case) for root, case in examination.cases.items()}
    drafted = {one.fingerprint: draft(grounds, one) for one in chosen}
    bench = _Bench(
        question,
        grounds,
        _sight(question, examination),
        {key: one for key, one in drafted.items() if isinstance(one, Draft)},
        {one.fingerprint: one for one in chosen},
    )
    bench.failed |= {key: one.reason for key, one in drafted.items() if isinstance(one, Unfixable) and one.reason}
    safe = tuple(key for key, one in bench.drafts.items() if one.safety is Safety.SAFE)
    if safe:
        yield from _prove(bench, safe)
        yield from _attribute(bench, frozenset(one.id for one in examination.review.findings))
    told = tuple(_told(bench, one) for one in examination.review.findings)
    whole = bench.tree(bench.accepted)
    review = replace(examination.review, findings=told)
    return Offer(replace(examination, review=review), question.head if isinstance(whole, Unfixable) else whole)


def _prove(bench: _Bench, keys: Sequence[str]) -> Conversation[None]:
    """Accept what can be proven together with all that is accepted: all at once, by halves where that fails."""
    if bench.left <= 0:
        bench.failed |= dict.fromkeys(keys, "too many fixes had to be tried")
        return
    bench.left -= 1
    outcome = yield from _attempt(bench, (*bench.accepted, *keys))
    if isinstance(outcome, Proof):
        bench.accepted += keys
        bench.proofs |= dict.fromkeys(keys, outcome)
        bench.gone = outcome.resolves
    elif len(keys) == 1:
        yield from _instead(bench, keys[0], outcome)
    else:
        middle = len(keys) // 2
        yield from _prove(bench, keys[:middle])
        yield from _prove(bench, keys[middle:])


def _instead(bench: _Bench, key: str, failed: Failed) -> Conversation[None]:
    """What else could mend a finding whose first fix fails; the reason is that of the first."""
    one = bench.drafts[key]
    if not _follow(bench, one, failed):
        if not one.instead:
            bench.failed[key] = _why(one, failed)
            return
        bench.drafts[key] = replace(one.instead[0], instead=one.instead[1:])
    yield from _prove(bench, (key,))
    if key in bench.failed:
        bench.failed[key] = _why(one, failed)


def _follow(bench: _Bench, one: Draft, failed: Failed) -> bool:
    """Whether the fix, wherever it is drafted, can order what it would bring out of order; then it does."""
    grown = {
        key: following(bench.grounds, other, failed.brought)
        for key, other in bench.drafts.items()
        if failed.brought and key not in bench.accepted and _changes(other) == _changes(one)
    }
    bench.drafts |= {key: other for key, other in grown.items() if other}
    return any(grown.values())


def _why(one: Draft, failed: Failed) -> str:
    """Why a fix is not offered; where that may be, what stays behind of what was done to the objects."""
    stays = ", ".join(one.left) if failed.is_altered else ""
    return f"{failed.reason}, for what stays behind: {stays}" if stays else failed.reason


def _attribute(bench: _Bench, known: frozenset[str]) -> Conversation[None]:
    """Find out which of the accepted fixes cures what is gone and has none of its own."""
    fixes = {_changes(bench.drafts[key]): key for key in reversed(bench.accepted)}
    named = {one for key in fixes.values() for one in _cured(bench, key)}
    rest = tuple(one for one in bench.gone if one in known and one not in named)
    if rest and len(fixes) == 1:
        bench.besides = dict.fromkeys(fixes, rest)
    elif rest and len(fixes) <= min(_FEW, bench.left):
        for changes, key in fixes.items():
            alone = yield from _attempt(bench, (key,))
            cured = alone.resolves if isinstance(alone, Proof) else ()
            bench.besides[changes] = tuple(one for one in rest if one in cured)


def _attempt(bench: _Bench, keys: Sequence[str]) -> Conversation[Proof | Failed]:
    """Play the tree with the changes of some fixes."""
    tree = bench.tree(keys)
    if isinstance(tree, Unfixable):
        return Failed(tree.reason)
    live = bench.question.base or bench.question.head
    again = yield from examine(replace(bench.question, head=tree, base=live))
    if again.review.crashed:
        return Failed("a rule failed on the changed tree")
    return proven(bench.before, _sight(bench.question, again), (bench.findings[key] for key in keys))


def _sight(question: Question, examination: Examination) -> Sight:
    """All that the rules say of the head, whatever the base has."""
    found = {root: tuple(one for rule in RULES for one in rule.check(case)) for root, case in examination.cases.items()}
    said = verdict(Said(found, None), question.config).findings
    return Sight(examination.cases, {one.fingerprint: one for one in said})


def _told(bench: _Bench, finding: Finding) -> Finding:
    """The finding with its fix, or with the reason why there is none."""
    key = finding.fingerprint
    if key in bench.failed:
        return replace(finding, advice=f"{finding.advice} No fix is offered: {bench.failed[key]}.".replace("..", "."))
    one = bench.drafts.get(key)
    if one and one.safety is not Safety.SAFE:
        return replace(finding, fix=_fix(bench, one, Proof(()), bench.question.head))
    if one is None or key not in bench.proofs:
        return finding
    tree = bench.tree((key,))
    if isinstance(tree, Unfixable):
        return finding
    proof = replace(bench.proofs[key], resolves=tuple(_cured(bench, key)))
    return replace(finding, fix=_fix(bench, one, proof, tree))


def _cured(bench: _Bench, key: str) -> Iterator[str]:
    """The findings that a fix cures: its own first, and those whose own fix is the same or a part of it."""
    yield bench.findings[key].id
    whole = _changes(bench.drafts[key])
    yield from (bench.findings[one].id for one in bench.accepted if one != key and _changes(bench.drafts[one]) <= whole)
    yield from bench.besides.get(whole, ())


def _changes(one: Draft) -> frozenset[str]:
    return frozenset(map(repr, (*(change for edge in one.edges for change in edge.amendments), *one.amendments)))


def _fix(bench: _Bench, one: Draft, proof: Proof, tree: Snapshot) -> Fix:
    head = bench.question.head
    return Fix(
        title=one.title,
        kind=one.kind,
        safety=one.safety,
        edges=tuple((edge.tail, edge.head) for edge in one.edges),
        patch=diff(head, tree),
        proof=proof,
        amendments=(*(change for edge in one.edges for change in edge.amendments), *one.amendments),
        cost=one.cost,
        steps=one.steps,
        suggestion=suggestion(head, tree),
    )
