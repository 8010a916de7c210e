"""What else there is in the world: forks, other Apps, other names, installations that go away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.app.perform import perform
from bot.github.address import address
from bot.github.keys import pull_subject
from bot.model.task import Repository, ReviewPull
from bot.ports import NotPermitted, Permanent
from tests.app.conftest import Bench
from tests.github.flux_repository import BROKEN, FIXED


async def test_a_fork_gets_comments_on_its_lines_in_the_base_repository_and_nothing_in_its_own(bench: Bench) -> None:
    fork = await bench.github.acts.fork(bench.fleet, "mallory")
    await bench.github.acts.push(fork, "topic", BROKEN, by="mallory")
    pull = await bench.github.acts.open_pull(bench.fleet, "topic", fork=fork, by="mallory")

    await bench.review(pull)

    assert [(each.path, each.line) for each in bench.github.state(pull).threads] == [("infra/issuer.yaml", 3)]
    theirs = bench.github.state(fork)
    assert (theirs.check_runs, theirs.comments, theirs.reviews) == ((), (), ())


async def test_a_check_of_another_app_with_our_name_is_neither_taken_for_ours_nor_touched(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull = await bench.pull(BROKEN)
    ask = bench.connection.client.get

    async def with_another(where: Repository, path: str, **rest: str | int) -> object:
        """GitHub's answer, as if it did not heed ``app_id`` and another App had a run of our name and key."""
        said = await ask(where, path, **rest)
        if "/check-runs" in path and isinstance(said, dict):
            key = pull_subject(await bench.connection.reading.pull(where, pull.number)).key
            theirs = {"id": 1, "app": {"id": 4711}, "external_id": key, "status": "completed"}
            return {**said, "check_runs": [theirs, *said["check_runs"]]}
        return said

    monkeypatch.setattr(bench.connection.client, "get", with_another)
    await bench.review(pull)

    assert [run.conclusion for run in bench.github.state(pull).check_runs] == ["failure"]


async def test_a_repository_that_was_renamed_is_reviewed_by_the_task_that_knows_its_old_name(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.github.acts.rename(bench.fleet, "flotilla")

    await perform(ReviewPull(bench.repository, pull.number), bench.world)
    await bench.github.acts.push(bench.fleet, "topic", FIXED)
    await perform(ReviewPull(replace(bench.repository, name="flotilla"), pull.number), bench.world)

    standing = bench.github.state(bench.fleet)
    assert [run.conclusion for run in standing.check_runs] == ["failure", "success"]
    assert (len(standing.reviews), len(standing.comments)) == (1, 1)


async def test_a_repository_that_is_renamed_during_a_review_gets_all_of_it_and_nothing_twice(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    bench.during.append(lambda: bench.github.acts.rename(bench.fleet, "flotilla"))

    await bench.review(pull)
    await bench.review(pull)

    standing = bench.github.state(bench.fleet)
    assert bench.repository.name == "fleet"
    assert [(run.status, run.conclusion) for run in standing.check_runs] == [("completed", "failure")]
    assert (len(standing.reviews), len(standing.comments), len(standing.threads)) == (1, 1, 1)


async def test_a_repository_that_was_transferred_to_where_the_app_is_goes_on_without_saying_anything_twice(
    bench: Bench,
) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    there = await bench.github.add_installation("globex")
    bench.github.acts.transfer(bench.fleet, "globex")

    await perform(ReviewPull(Repository(there.id, bench.fleet.id, "globex", "fleet"), pull.number), bench.world)
    first = bench.github.state(bench.fleet)
    await bench.github.acts.push(bench.fleet, "topic", FIXED)
    await perform(ReviewPull(Repository(there.id, bench.fleet.id, "globex", "fleet"), pull.number), bench.world)

    standing = bench.github.state(bench.fleet)
    assert (len(first.check_runs), len(first.reviews), len(first.comments)) == (1, 1, 1)
    assert [run.conclusion for run in standing.check_runs] == ["failure", "success"]
    assert (len(standing.reviews), len(standing.comments)) == (1, 1)


async def test_a_repository_that_was_transferred_to_where_the_app_is_not_is_refused_for_good(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    bench.github.acts.transfer(bench.fleet, "globex")

    with pytest.raises(Permanent):
        await bench.review(pull)

    standing = bench.github.state(bench.fleet)
    assert (standing.check_runs, standing.reviews, standing.comments) == ((), (), ())


async def test_an_archived_repository_is_a_refusal_for_good_and_not_a_loop(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.github.acts.archive(bench.fleet)

    with pytest.raises(Permanent):
        await bench.review(pull)


async def test_a_suspended_installation_is_not_permitted_and_reviewed_when_it_is_back(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.github.suspend(bench.installation)
    with pytest.raises(NotPermitted):
        await bench.review(pull)
    await bench.github.unsuspend(bench.installation)

    await bench.review(pull)

    assert [run.conclusion for run in bench.github.state(pull).check_runs] == ["failure"]


async def test_a_repository_that_is_no_longer_selected_is_refused_for_good(bench: Bench) -> None:
    other = await bench.github.acts.add_repository("acme/other", {"README.md": "x\n"})
    pull = await bench.pull(BROKEN)
    await bench.github.select(bench.installation, add=[other], remove=[bench.fleet])

    with pytest.raises(Permanent):
        await bench.review(pull)


@pytest.mark.parametrize(
    ("url", "rest", "graphql"),
    [
        ("https://github.example.org", "https://github.example.org/api/v3", "https://github.example.org/api/graphql"),
        ("https://acme.ghe.com", "https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"),
    ],
)
def test_an_enterprise_server_is_asked_at_its_own_address(url: str, rest: str, graphql: str) -> None:
    known = address(url)

    assert (known.rest, known.graphql) == (rest, graphql)


async def test_links_lead_to_the_server_that_the_pull_request_is_on(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    assert f"]({bench.github.url}/acme/fleet/blob/{pull.head_sha}/" in bench.github.state(pull).comments[0].body
