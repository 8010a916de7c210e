"""No repository whatever makes the engine crash, hang, or point to a line that is not there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app.explained import explained
from bot.app.local import drive
from bot.cli import RULE_INFOS
from bot.config import find_config, read_config
from bot.engine import Examination, Question
from bot.model.config import Config
from bot.model.snapshot import Blob, Snapshot
from bot.model.span import Span
from bot.ports import Answerer
from bot.render.answerer import LocalAnswerer
from bot.render.cache import AnswerCache
from bot.report.check import Setting, publication
from bot.report.formats import Format, render_report
from bot.report.graph import GraphFormat, render_graph
from bot.review.picture import picture
from bot.rules import RULES
from tests.hostile.cases import WHOLE_SUITE, no_longer_than, strangers
from tests.hostile.flux_trees import STEPS, Choice, Files, honest, mutated
from tests.hostile.playing_answerer import PlayingAnswerer

pytestmark = pytest.mark.timeout(WHOLE_SUITE)

TODAY = date(2026, 11, 25)
SECONDS = 10.0
SOME_RULES = RULE_INFOS[:2]  # a report in SARIF tells them all, in our own words: a third of a case's time


def snapshot(files: Files, label: str) -> Snapshot:
    blobs = {
        path: Blob(hashlib.sha256(data).hexdigest(), len(data), None if path in files.huge else data)
        for path, data in files.written().items()
    }
    return Snapshot(label, blobs, frozenset(files.links))


BASE = snapshot(honest(), "base")


def examined(head: Snapshot, base: Snapshot | None, answerer: Answerer) -> Examination:
    """The examination as the command line and the App make it: configured in the base."""
    found = find_config(base or head)
    rules = {rule.id for rule in RULES}
    config = read_config(*found, rules=rules, today=TODAY) if found else Config()
    return drive(Question(head, base, config, TODAY), answerer, lambda _done, _asked: None)


def places(examination: Examination) -> Iterator[Span]:
    for finding in examination.review.findings:
        yield finding.at
        yield from (related.at for related in finding.related)


def check(examination: Examination, head: Snapshot) -> None:
    """What holds of every review."""
    review = examination.review
    assert review.crashed == ()
    for place in places(examination):
        data = head.data(place.path)
        lines = data.count(b"\n") + 1 if data else 1
        assert 1 <= place.line <= place.end_line, place
        assert place.end_line <= lines or b"\0" in (data or b""), place  # UTF-16 counts in its own text
    for summary in review.clusters:
        assert summary.ready + summary.late + summary.stuck == summary.kustomizations
    reports = {
        wanted: render_report(
            review, format=wanted, repository=".", seconds=1.0, colour=True, width=100, rules=SOME_RULES
        )
        for wanted in Format
    }
    assert all(report.endswith("\n") for report in reports.values())
    json.loads(reports[Format.JSON])
    json.loads(reports[Format.SARIF])
    published = publication(review, Setting("always"))
    assert all(annotation.line >= 1 for annotation in published.annotations)
    drawing = picture(examination.cases)
    assert all(render_graph(drawing, wanted) for wanted in GraphFormat)
    for subject, other in (("", ""), ("infra", ""), ("apps", "infra"), ("Namespace/apps", "\0")):
        assert explained(examination, subject, other)


@strangers()
@given(steps=STEPS, earlier=STEPS | st.none())
def test_no_tree_makes_the_engine_or_a_report_fail(
    steps: Sequence[tuple[int, Choice]], earlier: Sequence[tuple[int, Choice]] | None
) -> None:
    head = snapshot(mutated(steps), "head")
    base = None if earlier is None else snapshot(mutated(earlier[:3]), "base")

    with no_longer_than(SECONDS):
        check(examined(head, base, PlayingAnswerer()), head)


@strangers(share=25)
@given(steps=STEPS)
def test_no_tree_makes_a_review_with_real_kustomize_fail(steps: Sequence[tuple[int, Choice]]) -> None:
    head = snapshot(mutated(steps), "head")

    with no_longer_than(SECONDS):
        check(examined(head, BASE, REAL), head)


REAL = LocalAnswerer(AnswerCache(), jobs=1)


def test_the_honest_tree_reaches_every_part_of_the_engine() -> None:
    examination = examined(BASE, None, REAL)

    [cluster] = examination.review.clusters
    assert (cluster.root, cluster.kustomizations) == ("clusters/main", 4)
    assert cluster.releases >= 2
    assert cluster.resources >= 15
    found = {finding.rule for finding in examination.review.findings}
    assert found >= {"crd-in-same-kustomization", "depends-on-cycle"}


def test_a_tree_of_three_thousand_levels_is_reviewed() -> None:
    files = honest()
    files.texts["clusters/main/" + "d/" * 3_000 + "x.yaml"] = b"kind: ConfigMap\n"
    head = snapshot(files, "head")

    with no_longer_than(SECONDS):
        check(examined(head, BASE, PlayingAnswerer()), head)
