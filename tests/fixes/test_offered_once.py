"""A change that mends several findings is offered once, wherever fixes are shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.app.local import hold
from bot.app.mended import mended
from bot.bootstrap import answerer
from bot.fixing import chosen_fixes, with_fixes
from bot.model.fix import Safety
from bot.report.mending import headline, rest_markdown
from bot.report.places import Places
from bot.report.remark import remark_body
from bot.report.text import render_text
from bot.review.alike import alike
from bot.wanted import Offer
from tests.rules.cases import RuleCase, asked, examined

CASE = RuleCase("crd-in-same-kustomization", "one-split-orders-resources-behind-two-operators")


@pytest.fixture(scope="module")
def offer(tmp_path_factory: pytest.TempPathFactory) -> Offer:
    answering = answerer(cached=True, jobs=2, folder=tmp_path_factory.getbasetemp() / "answers")
    conversation = with_fixes(asked(CASE.head, CASE.base), examined(CASE, answering), lambda _: True)
    return hold(conversation, 1_000, answering, lambda _done, _asked: None)


@pytest.fixture(scope="module")
def in_steps(offer: Offer) -> Offer:
    """The same, if it had to be done in two changes."""
    review = offer.examination.review
    findings = tuple(
        replace(one, fix=replace(one.fix, safety=Safety.STAGED, patch="", steps=("First.", "Then.")))
        for one in review.findings
        if one.fix
    )
    return replace(offer, examination=replace(offer.examination, review=replace(review, findings=findings)))


def test_each_finding_names_all_that_the_split_cures(offer: Offer) -> None:
    findings = offer.examination.review.findings

    cured = [set(one.fix.proof.resolves) for one in findings if one.fix]

    assert cured == [{one.id for one in findings}] * 2


def test_a_comment_and_a_terminal_name_the_finding_that_offers_it(offer: Offer) -> None:
    first, second = alike(offer.examination.review.findings)

    text = render_text(offer.examination.review, seconds=1, colour=False, width=200)

    assert "```diff" in remark_body(first, Places())
    assert "```diff" not in remark_body(second, Places())
    assert f"**Fix, proven:** that of `{first.first.id}` mends this, too." in remark_body(second, Places())
    assert text.count("+  name: infrastructure-config") == 1
    assert f"Fix: that of {first.first.id} mends this, too." in text


def test_a_commit_counts_it_once_with_all_that_it_mends(offer: Offer) -> None:
    one, other = offer.examination.review.findings

    done = mended(CASE.head, offer, frozenset())

    assert len(done.titles) == 1
    assert done.titles[0].startswith(f"{one.id}, {other.id} crd-in-same-kustomization: Move ")
    assert headline(done).startswith("Move ClusterIssuer/letsencrypt")


def test_steps_are_told_once(in_steps: Offer) -> None:
    one, other = in_steps.examination.review.findings

    steps = chosen_fixes(in_steps, frozenset(), staged=True).steps
    rest = rest_markdown((one, other), ())

    assert steps[1:] == ("  1. First.", "  2. Then.", f"{other.id} crd-in-same-kustomization: as {one.id}")
    assert rest.count("1. First.") == 1
    assert f"**Fix, in steps:** that of `{one.id}` mends this, too." in rest
