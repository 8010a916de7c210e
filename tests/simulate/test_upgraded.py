"""What an upgrade changes of the CRDs of a chart, rendered by the real Helm."""

from __future__ import annotations

import pytest

from bot.bootstrap import answerer
from bot.model.ref import GroupKind
from bot.model.review import CrdChange
from bot.ports import Answerer
from tests.rules.cases import RuleCase, examined


@pytest.fixture(scope="session")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    return answerer(cached=True, jobs=2, folder=tmp_path_factory.mktemp("answers"))


def changes(rule: str, name: str, answering: Answerer) -> list[CrdChange]:
    [cluster] = examined(RuleCase(rule, name), answering).review.clusters
    assert cluster.effect
    return list(cluster.effect.crds)


def test_a_kind_that_a_chart_no_longer_has_is_gone_and_its_objects_are_named(answering: Answerer) -> None:
    [one] = changes("chart-drops-crd", "values-switch-the-crd-off", answering)

    assert (one.what, one.is_gone, one.is_new) == (GroupKind("acme.example", "Backup"), True, False)
    assert [ref.name for ref in one.used] == ["nightly"]


def test_a_version_that_comes_with_the_upgrade_is_told(answering: Answerer) -> None:
    [one] = changes("crd-bump-with-instances", "the-resource-goes-to-the-version-that-comes-with-it", answering)

    assert (one.is_new, one.is_gone, one.less) == (False, False, ())
    assert one.more == ("v2",)


def test_an_upgrade_that_leaves_the_crds_as_they_are_says_nothing(answering: Answerer) -> None:
    assert changes("immutable-field-changed", "ok-a-chart-gets-another-image", answering) == []
