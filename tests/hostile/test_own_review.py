"""What a pull request says in its own `.fluxbot.yaml` does not count for its own review by the App."""

from __future__ import annotations

import pytest

from tests.app.conftest import Bench, bench, github
from tests.github.flux_repository import BROKEN
from tests.github_simulator.git_writing import Content, Symlink
from tests.hostile.test_review import SWITCHES

__all__ = ["bench", "github"]

CASES: dict[str, dict[str, Content]] = {
    **{name: {".fluxbot.yaml": text} for name, text in SWITCHES.items() if name != "large"},
    "in the GitHub folder": {".github/.fluxbot.yaml": SWITCHES["gate"]},
    "a link": {".fluxbot.yaml": Symlink("docs/gate.yaml"), "docs/gate.yaml": SWITCHES["gate"]},
    "both": {".fluxbot.yaml": SWITCHES["gate"], ".github/.fluxbot.yml": SWITCHES["rule"]},
}


@pytest.mark.parametrize("files", CASES.values(), ids=CASES)
async def test_a_pull_request_cannot_switch_off_its_own_review(bench: Bench, files: dict[str, Content]) -> None:
    pull = await bench.pull({**BROKEN, **files})

    await bench.review(pull)

    standing = bench.github.state(pull)
    assert [run.conclusion for run in standing.check_runs] == ["failure"]
    assert len(standing.comments) == 1


async def test_a_pull_request_that_deletes_the_configuration_is_judged_by_the_one_it_deletes(bench: Bench) -> None:
    strict = "version: 1\nrules: {crd-in-same-kustomization: warning}\ngate: {fresh: warning}\n"
    await bench.github.acts.push(bench.fleet, "main", {".fluxbot.yaml": strict})
    pull = await bench.pull({**BROKEN, ".fluxbot.yaml": None})

    await bench.review(pull)

    [run] = bench.github.state(pull).check_runs
    [thread] = bench.github.state(pull).threads
    assert run.conclusion == "failure"
    assert "crd-in-same-kustomization" in thread.comments[0].body


async def test_a_configuration_of_the_base_that_is_a_link_is_none(bench: Bench) -> None:
    files: dict[str, Content] = {".fluxbot.yaml": Symlink("docs/gate.yaml"), "docs/gate.yaml": SWITCHES["gate"]}
    await bench.github.acts.push(bench.fleet, "main", files)
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    assert [run.conclusion for run in bench.github.state(pull).check_runs] == ["failure"]
