"""Bad questions get one line and exit 2; bad repositories get findings, never a crash."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bot import __version__
from bot.git import disk
from bot.model.field import items, mappings, text
from tests.command_line import SYNC, CommandLine, Said

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: flux-system}\n"
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cert-manager, namespace: cert-manager}
spec:
  chart: {spec: {chart: cert-manager, sourceRef: {kind: HelmRepository, name: jetstack}}}
  values: {crds: {enabled: true}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: jetstack, namespace: cert-manager}
spec: {url: "https://charts.jetstack.io"}
---
apiVersion: v1
kind: Namespace
metadata: {name: cert-manager}
"""
ISSUER = "apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: ca}\nspec: {selfSigned: {}}\n"
DEADLOCK = {SYNC: "", "clusters/main/cert-manager.yaml": RELEASE, "clusters/main/issuer.yaml": ISSUER}
GOOD = {SYNC: "", "clusters/main/settings.yaml": CONFIG}


def ks(name: str, path: str) -> str:
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: {name}, namespace: flux-system}}\n"
        f"spec: {{path: {path}, sourceRef: {{kind: GitRepository, name: flux-system}}}}\n"
    )


def found(said: Said) -> list[tuple[str, str, int]]:
    """The findings of a JSON report: rule, path and line."""
    return [
        (text(one, "rule"), text(one, "at", "path"), int(text(one, "at", "line")))
        for one in mappings(said.report, "findings")
    ]


def gaps(said: Said) -> list[str]:
    return [
        text(one, "why") for cluster in mappings(said.report, "clusters") for one in mappings(cluster, "incomplete")
    ]


def is_one_line(said: Said) -> bool:
    return said.status == 2 and said.out == "" and said.err.startswith("fluxbot: ") and said.err.count("\n") == 1


def test_a_review_outside_of_a_repository_says_so(fluxbot: CommandLine) -> None:
    said = fluxbot.run("review", ".", "--base", "main")

    assert is_one_line(said)
    assert said.err == "fluxbot: . is no git repository\n"


def test_a_path_that_is_no_directory_says_so(fluxbot: CommandLine) -> None:
    fluxbot.write({"file": "x"})

    for path in ("none", "file"):
        said = fluxbot.run("audit", path)

        assert is_one_line(said)
        assert said.err == f"fluxbot: {path} is not a directory\n"


def test_an_unknown_revision_says_so(fluxbot: CommandLine) -> None:
    fluxbot.commit(GOOD)

    for arguments in (("audit", ".", "--rev", "nope"), ("review", ".", "--base", "nope"), ("graph", "--rev", "nope")):
        said = fluxbot.run(*arguments)

        assert is_one_line(said)
        assert "unknown revision 'nope'" in said.err


def test_a_revision_that_looks_like_an_option_or_a_trick_is_unknown(fluxbot: CommandLine) -> None:
    fluxbot.commit(GOOD)

    for revision in ("--rev=--output=x", "--rev=-n1", "--rev=", "--rev=main\n"):
        said = fluxbot.run("audit", ".", revision)

        assert is_one_line(said)


def test_a_revision_of_a_plain_folder_says_so(fluxbot: CommandLine) -> None:
    said = fluxbot.run("audit", ".", "--rev", "main")

    assert is_one_line(said)
    assert said.err == "fluxbot: . is no git repository, so it has no revision main\n"


def test_a_repository_without_commits_says_so(fluxbot: CommandLine) -> None:
    fluxbot.git("init", "-q")

    said = fluxbot.run("audit", ".", "--rev", "HEAD")

    assert is_one_line(said)
    assert "has no commits" in said.err
    assert fluxbot.run("audit", ".").status == 0


def test_a_bare_repository_needs_a_head_to_review(fluxbot: CommandLine) -> None:
    fluxbot.commit(GOOD)
    fluxbot.git("clone", "-q", "--bare", ".", "bare.git")

    assert is_one_line(fluxbot.run("review", "bare.git", "--base", "main"))
    assert fluxbot.run("review", "bare.git", "--base", "main", "--head", "main").status == 0
    assert fluxbot.run("audit", "bare.git").status == 0


def test_more_files_than_a_repository_has_say_so(fluxbot: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "MOST_FILES", 1)
    fluxbot.write(GOOD)

    said = fluxbot.run("audit", ".")

    assert is_one_line(said)
    assert "holds more than 1 files" in said.err


def test_a_repository_without_flux_has_nothing_to_say(fluxbot: CommandLine) -> None:
    fluxbot.write({"README.md": "x", "deployment.yaml": CONFIG})

    said = fluxbot.run("audit", ".", "--format", "json")

    assert (said.status, said.err) == (0, "")
    assert (said.report["clusters"], said.report["findings"]) == ([], [])


def test_a_manifest_that_is_no_yaml_is_a_finding_at_its_line_and_the_rest_is_judged(fluxbot: CommandLine) -> None:
    fluxbot.write(
        {
            SYNC: "",
            "clusters/main/a.yaml": ks("broken", "./broken"),
            "clusters/main/b.yaml": ks("certificates", "./certificates"),
            "broken/settings.yaml": CONFIG + "data:\n  a: [\n",
            "certificates/release.yaml": RELEASE,
            "certificates/issuer.yaml": ISSUER,
        }
    )

    said = fluxbot.run("audit", ".", "--format", "json")

    assert said.status == 1
    rules = found(said)
    assert ("crd-in-same-kustomization", "certificates/issuer.yaml", 2) in rules
    assert [(rule, path) for rule, path, line in rules if line > 3] == [("build-fails", "broken/settings.yaml")]


