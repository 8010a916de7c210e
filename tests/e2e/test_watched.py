"""What those who run it see of one review: the lines of its log, and the figures for Prometheus."""

from __future__ import annotations

import json
import re

import pytest

from tests.e2e.conftest import Stage
from tests.github.flux_repository import BROKEN, FILES

pytestmark = pytest.mark.asyncio(loop_scope="module")

_FIGURE = re.compile(r"^(fluxbot_\w+(?:\{[^}]*\})?) ([0-9.e+]+)$", re.MULTILINE)


async def test_each_line_of_a_review_says_what_it_is_about_and_each_figure_counts_it(stage: Stage) -> None:
    await stage.settled()  # a look at the new installation's repositories would find it, too
    before = _figures(await stage.process.metrics())
    fleet = await stage.github.acts.add_repository("acme/watched", FILES)
    pull = await stage.pull(fleet, BROKEN)
    await stage.settled()

    lines = [json.loads(line) for line in stage.process.log.read_text().splitlines()]
    assert all(line.keys() >= {"event", "level", "timestamp"} for line in lines)
    assert {line["level"] for line in lines} == {"info"}
    [delivery] = [each for each in stage.github.hooks.log() if (each.event, each.action) == ("pull_request", "opened")]
    [stored] = [line for line in lines if line.get("delivery") == delivery.guid]
    [done] = [line for line in lines if line["event"] == "job.done" and line["kind"] == "review-pull"]
    assert (stored["event"], stored["webhook"], stored["action"]) == ("webhook.stored", "pull_request", "opened")
    assert stored["locks"] == [done["lock"]]
    assert (done["repository"], done["pull"], done["sha"]) == ("acme/watched", pull.number, pull.head_sha)
    assert all(line.keys() >= {"lock", "kind", "job"} for line in lines if line["event"].startswith("job."))

    after = _figures(await stage.process.metrics())
    grown = {name: value - before.get(name, 0.0) for name, value in after.items() if "_bucket" not in name}
    stored_as = 'fluxbot_deliveries_total{event="pull_request",outcome="stored",status="202"}'
    assert grown[stored_as] == 1
    assert grown['fluxbot_jobs_total{kind="review-pull",outcome="done"}'] == 1
    phases = {f'{{phase="{each}"}}': 1 for each in ("fetch", "analyse", "publish")}
    assert _of(grown, "fluxbot_review_seconds_count") == phases
    assert _of(grown, "fluxbot_findings_total") == {'{rule="crd-in-same-kustomization",severity="error"}': 1}
    assert _of(grown, "fluxbot_builds_total")['{cache="miss"}'] > 0
    assert grown["fluxbot_jobs_waiting"] == grown["fluxbot_jobs_running"] == after["fluxbot_job_oldest_seconds"] == 0
    requests = _of(grown, "fluxbot_github_requests_total")
    of_itself = '{installation="0",'  # among them the question for the owner's defaults, which are not there
    [of_the_owner] = [name for name in requests if not name.startswith(of_itself)]
    assert of_the_owner.endswith('outcome="ok"}')
    assert any(name.startswith("fluxbot_github_requests_remaining") and value > 0 for name, value in after.items())


def _figures(text: str) -> dict[str, float]:
    return {name: float(value) for name, value in _FIGURE.findall(text)}


def _of(grown: dict[str, float], name: str) -> dict[str, float]:
    """Those of a figure that grew, by their labels."""
    return {each.removeprefix(name): by for each, by in grown.items() if each.startswith(name) and by}
