"""What ``deploy/`` gives to Kubernetes: it builds, the API server would take it, and Flux gets it ready."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml

from bot.cli import main

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
Object: TypeAlias = dict[str, Any]

ALONE = ("kustomize/base", "kustomize/cloudnative-pg", "kustomize/database", "flux/fluxbot")
COMPONENTS = ("service-monitor", "embedded-postgres")
SYNC = """
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, url: "https://github.com/example/fluxbot", ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 10m, path: ./clusters/production, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}
"""
"""The fleet is the repository of fluxbot, too, so that every path leads to files that can be read."""


def built(folder: Path) -> str:
    """What kustomize makes of a folder."""
    return subprocess.run(
        [BIN / "kubectl", "kustomize", folder], check=True, capture_output=True, text=True, timeout=60
    ).stdout


def with_components(folder: Path, *names: str) -> str:
    """What kustomize makes of the base with components, and of the image as a user names it."""
    shutil.copytree(DEPLOY / "kustomize", folder / "kustomize")
    wanted = {
        "resources": ["../kustomize/base"],
        "components": [f"../kustomize/components/{name}" for name in names],
        "images": [{"name": "fluxbot", "newName": "registry.example.org/platform/fluxbot", "newTag": "1.0"}],
    }
    overlay = folder / "overlay"
    overlay.mkdir()
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump(wanted))
    return built(overlay)


def objects(text: str) -> list[Object]:
    """The objects of a stream."""
    return [one for one in yaml.safe_load_all(text) if one]


def fleet(folder: Path, changed: Mapping[str, str] | None = None) -> Path:
    """A fleet that deploys fluxbot from itself, as the example says; ``changed`` replaces texts of the example."""
    shutil.copytree(DEPLOY / "flux", folder)
    shutil.copytree(DEPLOY / "kustomize", folder / "deploy" / "kustomize")
    cluster = folder / "clusters" / "production"
    (cluster / "flux-system").mkdir()
    (cluster / "flux-system" / "gotk-sync.yaml").write_text(SYNC)
    text = (cluster / "fluxbot.yaml").read_text()
    for before, after in (changed or {}).items():
        assert before in text
        text = text.replace(before, after)
    (cluster / "fluxbot.yaml").write_text(text)
    return folder


def audited(folder: Path, capsys: pytest.CaptureFixture[str]) -> Object:
    """What fluxbot says of a fleet."""
    main(["audit", str(folder), "--format", "json", "--no-cache"])
    said: Object = json.loads(capsys.readouterr().out)
    return said


@pytest.mark.parametrize("folder", ALONE)
def test_every_kustomization_builds_and_the_api_server_would_take_all_of_it(folder: str, tmp_path: Path) -> None:
    manifest = tmp_path / "all.yaml"
    made = objects(built(DEPLOY / folder))
    for one in made:
        one.pop("sops", None)  # Flux takes it away when it decrypts
    manifest.write_text(yaml.safe_dump_all(made))

    judged = validated(manifest)

    assert made
    assert (judged.returncode, judged.stdout.count("ERROR")) == (0, 0), judged.stdout


@pytest.mark.parametrize("names", [COMPONENTS[:1], COMPONENTS[1:], COMPONENTS], ids="+".join)
def test_the_base_builds_with_each_component_and_the_api_server_would_take_it(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    manifest = tmp_path / "all.yaml"
    manifest.write_text(with_components(tmp_path, *names))

    judged = validated(manifest)

    assert (judged.returncode, judged.stdout.count("ERROR")) == (0, 0), judged.stdout


def validated(manifest: Path) -> subprocess.CompletedProcess[str]:
    """The word of Kubernetes' own schemas; fields that they do not know are errors."""
    return subprocess.run(
        [BIN / "kubernetes-validate", "--strict", manifest],
        check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
    )  # fmt: skip


