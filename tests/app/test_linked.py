"""Pull requests of repositories that a fleet elsewhere deploys."""

from __future__ import annotations

from dataclasses import replace

from bot.app.perform import perform
from bot.model.task import ReviewPull, Welcome
from tests.app.conftest import Bench
from tests.github.flux_repository import CERT_MANAGER, ISSUER, SYNC
from tests.github_simulator.conversation import Pull
from tests.github_simulator.git_writing import Content
from tests.github_simulator.world import Repository

CONFIG = "version: 1\nclusters: [{repository: acme/clusters, root: clusters/production}]\n"


def deployed(url: str, branch: str = "main") -> str:
    return f"""\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {{name: app, namespace: flux-system}}
spec: {{interval: 1m, url: "{url}", ref: {{branch: {branch}}}}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: app, namespace: flux-system}}
spec: {{interval: 10m, path: ./deploy, prune: true, sourceRef: {{kind: GitRepository, name: app}}}}
"""


async def world(bench: Bench, *, branch: str = "main", private: bool = True, url: str = "") -> Repository:
    """An application, and a fleet that deploys its directory `deploy`; both in one installation."""
    app = await bench.github.acts.add_repository(
        "acme/app", {"deploy/cert-manager.yaml": CERT_MANAGER, ".fluxbot.yaml": CONFIG}, private=True
    )
    app.private = private
    source = deployed(url or f"{bench.github.url}/acme/app.git", branch)
    fleet: dict[str, Content] = {
        "clusters/production/flux-system/gotk-sync.yaml": SYNC,
        "clusters/production/app.yaml": source,
    }
    await bench.github.acts.add_repository("acme/clusters", fleet, private=True)
    return app


async def reviewed(bench: Bench, app: Repository, files: dict[str, Content]) -> Pull:
    await bench.github.acts.push(app, "topic", files)
    pull = await bench.github.acts.open_pull(app, "topic")
    where = replace(bench.repository, id=app.id, name="app")
    await perform(ReviewPull(where, pull.number), bench.world)
    return pull


async def test_an_application_is_judged_in_the_fleet_that_deploys_it(bench: Bench) -> None:
    app = await world(bench)

    pull = await reviewed(bench, app, {"deploy/issuer.yaml": ISSUER})

    standing = bench.github.state(pull)
    (run,) = standing.check_runs
    assert (run.conclusion, run.title) == ("failure", "1 deadlock · production")
    assert [(thread.path, thread.line) for thread in standing.threads] == [("deploy/issuer.yaml", 3)]
    assert "`acme/clusters:clusters/production/app.yaml:7`" in (run.summary or "")
    assert ".fluxbot-linked" not in f"{run.summary}{standing.comments}{standing.threads}"


async def test_a_change_that_is_fine_there_is_a_success_that_tells_what_it_does_there(bench: Bench) -> None:
    app = await world(bench)
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: more}\n"

    pull = await reviewed(bench, app, {"deploy/namespace.yaml": namespace})

    standing = bench.github.state(pull)
    (run,) = standing.check_runs
    assert run.conclusion == "success"
    assert "| `acme/clusters:clusters/production` | 1 | 0 | 0 |" in (run.summary or "")
    assert (standing.comments, standing.threads) == ((), ())


async def test_a_fleet_that_does_not_deploy_it_is_not_told_of(bench: Bench) -> None:
    app = await world(bench, url="https://github.com/acme/other")

    pull = await reviewed(bench, app, {"deploy/issuer.yaml": ISSUER})

    (run,) = bench.github.state(pull).check_runs
    assert run.conclusion == "success"
    assert "no cluster of it that is named here has this repository as a source" in (run.summary or "")
    assert "clusters/production" not in (run.summary or "")


async def test_a_fleet_that_follows_another_branch_is_not_concerned(bench: Bench) -> None:
    app = await world(bench, branch="release")

    pull = await reviewed(bench, app, {"deploy/issuer.yaml": ISSUER})

    assert [run.conclusion for run in bench.github.state(pull).check_runs] == ["success"]


