"""Limits on the command line: each is a setting of whoever runs it, and what passes one is said."""

from __future__ import annotations

import subprocess
import time

import pytest

from bot.model.field import mappings, text
from tests.command_line import CONFIG, GOOD, SYNC, CommandLine, Said

APP = (
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {0}, namespace: flux-system}}\n"
    "spec: {{interval: 1h, prune: false, path: ./apps, sourceRef: {{kind: GitRepository, name: flux-system}}}}\n"
)
APPS = {f"clusters/main/{name}.yaml": APP.format(name) for name in ("one", "two", "three")}
LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{above}'] * 10)}]\n" for above, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def refused(said: Said) -> str:
    """The one line of a command that was stopped."""
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)
    return said.err


def found(said: Said) -> list[tuple[str, str]]:
    return [(text(one, "rule"), text(one, "at", "path")) for one in mappings(said.report, "findings")]


@pytest.mark.parametrize("arguments", [("audit", "."), ("audit", ".", "--rev", "HEAD")], ids=["tree", "commit"])
def test_a_repository_with_too_many_files_is_refused_with_the_setting(
    fluxbot: CommandLine, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    fluxbot.commit({**GOOD, "a": "", "b": ""})

    monkeypatch.setenv("FLUXBOT_LIMIT_REPOSITORY_FILES", "4")
    assert fluxbot.run(*arguments).status == 0
    monkeypatch.setenv("FLUXBOT_LIMIT_REPOSITORY_FILES", "3")

    assert "holds too many files: the limit is 3; FLUXBOT_LIMIT_REPOSITORY_FILES raises it" in refused(
        fluxbot.run(*arguments)
    )


@pytest.mark.parametrize("arguments", [("audit", "."), ("audit", ".", "--rev", "HEAD")], ids=["tree", "commit"])
def test_a_repository_that_is_too_large_is_refused_with_the_setting(
    fluxbot: CommandLine, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    fluxbot.commit({**GOOD, **{f"{name}.txt": name * 400_000 for name in "abc"}})

    monkeypatch.setenv("FLUXBOT_LIMIT_REPOSITORY_MIB", "1")

    assert "holds too much to be read: the limit is 1 MiB; FLUXBOT_LIMIT_REPOSITORY_MIB raises it" in refused(
        fluxbot.run(*arguments)
    )


def test_200_001_files_in_a_commit_are_too_many_by_default(fluxbot: CommandLine) -> None:
    fluxbot.commit(GOOD)
    fluxbot.git("repack", "-adq")  # git looks a size up faster in a pack
    blob = fluxbot.git("rev-parse", "HEAD:clusters/main/settings.yaml")
    many = fluxbot.folder / "many"
    many.write_text("".join(f"100644 blob {blob}\tf{number}\n" for number in range(200_001)))
    with many.open() as listing:
        mktree = ("git", "mktree", "--missing")
        tree = subprocess.run(mktree, cwd=fluxbot.folder, stdin=listing, text=True, stdout=subprocess.PIPE, check=True)
    fluxbot.git("update-ref", "refs/heads/many", fluxbot.git("commit-tree", "-m", "many", tree.stdout.strip()))

    said = fluxbot.run("audit", ".", "--rev", "many")

    assert "the limit is 200,000;" in refused(said)


def test_a_file_of_500_megabytes_in_git_is_not_read(fluxbot: CommandLine) -> None:
    fluxbot.commit(GOOD)
    with (fluxbot.folder / "clusters" / "main" / "huge.yaml").open("wb") as file:
        file.truncate(500_000_000)
    fluxbot.git("-c", "core.compression=1", "add", "--all")
    fluxbot.git("commit", "-q", "-m", "a huge file")

    said = fluxbot.run("review", ".", "--base", "HEAD~1", "--head", "HEAD", "--format", "json")

    assert said.status == 1
    assert found(said) == [("limit-exceeded", "clusters/main/huge.yaml")]
    [finding] = mappings(said.report, "findings")
    assert "has 500,000,000 bytes" in text(finding, "message")


def test_a_large_file_that_no_build_reads_says_nothing(fluxbot: CommandLine) -> None:
    fluxbot.commit({**GOOD, "docs/large.yaml": "# " + "x" * (11 * 2**20)})

    said = fluxbot.run("audit", ".", "--format", "json")

    assert (said.status, found(said)) == (0, [])


def test_a_change_that_brings_too_many_kustomizations_fails(
    fluxbot: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fluxbot.commit({**GOOD, "apps/a.yaml": CONFIG})
    fluxbot.write(APPS)

    assert fluxbot.run("review", ".", "--base", "main").status == 0
    monkeypatch.setenv("FLUXBOT_LIMIT_KUSTOMIZATIONS", "3")
    said = fluxbot.run("review", ".", "--base", "main", "--format", "json")

    assert said.status == 1
    assert ("limit-exceeded", "clusters/main/two.yaml") in found(said)
    assert "`FLUXBOT_LIMIT_KUSTOMIZATIONS`" in fluxbot.run("review", ".", "--base", "main").out


@pytest.mark.parametrize(
    ("path", "manifest"),
    [
        ("apps/laughs.yaml", LAUGHS),
        ("apps/kustomization.yaml", LAUGHS),
        ("apps/values.yaml", f"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n{LAUGHS}"),
        ("apps/deep.yaml", "a: " + "[" * 100_000),
        ("apps/kustomization.yaml", "{a: " * 100_000),
    ],
    ids=["manifest", "kustomization", "values", "brackets", "braces"],
)
def test_yaml_that_multiplies_or_nests_ends_at_once_and_fails_the_check(
    fluxbot: CommandLine, path: str, manifest: str
) -> None:
    fluxbot.commit({**GOOD, "clusters/main/apps.yaml": APP.format("apps"), "apps/settings.yaml": CONFIG})
    fluxbot.write({path: manifest})
    started = time.monotonic()

    said = fluxbot.run("review", ".", "--base", "main", "--format", "json")

    assert said.status == 1
    assert [where for _, where in found(said)] == [path]
    assert time.monotonic() - started < 30


def test_an_alias_bomb_as_configuration_is_refused_with_its_line(fluxbot: CommandLine) -> None:
    fluxbot.commit({**GOOD, ".fluxbot.yaml": LAUGHS})

    said = fluxbot.run("review", ".", "--base", "main")

    assert ".fluxbot.yaml:" in refused(said)
    assert "too many aliases" in said.err


def test_a_review_that_needs_too_many_builds_is_refused_with_the_setting(
    fluxbot: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fluxbot.commit({**GOOD, **APPS, "apps/a.yaml": CONFIG})
    monkeypatch.setenv("FLUXBOT_LIMIT_BUILDS", "1")

    said = fluxbot.run("audit", ".")

    assert (
        refused(said) == "fluxbot: the review needs too many builds: the limit is 1; FLUXBOT_LIMIT_BUILDS raises it\n"
    )


def test_a_review_that_takes_too_long_is_stopped_with_the_setting(
    fluxbot: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    apps = {f"apps{number}/a.yaml": CONFIG for number in range(2_000)}
    kustomizations = {
        f"clusters/main/{number}.yaml": APP.format(f"a{number}").replace("./apps", f"./apps{number}")
        for number in range(2_000)
    }
    fluxbot.write({SYNC: "", **apps, **kustomizations})
    monkeypatch.setenv("FLUXBOT_LIMIT_SECONDS", "1")
    started = time.monotonic()

    said = fluxbot.run("audit", ".")

    assert refused(said) == "fluxbot: the review took longer than 1 s; FLUXBOT_LIMIT_SECONDS raises the limit\n"
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("FLUXBOT_LIMIT_SECONDS", "soon", "FLUXBOT_LIMIT_SECONDS is not a number from 1 to 100,000,000"),
        ("FLUXBOT_LIMIT_SECONDS", "0", "FLUXBOT_LIMIT_SECONDS is not a number from 1 to 100,000,000"),
        ("FLUXBOT_LIMIT_FILE_MIB", "-1", "FLUXBOT_LIMIT_FILE_MIB is not a number from 1 to 100,000,000 (MiB)"),
        ("FLUXBOT_LIMIT_YAML_DEPTH", "251", "FLUXBOT_LIMIT_YAML_DEPTH is not a number from 1 to 250"),
        ("FLUXBOT_LIMIT_FILES", "1", "FLUXBOT_LIMIT_FILES is no limit of fluxbot"),
    ],
)
def test_a_wrong_limit_is_refused_in_one_line(
    fluxbot: CommandLine, monkeypatch: pytest.MonkeyPatch, name: str, value: str, problem: str
) -> None:
    fluxbot.write(GOOD)
    monkeypatch.setenv(name, value)

    assert refused(fluxbot.run("audit", ".")) == f"fluxbot: {problem}\n"


def test_a_repository_cannot_change_its_own_limits(fluxbot: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLUXBOT_LIMIT_KUSTOMIZATIONS", "3")
    raised = "FLUXBOT_LIMIT_KUSTOMIZATIONS=9\n"
    fluxbot.write({**GOOD, **APPS, "apps/a.yaml": CONFIG, ".env": raised, ".fluxbot.yaml": "version: 1\nlimits: {}\n"})
    monkeypatch.chdir(fluxbot.folder)

    said = fluxbot.run("audit", ".")

    assert said.status == 1
    assert "limit-exceeded" in said.out
    assert "limits" in said.out  # as a key that .fluxbot.yaml does not have
