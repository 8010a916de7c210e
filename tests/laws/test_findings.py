"""Laws of what fluxbot says, on small random repositories: following it helps, and only what it is about matters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from random import Random
from typing import Final

import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.app.local import drive
from bot.engine import Examination, Question
from bot.model.config import Config
from bot.model.field import Value
from bot.model.finding import Finding, Outcome
from bot.model.ref import Ref
from bot.model.snapshot import Snapshot
from tests.example_tree import blob
from tests.flat_answerer import FlatAnswerer
from tests.hostile.cases import strangers
from tests.laws.fleets import ROOT, Fleet, Herd, Tree, fleets

SHARE = 100
"""By this the number of cases is divided: each is some whole reviews."""
TODAY = date(2026, 1, 1)
ORDER: Final = frozenset(
    {"crd-not-ordered", "crd-not-awaited", "crd-behind-aggregate", "namespace-not-ordered"}
    | {"chart-needs-crd", "reference-not-ordered"}
)
CYCLES: Final = frozenset({"depends-on-cycle", "hidden-cycle", "parent-waits-for-child"})
ROUNDS: Final = 20


def reviewed(fleet: Fleet, head: Snapshot, base: Snapshot | None = None) -> Examination:
    answering = FlatAnswerer(fleet.rendered())
    examination = drive(Question(head, base, Config(), TODAY), answering, lambda _done, _asked: None)
    assert examination.review.crashed == ()
    return examination


def audited(fleet: Fleet) -> Examination:
    return reviewed(fleet, fleet.snapshot())


def proposals(examination: Examination) -> list[Finding]:
    """The findings that say who must wait for whom."""
    return [
        one
        for one in examination.review.findings
        if one.rule in ORDER and one.outcome is Outcome.LATE and one.needs is not None
    ]


def cycles(examination: Examination) -> set[str]:
    return {one.fingerprint for one in examination.review.findings if one.rule in CYCLES}


def followed(fleet: Fleet, found: Iterable[Finding]) -> Fleet:
    """The repository after all that the findings propose was done."""
    for one in found:
        assert one.needs is not None
        name = one.needs.name
        if one.about.kind == "HelmRelease":
            tree = fleet.trees[one.about.name]
            fleet = fleet.with_tree(replace(tree, after=_with(tree.after, name)))
        elif one.rule == "crd-not-awaited" or name in fleet.herd(one.about.name).after:
            fleet = fleet.with_herd(awaiting(fleet.herd(name), one.provider))
        else:
            herd = fleet.herd(one.about.name)
            fleet = fleet.with_herd(replace(herd, after=_with(herd.after, name)))
    return fleet


def awaiting(herd: Herd, provider: Ref | None) -> Herd:
    """The Kustomization with a health check of what brings something; ``wait`` would take its children in."""
    assert provider is not None
    check = (provider.kind, provider.name)
    return replace(herd, waits=herd.waits or check in herd.checks, checks=(*herd.checks, check))


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return names if name in names else (*names, name)


def is_whole(examination: Examination) -> bool:
    """Whether all Kustomizations and HelmReleases come up in the end."""
    [case] = examination.cases.values()
    cluster = case.cluster
    return case.fresh.ready == cluster.nodes.keys() and case.fresh.released == cluster.releases.keys()


def awake(fleet: Fleet) -> Fleet:
    """With nothing suspended: no order helps who waits for what only a suspended object brings."""
    for tree in fleet.trees.values():
        fleet = fleet.with_tree(replace(tree, suspended=False))
    return Fleet(tuple(replace(herd, suspended=False) for herd in fleet.herds))


def plain(fleet: Fleet) -> Fleet:
    """Awake, and with one object at most that brings a kind or a namespace.

    Of several fluxbot names one, and cannot know what else the others wait for.
    """
    seen: set[str] = set()

    def first(names: tuple[str, ...]) -> tuple[str, ...]:
        fresh = tuple(name for name in names if name not in seen)
        seen.update(fresh)
        return fresh

    herds: list[Herd] = []
    for herd in awake(fleet).herds:
        kept = replace(herd, namespaces=first(herd.namespaces), defines=first(herd.defines))
        trees: list[Tree] = []
        for tree in herd.releases:
            some = replace(tree, crds=first(tree.crds), defines=first(tree.defines))
            trees.append(replace(some, namespace="".join(first((tree.namespace,) if tree.namespace else ()))))
        herds.append(replace(kept, releases=tuple(trees)))
    return Fleet(tuple(herds))


def settled(fleet: Fleet) -> tuple[Fleet, Examination]:
    """The repository once nothing more is proposed.

    All proposals are followed at once. Where several bring one thing, and these
    choose from them so that they would make a circle together, the first is
    followed alone.
    """
    examination = first = audited(fleet)
    for _ in range(ROUNDS):
        found = proposals(examination)
        if not found:
            break
        for some in (found, found[:1]):
            changed = followed(fleet, some)
            after = audited(changed)
            if cycles(after) <= cycles(first) and is_whole(after) >= is_whole(first):
                break
        fleet, examination = changed, after
        assert cycles(examination) <= cycles(first)
    return fleet, examination


@strangers(share=SHARE)
@given(fleets().map(plain))
def test_following_every_proposal_leaves_nothing_to_propose_and_makes_no_cycle(fleet: Fleet) -> None:
    was_whole = is_whole(audited(fleet))

    _, examination = settled(fleet)

    assert proposals(examination) == []
    assert is_whole(examination) >= was_whole


@strangers(share=SHARE)
@given(fleets().map(plain), st.data())
def test_without_a_depends_on_nothing_is_proposed_but_what_it_saw_to(fleet: Fleet, data: st.DataObject) -> None:
    fleet, examination = settled(fleet)
    pairs = [(herd.name, name) for herd in fleet.herds for name in herd.after]
    assume(pairs and is_whole(examination))
    about, needs = data.draw(st.sampled_from(pairs))
    herd = fleet.herd(about)
    without = fleet.with_herd(replace(herd, after=tuple(name for name in herd.after if name != needs)))

    found = proposals(audited(without))

    affected = {about, *_followers(fleet, about)}
    assert {one.about.name for one in found if one.about.kind == "Kustomization"} <= affected
    own = {one.needs.name for one in found if one.needs and one.about.name == about}
    assert own <= {needs, *_waited(fleet, needs)}


def _followers(fleet: Fleet, name: str) -> set[str]:
    """Who waits for a Kustomization, or is created by it, however indirectly."""
    return _closure(name, lambda at: (h.name for h in fleet.herds if at in (*h.after, *h.parents)))


def _waited(fleet: Fleet, name: str) -> set[str]:
    """For whom a Kustomization waits, and what these wait for and create."""

    def named(at: str) -> Iterator[str]:
        if at == ROOT:
            return
        herd = fleet.herd(at)
        yield from (*herd.after, *herd.parents)
        yield from (name for kind, name in herd.checks if kind == "Kustomization")
        yield from (
            owner.name for owner in fleet.herds for tree in owner.releases if ("HelmRelease", tree.name) in herd.checks
        )
        yield from (child.name for child in fleet.herds if at in child.parents)

    return _closure(name, named)


def _closure(start: str, named: Callable[[str], Iterable[str]]) -> set[str]:
    found: set[str] = set()
    pending = [start]
    while pending:
        more = [name for name in named(pending.pop()) if name not in found]
        found.update(more)
        pending += more
    return found


@strangers(share=SHARE)
@given(fleets(), st.randoms(use_true_random=False))
def test_only_what_is_written_counts_and_not_how(fleet: Fleet, chance: Random) -> None:
    head = fleet.snapshot()
    rewritten = Snapshot("head", {path: blob(text) for path, text in shuffled(fleet, chance)})

    said = facts(reviewed(fleet, head).review.findings)

    assert facts(reviewed(fleet, rewritten).review.findings) == said
    assert reviewed(fleet, head, head).review.findings == ()


@strangers(share=SHARE)
@given(fleets(), fleets())
def test_a_review_says_what_an_audit_says_of_the_head_and_not_of_the_base(head: Fleet, base: Fleet) -> None:
    base = with_charts_of(base, head)

    found = reviewed(head, head.snapshot(), base.snapshot("base")).review.findings

    of_head, of_base = (
        {one.fingerprint for one in audited(side).review.findings if one.rule in ORDER | CYCLES}
        for side in (head, base)
    )
    assert {one.fingerprint for one in found if one.rule in ORDER | CYCLES} == of_head - of_base


def with_charts_of(fleet: Fleet, other: Fleet) -> Fleet:
    """The repository with the charts of another, for its releases that this has too."""
    for tree in fleet.trees.values():
        known = other.trees.get(tree.name, Tree(tree.name))
        fleet = fleet.with_tree(replace(tree, crds=known.crds, defines=known.defines, applies=known.applies))
    return fleet


def shuffled(fleet: Fleet, chance: Random) -> list[tuple[str, str]]:
    """The files in another order, their documents and keys too, with comments above and beside."""
    files = [(path, _rewritten(text, chance)) for path, text in fleet.texts().items()]
    chance.shuffle(files)
    return files


def _rewritten(text: str, chance: Random) -> str:
    documents = list(yaml.safe_load_all(text))
    if not all(isinstance(one, dict) and "kind" in one for one in documents):
        return f"# nothing\n{text}"
    chance.shuffle(documents)
    turned = yaml.safe_dump_all([_turned(one, chance) for one in documents], explicit_start=True, sort_keys=False)
    return "# by hand\n" + turned.replace("\nkind:", "  # here\nkind:")


def _turned(value: Value, chance: Random) -> Value:
    """The same with the keys of all mappings in another order."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: _turned(value[key], chance) for key in keys}
    return [_turned(one, chance) for one in value] if isinstance(value, list) else value


def facts(findings: Iterable[Finding]) -> Counter[tuple[object, ...]]:
    """All that findings say, but for lines."""
    return Counter(
        (f.fingerprint, f.severity, f.outcome, f.when, f.confidence, f.about, f.needs, f.missing) for f in findings
    )