def test_an_error_of_kustomize_is_a_finding_with_its_text(fluxbot: CommandLine) -> None:
    fluxbot.write({SYNC: "", "clusters/main/kustomization.yaml": "resources:\n- servcie.yaml\n"})

    said = fluxbot.run("audit", ".", "--format", "json")

    [finding] = mappings(said.report, "findings")
    assert (said.status, finding["rule"]) == (1, "build-fails")
    assert "servcie.yaml" in text(finding, "predicted_error")


def test_kustomizations_that_include_themselves_or_each_other_are_a_finding(fluxbot: CommandLine) -> None:
    for entry in ("../main", "../other"):
        fluxbot.write(
            {
                SYNC: "",
                "clusters/main/kustomization.yaml": f"resources: [{entry}]\n",
                "clusters/other/kustomization.yaml": "resources: [../main]\n",
            }
        )

        said = fluxbot.run("audit", ".", "--format", "json")

        assert said.status == 1
        assert [rule for rule, _, _ in found(said)] == ["build-fails"]


def test_a_flux_kustomization_that_applies_itself_ends(fluxbot: CommandLine) -> None:
    fluxbot.write({SYNC: "", "clusters/main/self.yaml": ks("self", "./clusters/main")})

    said = fluxbot.run("audit", ".", "--format", "json")

    assert said.status == 0
    assert [cluster["kustomizations"] for cluster in mappings(said.report, "clusters")] == [2]


def test_a_manifest_of_more_than_10_mebibytes_is_named_as_not_read(fluxbot: CommandLine) -> None:
    fluxbot.write({**GOOD, "clusters/main/large.yaml": CONFIG + "data: {a: '" + "x" * (10 * 2**20) + "'}\n"})

    said = fluxbot.run("audit", ".", "--format", "json")

    assert said.status == 0
    assert gaps(said) == ["clusters/main/large.yaml is larger than fluxbot reads"]


def test_an_alias_bomb_is_a_finding_at_its_line(fluxbot: CommandLine) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for above, name in zip("abcdefg", "bcdefgh", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{above}'] * 10)}]\n"
    fluxbot.write({SYNC: "", "clusters/main/bomb.yaml": CONFIG + bomb})

    said = fluxbot.run("audit", ".", "--format", "json")

    assert said.status == 1
    assert found(said) == [("build-fails", "clusters/main/bomb.yaml", 9)]


def test_a_path_with_dots_is_clamped_to_the_repository_as_flux_does(fluxbot: CommandLine) -> None:
    fluxbot.write({SYNC: "", "clusters/main/apps.yaml": ks("apps", "../../../apps"), "apps/settings.yaml": CONFIG})

    said = fluxbot.run("audit", ".", "--format", "json")

    assert (said.status, found(said), gaps(said)) == (0, [], [])
    assert [cluster["resources"] for cluster in mappings(said.report, "clusters")] == [2]


def test_an_entry_that_leaves_the_repository_is_a_finding(fluxbot: CommandLine) -> None:
    fluxbot.write({SYNC: "", "clusters/main/kustomization.yaml": "resources:\n- ../../../outside\n"})
    (fluxbot.folder.parent / "outside").mkdir()
    (fluxbot.folder.parent / "outside" / "kustomization.yaml").write_text("configMapGenerator: [{name: leaked}]\n")

    said = fluxbot.run("audit", ".", "--format", "json")

    [finding] = mappings(said.report, "findings")
    assert finding["rule"] == "build-fails"
    assert "../../../outside is not within the source" in text(finding, "message")


def test_a_link_that_leaves_the_tree_is_never_followed(fluxbot: CommandLine) -> None:
    secret = fluxbot.folder.parent / "secret"
    secret.mkdir()
    (secret / "stolen.yaml").write_text(CONFIG.replace("settings", "stolen"))
    fluxbot.write({SYNC: "", "clusters/main/apps.yaml": ks("apps", "./apps")})
    (fluxbot.folder / "apps").symlink_to(secret)
    (fluxbot.folder / "clusters/main/stolen.yaml").symlink_to(secret / "stolen.yaml")

    said = fluxbot.run("audit", ".", "--format", "json")

    assert "stolen" not in said.out
    [finding] = mappings(said.report, "findings")
    assert finding["rule"] == "path-not-found"
    assert "symbolic link" in text(finding, "message")


def test_a_configuration_that_is_no_yaml_says_where(fluxbot: CommandLine) -> None:
    fluxbot.write({**GOOD, ".fluxbot.yaml": "version: 1\nrules: {\n"})

    said = fluxbot.run("audit", ".")

    assert is_one_line(said)
    assert said.err.startswith("fluxbot: .fluxbot.yaml:")


def test_an_unknown_key_of_the_configuration_is_reported_with_its_line_and_the_rest_counts(
    fluxbot: CommandLine,
) -> None:
    fluxbot.write({**DEADLOCK, ".fluxbot.yaml": "version: 1\ngats: {}\nrules: {crd-in-same-kustomization: warning}\n"})

    said = fluxbot.run("audit", ".")

    assert said.status == 0
    assert ".fluxbot.yaml:2: " in said.out
    assert "warning crd-in-same-kustomization" in said.out


def test_a_configuration_file_that_is_named_must_be_there_and_be_read(fluxbot: CommandLine) -> None:
    fluxbot.write({**GOOD, "bad.yaml": "a: [\n"})

    for name, why in (("none.yaml", "cannot read none.yaml: "), ("bad.yaml", "bad.yaml:"), (".", "cannot read .: ")):
        said = fluxbot.run("audit", ".", "--config", name)

        assert is_one_line(said)
        assert why in said.err


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

    monkeypatch.setattr("bot.app.local.examine", fail)

    said = fluxbot.run("audit", ".")

    assert (said.status, said.out) == (3, "")
    assert "ZeroDivisionError: ours" in said.err


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
