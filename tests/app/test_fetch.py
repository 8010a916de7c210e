"""What the App fetches for whom."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.app.perform import perform
from bot.bootstrap import tools
from bot.model import task as tasks
from bot.model.limits import LIMITS
from bot.settings import Fetching
from tests.app.conftest import Bench
from tests.fetch.charts import chart, serve_index
from tests.fetch.web import Web
from tests.github_simulator.git_writing import Content

pytest.importorskip("helm_python")

WIDGET = "apiVersion: shop.example.org/v1\nkind: Widget\nmetadata: {name: one, namespace: default}\n"


@pytest.fixture
def web(bench: Bench) -> Iterator[Web]:
    """A repository of charts that the operator allows."""
    with Web().running() as web:
        serve_index(web, chart())
        bench.tools = tools(LIMITS, Fetching((web.place,)))
        yield web


def change(web: Web) -> dict[str, Content]:
    """A release of a chart that no catalogue knows, and an object of the kind that only it brings."""
    release = f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: widgets, namespace: default}}
spec:
  interval: 1h
  chart: {{spec: {{chart: widgets, version: 1.2.3, sourceRef: {{kind: HelmRepository, name: its}}}}}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {{name: its, namespace: default}}
spec: {{url: "http://{web.place}/charts"}}
"""
    return {"infra/release.yaml": release, "infra/widget.yaml": WIDGET}


async def test_for_a_pull_request_of_the_repository_itself_charts_are_fetched(bench: Bench, web: Web) -> None:
    pull = await bench.pull(change(web))

    await bench.review(pull)

    [run] = bench.github.state(pull).check_runs
    assert run.conclusion == "failure"
    assert "crd-in-same-kustomization" in (run.summary or "")
    assert web.paths == ["/charts/index.yaml", "/charts/widgets-1.2.3.tgz"]


async def test_for_a_pull_request_from_a_fork_nothing_is_requested_at_all(bench: Bench, web: Web) -> None:
    fork = await bench.github.acts.fork(bench.fleet, "stranger")
    await bench.github.acts.push(fork, "topic", change(web))
    pull = await bench.github.acts.open_pull(bench.fleet, "topic", fork=fork)

    await bench.review(pull)
    await bench.command(pull, "/fluxbot explain")

    [run] = bench.github.state(pull).check_runs
    assert run.status == "completed"
    assert "crd-in-same-kustomization" not in (run.summary or "")
    assert web.asked == []


async def test_for_a_merge_group_nothing_is_requested(bench: Bench, web: Web) -> None:
    base = await bench.fleet.git.resolve("refs/heads/main")
    head = await bench.github.acts.push(bench.fleet, "gh-readonly-queue/main/pr-1", change(web))
    assert base

    await perform(tasks.ReviewGroup(bench.repository, head, base), bench.world)

    assert web.asked == []


async def test_the_configuration_that_allows_hosts_is_that_of_the_merge_base(bench: Bench, web: Web) -> None:
    await bench.github.acts.push(bench.fleet, "main", {".fluxbot.yaml": "version: 1\ncharts: {allow: []}\n"})
    widened = {".fluxbot.yaml": f"version: 1\ncharts: {{allow: ['{web.place}']}}\n"}

    pull = await bench.pull({**change(web), **widened})
    await bench.review(pull)

    assert web.asked == []
    assert "not fetched" not in str(bench.github.state(pull).check_runs)


async def test_what_was_fetched_lies_with_its_repository_and_is_forgotten_with_it(bench: Bench, web: Web) -> None:
    await bench.review(await bench.pull(change(web)))
    kept = bench.folder / str(bench.installation.id) / str(bench.fleet.id) / "charts"
    assert [path for path in kept.rglob("*") if path.is_file()]

    await perform(tasks.Forget(bench.installation.id, bench.fleet.id), bench.world)

    assert not kept.exists()
