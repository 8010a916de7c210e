"""Whose configuration counts, and what is said of a new one."""

from __future__ import annotations

from tests.app.conftest import Bench
from tests.github.flux_repository import BROKEN

OFF = 'version: 1\nrules: {crd-in-same-kustomization: "off"}\n'


async def test_a_pull_request_that_edits_the_configuration_is_judged_by_the_old_and_shown_the_new(
    bench: Bench,
) -> None:
    pull = await bench.pull({**BROKEN, ".fluxbot.yaml": f"{OFF}coment: never\n"})

    await bench.review(pull)

    (run,) = bench.github.state(pull).check_runs
    summary = run.summary or ""
    assert run.conclusion == "failure"
    assert "This change edits `.fluxbot.yaml`; it is judged by the file as it was. By the new one:" in summary
    assert "- the check would pass" in summary
    assert "- no longer said: `crd-in-same-kustomization` at" in summary
    assert ".fluxbot.yaml:3`" in summary


async def test_the_defaults_of_an_organisation_hold_where_the_repository_says_nothing(bench: Bench) -> None:
    await bench.github.acts.add_repository("acme/.github", {".fluxbot.yaml": OFF}, private=True)
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    assert [run.conclusion for run in bench.github.state(pull).check_runs] == ["success"]


async def test_the_repository_has_the_last_word_over_its_organisation(bench: Bench) -> None:
    defaults = "version: 1\ngate: {fresh: never, running: never}\ncomment: never\n"
    await bench.github.acts.add_repository("acme/.github", {".github/.fluxbot.yaml": defaults})
    await bench.github.acts.push(bench.fleet, "main", {".fluxbot.yaml": "version: 1\ngate: {fresh: error}\n"})
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    standing = bench.github.state(pull)
    assert [run.conclusion for run in standing.check_runs] == ["failure"]
    assert (standing.comments, standing.threads) == ((), ())


async def test_a_mistake_in_the_defaults_is_told_with_its_repository_and_line(bench: Bench) -> None:
    await bench.github.acts.add_repository("acme/.github", {".fluxbot.yaml": "version: 1\ncoment: never\n"})
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    (run,) = bench.github.state(pull).check_runs
    assert "`acme/.github: .fluxbot.yaml:2`" in (run.summary or "")
    assert ".fluxbot.yaml" not in {each.path for each in run.annotations}


async def test_the_defaults_are_read_with_a_token_for_that_repository_alone(bench: Bench) -> None:
    home = await bench.github.acts.add_repository("acme/.github", {".fluxbot.yaml": OFF}, private=True)
    bench.installation.selected = {bench.fleet.id}
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    assert home.private
    assert [run.conclusion for run in bench.github.state(pull).check_runs] == ["failure"]
