"""Whole reviews of hostile repositories, by the command line with real kustomize: a finding each, and no crash."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.model.field import items, mappings, text
from tests.cli.conftest import fluxbot
from tests.command_line import DEADLOCK, GOOD, ISSUER, SYNC, CommandLine, Said

__all__ = ["fluxbot"]

CANARY = "CANARY-d41d8cd9"
ONLY_SYNC = {SYNC: ""}


def kustomization(path: str, name: str = "evil") -> str:
    """A Flux Kustomization whose ``spec.path`` is this YAML."""
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: {name}, namespace: flux-system}}\n"
        f"spec:\n  path: {path}\n  interval: 1h\n  prune: false\n"
        "  sourceRef: {kind: GitRepository, name: flux-system}\n"
    )


def rules(said: Said) -> set[str]:
    return {text(one, "rule") for one in mappings(said.report, "findings")}


def audited(fluxbot: CommandLine) -> Said:
    """The report as JSON, which no crash interrupts."""
    said = fluxbot.run("audit", ".", "--format", "json", "--no-cache")
    assert said.status in (0, 1), said.err
    assert items(said.report, "crashed") == []
    assert CANARY not in said.out + said.err
    return said


PATHS = {
    "climbing": "../../../../../etc",
    "absolute": "/etc",
    "home": "'~'",
    "another's home": "'~root/.ssh'",
    "address": "https://169.254.169.254/latest",
    "git address": "git@github.com:a/b.git",
    "NUL": '"infra\\0/x"',
    "line break": '"a\\nb"',
    "very long": "a/" * 5_000,
    "one long name": "x" * 10_000,
    "variable": "./${where}/${who:=x}",
    "command": "'$(touch /tmp/x)'",
    "number": "7",
    "list": "[a, b]",
    "map": "{a: b}",
    "null": "null",
    "dots": "'././/.//..//.'",
    "option": "--help",
    "backslash": "'..\\..\\etc'",
    "direction": '"\\u202egnp.exe"',
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_path_of_any_kind_is_a_finding_or_a_directory_of_the_tree(fluxbot: CommandLine, path: str) -> None:
    fluxbot.commit({**GOOD, "clusters/main/evil.yaml": kustomization(path)})

    said = audited(fluxbot)

    assert rules(said) <= {"path-not-found", "build-fails", "depends-on-cycle", "owned-twice", "object-invalid"}
    assert items(said.report, "clusters")


READING = {
    "resource": "resources: [{}]",
    "component": "components: [{}]",
    "base": "bases: [{}]",
    "patch": "resources: [cm.yaml]\npatches: [{{path: {}}}]",
    "strategic merge": "resources: [cm.yaml]\npatchesStrategicMerge: [{}]",
    "json patch": "resources: [cm.yaml]\npatchesJson6902: [{{path: {}, target: {{kind: ConfigMap, name: a}}}}]",
    "replacement": "resources: [cm.yaml]\nreplacements: [{{path: {}}}]",
    "generated file": "configMapGenerator: [{{name: a, files: [key={}]}}]",
    "generated env": "configMapGenerator: [{{name: a, envs: [{}]}}]",
    "secret": "secretGenerator: [{{name: a, files: [{}]}}]",
    "generator": "generators: [{}]",
    "transformer": "resources: [cm.yaml]\ntransformers: [{}]",
    "validator": "resources: [cm.yaml]\nvalidators: [{}]",
    "configuration": "resources: [cm.yaml]\nconfigurations: [{}]",
    "crd": "resources: [cm.yaml]\ncrds: [{}]",
    "schema": "resources: [cm.yaml]\nopenapi: {{path: {}}}",
    "chart": "helmGlobals: {{chartHome: {}}}\nhelmCharts: [{{name: x, valuesFile: {}}}]",
    "built-in generator": """\
generators:
- |-
  apiVersion: builtin
  kind: ConfigMapGenerator
  metadata: {{name: a}}
  files: [{}]
