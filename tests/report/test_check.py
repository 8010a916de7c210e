"""The check run in words: its title, its summary, and what it keeps to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.model.cluster import Incomplete
from bot.model.finding import Finding, Outcome, Severity
from bot.model.ref import GroupKind, Ref, kustomization, release
from bot.model.review import ClusterSummary, Conclusion, CrdChange, Effect, Review, Upgrade
from bot.model.span import Span
from bot.report.check import MOST_REMARKS, Setting, publication
from bot.report.headline import headline
from bot.report.summary import MOST_SUMMARY
from bot.report.tally import Tally
from tests.report.sample import DEADLOCK, LATE

EMPTY = Effect()


def cluster(root: str, effect: Effect = EMPTY) -> ClusterSummary:
    return ClusterSummary(root, "2.9", 3, 1, 9, 3, 0, 0, (), (), effect, ())


def review(
    findings: Sequence[Finding], *clusters: ClusterSummary, conclusion: Conclusion = Conclusion.SUCCESS
) -> Review:
    return Review(conclusion, clusters or (cluster("clusters/production"),), tuple(findings), base="a", head="b")


def title(said: Review) -> str:
    return headline(said, Tally.of(said))


def test_what_becomes_late_is_told_in_a_whole_sentence_with_or_without_what_never_becomes_ready() -> None:
    race = replace(LATE, ignored=None)
    late = replace(cluster("clusters/production"), late=1)

    alone = publication(review([race], late), Setting()).summary
    both = publication(review([race], replace(late, stuck=2)), Setting()).summary

    assert "On a fresh cluster 1 more Kustomization becomes ready only by a retry." in alone
    assert "2 more Kustomizations never become ready and 1 more Kustomization only by a retry." in both


def test_the_title_counts_by_outcome_and_names_the_clusters() -> None:
    race = replace(LATE, ignored=None)
    other = replace(race, about=kustomization("a", "b"), clusters=("clusters/production",))
    findings = [DEADLOCK, replace(race, clusters=("clusters/staging",)), other]
    said = review(findings, cluster("clusters/production"), cluster("clusters/staging"))

    assert title(said) == "1 deadlock, 2 races · production, staging"


def test_clusters_whose_directories_have_the_same_name_are_told_apart() -> None:
    both = ("eu/cluster", "us/cluster")
    said = review([replace(DEADLOCK, clusters=both)], *map(cluster, both))

    assert title(said) == "1 deadlock · eu/cluster, us/cluster"


def test_many_clusters_are_counted() -> None:
    roots = tuple(f"clusters/c{number}" for number in range(7))
    said = review([replace(DEADLOCK, clusters=roots)], *map(cluster, roots))

    assert title(said) == "1 deadlock · c0, c1, c2, c3, 3 more"


def test_notes_are_only_counted_and_ignored_ones_not_at_all() -> None:
    note = replace(DEADLOCK, severity=Severity.NOTE, outcome=Outcome.STYLE)
    ignored = replace(LATE, ignored="fine")

    assert title(review([note, ignored], cluster("clusters/production"))) == "1 note · production, staging"


def test_a_note_alone_is_neither_a_comment_nor_a_remark() -> None:
    said = publication(review([replace(DEADLOCK, severity=Severity.NOTE)]), Setting())

    assert (said.comment, said.remarks, len(said.annotations)) == ("", (), 1)


def test_what_a_merge_does_is_one_row_for_each_cluster() -> None:
    up = Upgrade(release("a", "certs"), "1.0", "1.1")
    ref = kustomization("flux-system", "apps")
    effect = Effect(created=(ref,), changed=(ref, release("a", "x")), deleted=(release("a", "gone"),), upgraded=(up,))
    said = publication(review([DEADLOCK], cluster("clusters/production", effect)), Setting())

    assert "| `clusters/production` | 1 | 2 | 1 | `certs` 1.0 → 1.1 | 3 ready |" in said.summary
    assert "- deleted: `HelmRelease/a/gone`" in said.summary


def test_what_an_upgrade_changes_of_the_crds_is_told_with_who_has_objects_of_them() -> None:
    by, backup = release("a", "certs"), GroupKind("acme.example", "Backup")
    nightly, weekly = (Ref("acme.example", "Backup", "a", name) for name in ("nightly", "weekly"))
    changes = (
        CrdChange(by, backup, ("v2",), ("v1",), is_new=False, is_gone=False, used=(nightly, weekly)),
        CrdChange(by, GroupKind("acme.example", "Copy"), ("v2",), (), is_new=True, is_gone=False, used=()),
        CrdChange(by, GroupKind("acme.example", "Old"), (), ("v1",), is_new=False, is_gone=True, used=(nightly,)),
    )
    said = publication(review([DEADLOCK], cluster("clusters/production", Effect(crds=changes))), Setting())

    assert (
        "- CRDs of `HelmRelease/a/certs`: `Backup.acme.example` is served also in `v2` and no longer in `v1` "
        "(`Backup/a/nightly` and 1 more)" in said.summary
    )
    assert "- CRDs of `HelmRelease/a/certs`: `Copy.acme.example` is new" in said.summary
    assert "`Old.acme.example` comes with it no longer (`Backup/a/nightly`)" in said.summary


def test_a_thousand_findings_fit_and_the_rest_is_counted() -> None:
    findings = [
        replace(DEADLOCK, about=kustomization("x", f"n{n}"), provider=None, at=Span(f"a/{n}.yaml", 1, 1))
        for n in range(1000)
    ]
    said = publication(review(findings, conclusion=Conclusion.FAILURE), Setting())

    assert len(said.summary.encode()) <= MOST_SUMMARY
    assert "findings not shown here: there is no room." in said.summary
    assert "places not marked: there are too many." in said.summary
    assert (len(said.remarks), len(said.annotations)) == (MOST_REMARKS, 500)
    assert len(said.comment) <= 65_536


def test_a_change_of_nothing_is_one_line_even_where_something_was_not_looked_at() -> None:
    blind = replace(cluster("clusters/production"), incomplete=(Incomplete(release("a", "b"), "not fetched"),))
    said = publication(review([], blind), Setting())

    assert said.summary == "Nothing changes of what Flux applies in `clusters/production`.\n"


def test_two_reviews_have_one_digest_where_they_say_the_same() -> None:
    one = publication(review([DEADLOCK]), Setting())
    moved = publication(review([replace(DEADLOCK, at=Span("other.yaml", 9, 9))]), Setting())
    more = publication(review([DEADLOCK, LATE]), Setting())
    ignored = publication(review([replace(DEADLOCK, ignored="fine")]), Setting())

    assert one.digest == moved.digest
    assert len({one.digest, more.digest, ignored.digest}) == 3
