"""What the commands answer: on stdout the result, and an exit status that says what it means."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bot import __version__
from bot.model.field import items, mappings, text
from tests.command_line import CONFIG, DEADLOCK, GOOD, CommandLine


def test_the_configuration_of_a_review_is_that_of_the_base(fluxbot: CommandLine) -> None:
    fluxbot.commit({**GOOD, ".fluxbot.yaml": "version: 1\n"})
    fluxbot.commit({**DEADLOCK, ".fluxbot.yaml": "rules: {crd-in-same-kustomization: 'off'}\n"}, "change")

    assert fluxbot.run("review", ".", "--base", "main").status == 1


def test_a_finding_at_the_gate_is_exit_1_and_fail_on_moves_the_gate(fluxbot: CommandLine) -> None:
    fluxbot.write(DEADLOCK)

    assert fluxbot.run("audit", ".").status == 1
    assert fluxbot.run("audit", ".", "--fail-on", "error").status == 1
    assert fluxbot.run("audit", ".", "--fail-on", "never").status == 0
    fluxbot.write({".fluxbot.yaml": "rules: {crd-in-same-kustomization: warning}\n"})
    assert fluxbot.run("audit", ".").status == 0
    assert fluxbot.run("audit", ".", "--fail-on", "warning").status == 1


def test_a_review_speaks_only_of_what_the_change_brings(fluxbot: CommandLine) -> None:
    fluxbot.commit(DEADLOCK)
    fluxbot.commit({"clusters/main/more.yaml": CONFIG}, "change")

    assert fluxbot.run("audit", ".").status == 1
    assert fluxbot.run("review", ".", "--base", "main").status == 0


def test_a_review_without_a_head_takes_the_working_tree_with_what_is_not_committed(fluxbot: CommandLine) -> None:
    fluxbot.commit(GOOD)
    fluxbot.write(DEADLOCK)

    assert fluxbot.run("review", ".", "--base", "main").status == 1
    assert fluxbot.run("review", ".", "--base", "main", "--head", "main").status == 0


def test_a_named_cluster_that_is_not_there_is_an_empty_answer_and_one_that_is_there_counts(
    fluxbot: CommandLine,
) -> None:
    fluxbot.write({**DEADLOCK, "clusters/test/settings.yaml": CONFIG})

    said = fluxbot.run("audit", ".", "--cluster", "clusters/test", "--format", "json")

    assert said.status == 0
    assert [cluster["root"] for cluster in mappings(said.report, "clusters")] == ["clusters/test"]


def test_our_own_failure_is_exit_3_with_a_trace_on_stderr(
    fluxbot: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fluxbot.write(GOOD)

    def fail(_question: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("bot.cli.examine", fail)

    said = fluxbot.run("audit", ".")

    assert (said.status, said.out) == (3, "")
    assert said.err.endswith("ZeroDivisionError\n")
    assert "ours" not in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("audit", "--format", "xml"),
        ("audit", "--fail-on", "sometimes"),
        ("audit", "--jobs", "0"),
        ("review", "."),
        ("explain", "a", "b", "c"),
    ],
)
def test_a_wrong_option_is_exit_2_on_stderr(fluxbot: CommandLine, arguments: tuple[str, ...]) -> None:
    said = fluxbot.run(*arguments)

    assert (said.status, said.out) == (2, "")
    assert "usage: fluxbot" in said.err


@pytest.mark.parametrize(
    ("format_", "start"),
    [
        ("text", "error crd-in-same-kustomization  clusters/main/issuer.yaml:2"),
        ("json", "{"),
        ("markdown", "#"),
        ("sarif", "{"),
        ("github", "::error "),
    ],
)
def test_each_format_goes_to_stdout_alone(fluxbot: CommandLine, format_: str, start: str) -> None:
    fluxbot.write(DEADLOCK)

    said = fluxbot.run("audit", ".", "--format", format_)

    assert (said.status, said.err) == (1, "")
    assert said.out.startswith(start)
    assert said.out.endswith("\n")
    assert "crd-in-same-kustomization" in said.out


def test_the_report_in_json_says_which_revisions_were_compared(fluxbot: CommandLine) -> None:
    fluxbot.commit(GOOD)
    base = fluxbot.git("rev-parse", "HEAD")
    fluxbot.commit({"clusters/main/more.yaml": CONFIG.replace("settings", "more")}, "change")
    head = fluxbot.git("rev-parse", "HEAD")

    report = fluxbot.run("review", ".", "--base", "main", "--head", "change", "--format", "json").report

    assert (report["schema"], report["fluxbot"], report["conclusion"]) == (1, __version__, "success")
    assert (report["base"], report["head"]) == (base, head)


def test_the_rules_are_listed_in_each_format(fluxbot: CommandLine) -> None:
    assert "crd-in-same-kustomization" in fluxbot.run("rules").out
    assert "crd-in-same-kustomization" in fluxbot.run("rules", "--format", "markdown").out
    listed = json.loads(fluxbot.run("rules", "--format", "json").out)
    assert "crd-in-same-kustomization" in {text(one, "id") for one in items({"rules": listed}, "rules")}


def test_the_package_runs_as_a_module_and_prints_no_progress_where_no_terminal_is(fluxbot: CommandLine) -> None:
    fluxbot.write(DEADLOCK)

    done = subprocess.run(
        (sys.executable, "-m", "bot", "audit", "."), capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stderr) == (1, "")
    assert "crd-in-same-kustomization" in done.stdout


def test_a_reader_that_goes_away_early_is_no_crash(fluxbot: CommandLine) -> None:
    fluxbot.write(DEADLOCK)
    command = f"'{sys.executable}' -m bot rules --format markdown | head -c 1"

    done = subprocess.run(("sh", "-c", command), capture_output=True, text=True, check=False, timeout=60)

    assert "Traceback" not in done.stderr