""",
}  # fmt: skip


@pytest.mark.parametrize("field", READING.values(), ids=READING)
def test_nothing_outside_of_the_tree_gets_into_a_build(fluxbot: CommandLine, tmp_path: Path, field: str) -> None:
    canary = tmp_path / "canary.yaml"
    canary.write_text(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {CANARY.lower()}}}\ndata: {{x: {CANARY}}}\n")
    objects = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
    relative = os.path.relpath(canary, fluxbot.folder / "clusters/main")
    files = {**ONLY_SYNC, "clusters/main/cm.yaml": objects}

    for number, path in enumerate((str(canary), relative, f"./x/../{relative}", f"file://{canary}")):
        written = field.replace("{}", "{0}").format(path)
        fluxbot.commit({**files, "clusters/main/kustomization.yaml": written + "\n", "n": f"{number}"})
        said = audited(fluxbot)

        assert CANARY.lower() not in said.out
        assert said.status == 1 or any(items(cluster, "incomplete") for cluster in mappings(said.report, "clusters"))


def test_a_link_to_a_file_outside_is_not_followed_by_a_build(fluxbot: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "canary.yaml").write_text(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {CANARY}}}\n")
    fluxbot.write({**ONLY_SYNC, "clusters/main/kustomization.yaml": "resources: [link.yaml, dir]\n"})
    (fluxbot.folder / "clusters/main/link.yaml").symlink_to(tmp_path / "canary.yaml")
    (fluxbot.folder / "clusters/main/dir").symlink_to(tmp_path)
    fluxbot.commit({})

    assert rules(audited(fluxbot)) == {"build-fails"}


CYCLES = {
    "components": {
        "clusters/main/kustomization.yaml": "components: [../../a]\n",
        "a/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncomponents: [../b]\n",
        "b/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncomponents: [../a]\n",
    },
    "bases": {
        "clusters/main/kustomization.yaml": "resources: [../../a]\n",
        "a/kustomization.yaml": "resources: [../b]\n",
        "b/kustomization.yaml": "resources: [../a]\n",
    },
    "itself": {"clusters/main/kustomization.yaml": "resources: [.]\n"},
    "its own parent": {"clusters/main/kustomization.yaml": "resources: [../main]\n"},
}


@pytest.mark.parametrize("files", CYCLES.values(), ids=CYCLES)
def test_a_cycle_of_kustomizations_is_a_build_that_fails(fluxbot: CommandLine, files: dict[str, str]) -> None:
    fluxbot.commit({**ONLY_SYNC, **files})

    assert rules(audited(fluxbot)) == {"build-fails"}


def test_kustomizations_that_apply_themselves_and_each_other_come_to_an_end(fluxbot: CommandLine) -> None:
    fluxbot.commit({
        **GOOD,
        "clusters/main/self.yaml": kustomization("./clusters/main", "self"),
        "clusters/main/a.yaml": kustomization("./a", "a"),
        "a/b.yaml": kustomization("./b", "b"),
        "b/a.yaml": kustomization("./a", "a"),
    })  # fmt: skip

    [cluster] = mappings(audited(fluxbot).report, "clusters")

    assert text(cluster, "root") == "clusters/main"


SWITCHES = {
    "gate": "version: 1\ngate: {fresh: never, running: never}\n",
    "rule": 'version: 1\nrules: {crd-in-same-kustomization: "off"}\n',
    "note": "version: 1\nrules: {crd-in-same-kustomization: note}\n",
    "ignore": (
        "version: 1\nignore: [{rule: crd-in-same-kustomization, reason: fine,"
        " about: Kustomization/flux-system/flux-system}]\n"
    ),
    "provided": "version: 1\nclusters: [{root: clusters/main, provided: {crds: ['*']}}]\n",
    "soft": "version: 1\nsoft: ['*.cert-manager.io', ClusterIssuer.cert-manager.io]\n",
    "another cluster": "version: 1\nclusters: [{root: docs}]\n",
    "bomb": "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ),
    "large": "# " + "x" * 10_000_000 + "\n",
    "binary": "\x7fELF\x00\x01\x02",
}  # fmt: skip
PLACES = (".fluxbot.yaml", ".fluxbot.yml", ".github/.fluxbot.yaml")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("config", SWITCHES.values(), ids=SWITCHES)
def test_a_change_cannot_switch_off_its_own_review(fluxbot: CommandLine, place: str, config: str) -> None:
    fluxbot.commit({SYNC: "", "docs/x.yaml": ISSUER})
    fluxbot.commit({**DEADLOCK, place: config}, branch="topic")

    for head in (("--head", "topic"), ()):
        said = fluxbot.run("review", ".", "--base", "main", *head, "--format", "json")

        assert said.status == 1, said.err
        assert "crd-in-same-kustomization" in rules(said)


def test_a_configuration_that_is_a_link_is_none(fluxbot: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(SWITCHES["gate"])
    (fluxbot.folder / ".fluxbot.yaml").symlink_to(tmp_path / "mine.yaml")
    fluxbot.commit({SYNC: ""})
    fluxbot.commit(DEADLOCK, branch="topic")

    assert fluxbot.run("review", ".", "--base", "main", "--head", "topic", "--format", "json").status == 1


def test_a_change_that_deletes_the_configuration_is_judged_by_the_one_it_deletes(fluxbot: CommandLine) -> None:
    strict = "version: 1\nrules: {crd-in-same-kustomization: warning}\ngate: {fresh: warning}\n"
    fluxbot.commit({SYNC: "", ".fluxbot.yaml": strict})
    fluxbot.git("switch", "-q", "-c", "topic")
    fluxbot.git("rm", "-q", ".fluxbot.yaml")
    fluxbot.commit(DEADLOCK, branch="topic")

    said = fluxbot.run("review", ".", "--base", "main", "--head", "topic", "--format", "json")

    assert said.status == 1
    assert [text(one, "severity") for one in mappings(said.report, "findings")] == ["warning"]