def test_the_schemas_refuse_what_is_misspelt(tmp_path: Path) -> None:
    manifest = tmp_path / "wrong.yaml"
    manifest.write_text(built(DEPLOY / "kustomize/base").replace("readOnlyRootFilesystem", "readonlyRootFilesystem"))

    assert validated(manifest).returncode != 0


def test_fluxbots_own_review_of_the_example_is_clean_and_nothing_is_left_unread(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = audited(fleet(tmp_path / "fleet"), capsys)

    assert (said["conclusion"], said["findings"]) == ("success", [])
    [cluster] = said["clusters"]
    assert cluster["incomplete"] == []
    assert cluster["fresh"] == {"ready": 5, "late": 0, "stuck": 0}
    assert cluster["waves"] == [
        ["flux-system/flux-system"],
        ["flux-system/cloudnative-pg", "flux-system/fluxbot-settings"],
        ["flux-system/fluxbot-database"],
        ["flux-system/fluxbot"],
    ]


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"    - name: cloudnative-pg\n": ""}, "crd-not-ordered"),
        ({"  wait: true # until the HelmRelease is ready, its webhook with it\n": ""}, "crd-not-awaited"),
        ({"  decryption:\n    provider: sops\n": "  x-decryption:\n    provider: sops\n"}, "sops-not-decrypted"),
    ],
    ids=["without-dependsOn", "without-wait", "without-decryption"],
)
def test_the_example_needs_what_it_has(
    changed: dict[str, str], rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = audited(fleet(tmp_path / "fleet", changed), capsys)

    assert rule in {finding["rule"] for finding in said["findings"]}


def test_the_pods_have_the_narrowest_security_context_and_every_probe() -> None:
    [deployment] = [one for one in objects(built(DEPLOY / "kustomize/base")) if one["kind"] == "Deployment"]
    pod = deployment["spec"]["template"]["spec"]
    [container] = pod["containers"]

    assert container["args"] == ["serve", "--with-worker"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not pod["automountServiceAccountToken"]
    assert {name: probe["httpGet"]["path"] for name, probe in container.items() if name.endswith("Probe")} == {
        "startupProbe": "/readyz",
        "readinessProbe": "/readyz",
        "livenessProbe": "/healthz",
    }


def test_selectors_find_the_pods_and_nothing_else_of_the_namespace() -> None:
    base = {one["kind"]: one for one in objects(built(DEPLOY / "kustomize/base"))}
    wanted = {"app.kubernetes.io/name": "fluxbot"}

    assert base["Deployment"]["spec"]["template"]["metadata"]["labels"] == wanted
    assert base["Service"]["spec"]["selector"] == wanted
    assert base["NetworkPolicy"]["spec"]["podSelector"] == {"matchLabels": wanted}
    assert base["PodDisruptionBudget"]["spec"]["selector"] == {"matchLabels": wanted}


def test_with_a_database_of_its_own_there_is_one_pod_with_a_volume_and_no_budget(tmp_path: Path) -> None:
    made = {one["kind"]: one for one in objects(with_components(tmp_path, "embedded-postgres"))}
    spec = made["Deployment"]["spec"]
    volumes = {one["name"]: one for one in spec["template"]["spec"]["volumes"]}

    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert volumes["data"] == {"name": "data", "persistentVolumeClaim": {"claimName": "fluxbot"}}
    assert "database" not in volumes
    assert "PodDisruptionBudget" not in made
    assert "FLUXBOT_DATABASE_URL_FILE" not in str(made["Deployment"])


def test_no_manifest_names_where_images_come_from() -> None:
    named = {
        container["image"]
        for one in objects(built(DEPLOY / "kustomize/base"))
        if one["kind"] == "Deployment"
        for container in one["spec"]["template"]["spec"]["containers"]
    }

    assert named == {"fluxbot"}


def test_the_image_that_a_user_names_is_the_one_that_runs(tmp_path: Path) -> None:
    text = with_components(tmp_path, "service-monitor")

    assert "image: registry.example.org/platform/fluxbot:1.0\n" in text
