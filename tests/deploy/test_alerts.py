"""The alert rules for Prometheus: well formed, and only about figures that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bot.model.task import Repository, ReviewPull
from bot.work.codec import kind
from bot.work.meter import Meter
from tests.documented import DOCS

RULES = yaml.safe_load(Path("deploy/prometheus/fluxbot.rules.yaml").read_text())
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]
NAMES = frozenset(re.findall(r"^# TYPE (\S+)", Meter().text().decode(), re.MULTILINE))
SUFFIXES = ("_bucket", "_count", "_sum")


def plain(name: str) -> str:
    return next((name.removesuffix(one) for one in SUFFIXES if name.endswith(one)), name)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert["alert"]))
def test_an_alert_is_about_figures_that_there_are_and_says_what_to_do(alert: dict[str, object]) -> None:
    named = {plain(name) for name in re.findall(r"fluxbot_\w+", str(alert["expr"]))}

    assert named
    assert named <= NAMES
    assert alert["labels"] in ({"severity": "critical"}, {"severity": "warning"})
    assert set(alert["annotations"]) == {"summary", "description"}  # type: ignore[call-overload]
    assert str(alert["expr"]).count("(") == str(alert["expr"]).count(")")


def test_the_kind_of_job_that_an_alert_is_about_is_that_of_a_review() -> None:
    named = {name for alert in ALERTS for name in re.findall(r'kind="([^"]*)"', str(alert["expr"]))}

    assert named == {kind(ReviewPull(Repository(1, 2, "acme", "fleet"), 3))}


def test_the_page_on_operating_names_every_figure_and_no_other() -> None:
    page = (DOCS / "operating.md").read_text()
    own = {name for name in NAMES if name.startswith("fluxbot_") and not name.endswith("_created")}

    assert {plain(name) for name in re.findall(r"fluxbot_\w+", page)} == own
