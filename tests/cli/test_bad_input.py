"""Bad questions get one line and exit 2; bad repositories get findings, never a crash."""

from __future__ import annotations

import pytest

from bot.model.field import mappings, text
from tests.command_line import CONFIG, DEADLOCK, GOOD, ISSUER, RELEASE, SYNC, CommandLine, Said


def ks(name: str, path: str) -> str:
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: {name}, namespace: flux-system}}\n"
        f"spec: {{interval: 1h, prune: false, path: {path}, sourceRef: {{kind: GitRepository, name: flux-system}}}}\n"
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
    monkeypatch.setenv("FLUXBOT_LIMIT_REPOSITORY_FILES", "1")
    fluxbot.write(GOOD)

    said = fluxbot.run("audit", ".")

    assert is_one_line(said)
    assert said.err == "fluxbot: . holds too many files: the limit is 1; FLUXBOT_LIMIT_REPOSITORY_FILES raises it\n"


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


def test_a_manifest_of_more_than_10_mebibytes_is_a_finding_and_no_failure_of_flux(fluxbot: CommandLine) -> None:
    fluxbot.write({**GOOD, "clusters/main/large.yaml": CONFIG + "data: {a: '" + "x" * (10 * 2**20) + "'}\n"})

    said = fluxbot.run("audit", ".", "--format", "json")

    assert said.status == 1
    assert found(said) == [("limit-exceeded", "clusters/main/large.yaml", 1)]
    [gap] = gaps(said)
    assert gap == "`clusters/main/large.yaml` has 10,485,856 bytes, and files of this kind are read up to 10 MiB"


def test_an_alias_bomb_is_a_finding_at_its_line(fluxbot: CommandLine) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for above, name in zip("abcdefg", "bcdefgh", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{above}'] * 10)}]\n"
    fluxbot.write({SYNC: "", "clusters/main/bomb.yaml": CONFIG + bomb})

    said = fluxbot.run("audit", ".", "--format", "json")

    assert said.status == 1
    assert found(said) == [("limit-exceeded", "clusters/main/bomb.yaml", 9)]


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