async def test_nothing_of_a_private_fleet_is_told_in_a_public_repository(bench: Bench) -> None:
    app = await world(bench, private=False)

    pull = await reviewed(bench, app, {"deploy/issuer.yaml": ISSUER})

    (run,) = bench.github.state(pull).check_runs
    assert "`acme/clusters` was not looked at: it is private and this repository is not." in (run.summary or "")


async def test_a_fleet_where_the_app_is_not_installed_is_named(bench: Bench) -> None:
    app = await world(bench)
    bench.installation.selected = {app.id}

    pull = await reviewed(bench, app, {"deploy/issuer.yaml": ISSUER})

    (run,) = bench.github.state(pull).check_runs
    assert "`acme/clusters` was not looked at: the App is not installed there." in (run.summary or "")


async def unnamed(bench: Bench, *, private: bool = True, branch: str = "main", url: str = "") -> Repository:
    """The same without a word of it in the application's configuration; the App has looked around in the fleet."""
    app = await world(bench, private=private, branch=branch, url=url)
    await bench.github.acts.push(app, "main", {".fluxbot.yaml": None})
    fleet = next(one for one in bench.github.world.repositories.values() if one.name == "clusters")
    await perform(Welcome(replace(bench.repository, id=fleet.id, name="clusters")), bench.world)
    return app


async def test_the_fleet_that_reads_an_application_is_found_by_its_source(bench: Bench) -> None:
    app = await unnamed(bench)

    pull = await reviewed(bench, app, {"deploy/issuer.yaml": ISSUER})

    standing = bench.github.state(pull)
    (run,) = standing.check_runs
    assert (run.conclusion, run.title) == ("failure", "1 deadlock · production")
    assert [(thread.path, thread.line) for thread in standing.threads] == [("deploy/issuer.yaml", 3)]


async def test_a_review_of_the_fleet_teaches_what_it_reads_and_what_no_more(bench: Bench) -> None:
    app = await world(bench)
    await bench.github.acts.push(app, "main", {".fluxbot.yaml": None})
    fleet = next(one for one in bench.github.world.repositories.values() if one.name == "clusters")
    where = replace(bench.repository, id=fleet.id, name="clusters")
    await bench.github.acts.push(fleet, "topic", {"README.md": "x"})
    await perform(ReviewPull(where, (await bench.github.acts.open_pull(fleet, "topic")).number), bench.world)
    first = await reviewed(bench, app, {"deploy/issuer.yaml": ISSUER})
    known = bench.journal.sources[where]
    await bench.github.acts.push(fleet, "main", {"clusters/production/app.yaml": None})
    await bench.github.acts.push(fleet, "other", {"README.md": "y"})
    await perform(ReviewPull(where, (await bench.github.acts.open_pull(fleet, "other")).number), bench.world)

    assert [run.conclusion for run in bench.github.state(first).check_runs] == ["failure"]
    assert [one.rpartition("/")[2] for one in known] == ["app"]
    assert bench.journal.sources[where] == ()


async def test_a_fleet_that_was_found_and_is_not_concerned_is_not_told_of(bench: Bench) -> None:
    app = await unnamed(bench, branch="release")

    pull = await reviewed(bench, app, {"deploy/issuer.yaml": ISSUER})

    (run,) = bench.github.state(pull).check_runs
    assert run.conclusion == "success"
    assert "acme/clusters" not in (run.summary or "")


async def test_a_private_fleet_that_was_found_is_not_even_named_in_a_public_repository(bench: Bench) -> None:
    app = await unnamed(bench, private=False)

    pull = await reviewed(bench, app, {"deploy/issuer.yaml": ISSUER})

    (run,) = bench.github.state(pull).check_runs
    assert run.conclusion == "success"
    assert "clusters" not in f"{run.title}{run.summary}"


async def test_a_repository_without_anything_of_flux_is_not_fetched_to_be_looked_at(bench: Bench) -> None:
    shop = await bench.github.acts.add_repository("acme/shop", {"src/main.py": "print()\n"}, private=True)
    where = replace(bench.repository, id=shop.id, name="shop")

    await perform(Welcome(where), bench.world)

    assert bench.journal.sources == {}
    assert not [call for call in bench.github.counts if "tarball" in call or "blobs" in call]
