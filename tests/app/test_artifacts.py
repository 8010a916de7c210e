"""Pull requests of repositories that a fleet elsewhere deploys by OCI artifacts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.app.perform import perform
from bot.bootstrap import tools
from bot.model.limits import LIMITS
from bot.model.task import Repository as Where
from bot.model.task import ReviewPull, Welcome
from bot.settings import Fetching
from tests.app.conftest import Bench
from tests.fetch.charts import Registry
from tests.fetch.web import Said, Web
from tests.github.flux_repository import CERT_MANAGER, ISSUER, SYNC
from tests.github_simulator.git_writing import Content
from tests.github_simulator.world import Repository

CONFIG = "version: 1\nclusters: [{repository: acme/clusters, root: clusters/production}]\n"
DEPLOYED = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {{name: app, namespace: flux-system}}
spec: {{interval: 1m, url: "oci://{place}/acme/app", ref: {{tag: latest}}}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: app, namespace: flux-system}}
spec: {{interval: 10m, path: ./, prune: true, sourceRef: {{kind: OCIRepository, name: app}}}}
"""


@pytest.fixture
def web(bench: Bench) -> Iterator[Web]:
    """A registry that the operator allows."""
    with Web().running() as web:
        bench.tools = tools(LIMITS, Fetching((web.place,)))
        yield web


async def world(bench: Bench, web: Web, *, config: str = CONFIG, revision: str = "main@sha1:3a5b") -> Repository:
    """An application, whose directory `deploy` is pushed as an artifact, and a fleet that reads it."""
    files: dict[str, Content] = {"deploy/cert-manager.yaml": CERT_MANAGER, ".fluxbot.yaml": config}
    app = await bench.github.acts.add_repository("acme/app", files, private=True)
    fleet: dict[str, Content] = {
        "clusters/production/flux-system/gotk-sync.yaml": SYNC,
        "clusters/production/app.yaml": DEPLOYED.format(place=web.place),
    }
    await bench.github.acts.add_repository("acme/clusters", fleet, private=True)
    source = {
        "org.opencontainers.image.source": f"{bench.github.url}/acme/app.git",
        "org.opencontainers.image.revision": revision,
    }
    Registry(web, "acme/app").push({"cert-manager.yaml": CERT_MANAGER}, source, "latest")
    return app


async def reviewed(bench: Bench, app: Repository, *, by: str = "") -> tuple[str, str, str]:
    """Conclusion, title and summary of a review of a change that brings an Issuer beside cert-manager."""
    fork = await bench.github.acts.fork(app, by) if by else None
    await bench.github.acts.push(fork or app, "topic", {"deploy/issuer.yaml": ISSUER})
    pull = await bench.github.acts.open_pull(app, "topic", fork=fork)
    await perform(ReviewPull(replace(bench.repository, id=app.id, name="app"), pull.number), bench.world)
    (run,) = bench.github.state(pull).check_runs
    return str(run.conclusion), run.title or "", run.summary or ""


def fleet_of(bench: Bench) -> Where:
    fleet = next(one for one in bench.github.world.repositories.values() if one.name == "clusters")
    return replace(bench.repository, id=fleet.id, name="clusters")


async def test_an_application_is_judged_where_an_artifact_of_it_is_deployed(bench: Bench, web: Web) -> None:
    app = await world(bench, web)

    conclusion, title, summary = await reviewed(bench, app)

    assert (conclusion, title) == ("failure", "1 deadlock · production")
    assert "deploy/issuer.yaml" in summary
    assert "`acme/clusters:clusters/production/app.yaml:7`" in summary


async def test_the_fleet_that_reads_it_is_found_without_a_word_in_the_configuration(bench: Bench, web: Web) -> None:
    app = await world(bench, web, config="version: 1\n")
    await perform(Welcome(fleet_of(bench)), bench.world)

    assert (await reviewed(bench, app))[:2] == ("failure", "1 deadlock · production")


async def test_a_review_of_the_fleet_teaches_it_and_one_that_could_not_ask_forgets_nothing(
    bench: Bench, web: Web
) -> None:
    app = await world(bench, web, config="version: 1\n")
    fleet = bench.github.world.repositories[fleet_of(bench).id]
    await bench.github.acts.push(fleet, "topic", {"README.md": "x"})
    await perform(ReviewPull(fleet_of(bench), (await bench.github.acts.open_pull(fleet, "topic")).number), bench.world)
    web.says.clear()
    await bench.github.acts.push(fleet, "other", {"README.md": "y"})
    await perform(ReviewPull(fleet_of(bench), (await bench.github.acts.open_pull(fleet, "other")).number), bench.world)

    assert [one.rpartition("/")[2] for one in bench.journal.sources[fleet_of(bench)]] == ["app"]
    assert app.name == "app"


async def test_an_artifact_of_another_branch_is_not_concerned(bench: Bench, web: Web) -> None:
    app = await world(bench, web, revision="release@sha1:3a5b")

    assert (await reviewed(bench, app))[0] == "success"


async def test_an_artifact_that_cannot_be_read_is_named(bench: Bench, web: Web) -> None:
    app = await world(bench, web)
    web.says["/v2/acme/app/manifests/latest"] = Said(status=403)

    conclusion, _, summary = await reviewed(bench, app)

    assert conclusion == "success"
    assert f"`{web.place}/acme/app` was not read: the registry answers with status 403 for `acme/app`" in summary


async def test_for_a_pull_request_from_a_fork_no_artifact_is_asked_for(bench: Bench, web: Web) -> None:
    app = await world(bench, web)

    conclusion, _, summary = await reviewed(bench, app, by="stranger")

    assert conclusion == "success"
    assert "what its OCI artifacts are made of was not asked, for nothing is fetched here" in summary
    assert web.asked == []
