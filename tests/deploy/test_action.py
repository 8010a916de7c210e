"""``action.yml`` and the hooks of pre-commit, their steps run as the runner would run them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.example_repository import BASE_BRANCH, commit, create

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
BIN = Path(sys.executable).parent
_EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a step left behind."""

    status: int
    said: str
    outputs: dict[str, str]
    summary: str


@dataclass(frozen=True, slots=True)
class Runner:
    """A job of GitHub Actions, in which fluxbot is on the path already."""

    folder: Path
    path: str
    event: dict[str, str]

    def run(self, step: str, **inputs: str) -> Ran:
        """Run one step of the action as the runner does: its script, with its variables."""
        [which] = [one for one in ACTION["runs"]["steps"] if one["id"] == step]
        assert which["shell"] == "bash"
        given = {name: str(one.get("default", "")) for name, one in ACTION["inputs"].items()} | {
            name.replace("_", "-"): value for name, value in inputs.items()
        }
        values = {f"inputs.{name}": value for name, value in given.items()} | self.event
        files = {name: self.folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")}
        for file in files.values():
            file.write_text("")
        environment = {
            "PATH": self.path,
            "HOME": str(self.folder),
            "RUNNER_TEMP": str(self.folder),
            "GITHUB_ACTION_PATH": str(ROOT),
            **{name: str(file) for name, file in files.items()},
            **{name: _evaluated(value, values) for name, value in which.get("env", {}).items()},
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", which["run"]],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=120,
        )  # fmt: skip
        lines = files["GITHUB_OUTPUT"].read_text().splitlines()
        outputs = dict(line.partition("=")[::2] for line in lines)
        return Ran(done.returncode, done.stdout, outputs, files["GITHUB_STEP_SUMMARY"].read_text())


def _evaluated(text: str, values: dict[str, str]) -> str:
    """An expression of alternatives, as the runner would write its value."""

    def value(found: re.Match[str]) -> str:
        return next((values[name] for name in found[1].split(" || ") if values.get(name)), "")

    return _EXPRESSION.sub(value, text)


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """The example in git: a branch that breaks it, checked out."""
    create(tmp_path / "fleet")
    commit(tmp_path / "fleet", "base", BASE_BRANCH, "cert-manager and an app")
    commit(tmp_path / "fleet", "head", "issuer", "issuer: Add it beside cert-manager")
    return tmp_path / "fleet"


@pytest.fixture
def runner(tmp_path: Path, fleet: Path) -> Runner:
    folder = tmp_path / "runner"
    folder.mkdir()
    sha = git(fleet, "rev-parse", BASE_BRANCH)
    return Runner(folder, f"{BIN}:{os.environ['PATH']}", {"github.event.pull_request.base.sha": sha})


def git(folder: Path, *command: str) -> str:
    """What git says."""
    return subprocess.run(
        ["git", "-C", folder, *command], check=True, capture_output=True, text=True, timeout=60
    ).stdout.strip()


def test_a_pull_request_gets_annotations_a_sarif_file_and_a_summary_and_fails(runner: Runner, fleet: Path) -> None:
    ran = runner.run("review", path=str(fleet))

    assert ran.status == 1
    assert re.search(r"^::error file=infra/issuer\.yaml,line=2", ran.said, re.MULTILINE)
    assert ran.outputs["conclusion"] == "failure"
    [run] = json.loads(Path(ran.outputs["sarif"]).read_text())["runs"]
    assert [one["ruleId"] for one in run["results"]] == ["crd-in-same-kustomization"]
    assert "crd-in-same-kustomization" in ran.summary


def test_the_repaired_pull_request_passes(runner: Runner, fleet: Path) -> None:
    git(fleet, "checkout", "--quiet", BASE_BRANCH)
    commit(fleet, "fixed", "issuers", "issuers: Add one that waits for cert-manager")

    ran = runner.run("review", path=str(fleet))

    assert (ran.status, ran.outputs["conclusion"]) == (0, "success")


def test_fail_on_never_says_it_and_passes(runner: Runner, fleet: Path) -> None:
    ran = runner.run("review", path=str(fleet), fail_on="never")

    assert (ran.status, ran.outputs["conclusion"]) == (0, "success")
    assert "infra/issuer.yaml" in ran.said


def test_without_a_base_the_tree_is_judged(runner: Runner, fleet: Path) -> None:
    ran = Runner(runner.folder, runner.path, {}).run("review", path=str(fleet))

    assert (ran.status, ran.outputs["conclusion"]) == (1, "failure")


def test_a_checkout_of_one_commit_is_given_its_history(runner: Runner, fleet: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=issuer", fleet.as_uri(), str(shallow))

    ran = runner.run("review", path=str(shallow))

    assert (ran.status, ran.outputs["conclusion"]) == (1, "failure")
    assert git(shallow, "rev-list", "--count", "HEAD") == "2"


def test_what_cannot_be_judged_fails_with_its_reason_and_gives_no_conclusion(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "--quiet")

    ran = Runner(runner.folder, runner.path, {}).run("review", path=str(tmp_path / "empty"))

    assert ran.status == 2
    assert ran.said.startswith("fluxbot: ")
    assert ran.outputs == {}


def test_a_branch_whose_name_is_a_command_is_a_name(runner: Runner, fleet: Path, tmp_path: Path) -> None:
    ran = runner.run("review", path=str(fleet), base=f"$(touch {tmp_path}/made)")

    assert ran.status != 0
    assert not (tmp_path / "made").exists()


def test_the_command_that_the_runner_has_is_taken(runner: Runner) -> None:
    ran = runner.run("install")

    assert ran.status == 0
    assert ran.said.startswith("fluxbot is there: fluxbot ")


def test_no_text_of_an_event_is_written_into_a_script() -> None:
    assert [step["run"] for step in ACTION["runs"]["steps"] if "${{" in step["run"]] == []


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_the_entry_of_each_hook_is_a_command_that_runs_without_arguments(hook: dict[str, str], fleet: Path) -> None:
    git(fleet, "checkout", "--quiet", BASE_BRANCH)

    done = subprocess.run(
        [BIN / hook["entry"].split()[0], *hook["entry"].split()[1:]],
        cwd=fleet, check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
