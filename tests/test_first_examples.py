"""The two mistakes that fluxbot exists for, through its command line: as a change in git, and as its author sees it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any, TypeAlias

import pytest

from bot.cli import main

Reviewed: TypeAlias = Callable[[Mapping[str, str], Mapping[str, str]], tuple[int, Any]]

SYNC = """
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata: {name: flux-system, namespace: flux-system}
    spec: {interval: 1m, url: "ssh://git@github.com/acme/fleet", ref: {branch: main}}
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata: {name: flux-system, namespace: flux-system}
    spec: {interval: 10m, path: ./clusters/production, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}
    """
INFRASTRUCTURE = """
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata: {name: infrastructure, namespace: flux-system}
    spec:
      interval: 1h
      path: ./infrastructure
      prune: true
      sourceRef: {kind: GitRepository, name: flux-system}
    """
ISSUERS = """
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata: {name: issuers, namespace: flux-system}
    spec:
      dependsOn: [{name: infrastructure}]
      interval: 1h
      path: ./issuers
      prune: true
      sourceRef: {kind: GitRepository, name: flux-system}
    """
CERT_MANAGER = """
    apiVersion: v1
    kind: Namespace
    metadata: {name: cert-manager}
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: HelmRepository
    metadata: {name: jetstack, namespace: cert-manager}
    spec: {interval: 12h, url: "https://charts.jetstack.io"}
    ---
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: cert-manager, namespace: cert-manager}
    spec:
      chart: {spec: {chart: cert-manager, version: v1.18.2, sourceRef: {kind: HelmRepository, name: jetstack}}}
      interval: 1h
      values: {crds: {enabled: true}}
    """
ISSUER = """
    # Certificates for everything below acme.example
    apiVersion: cert-manager.io/v1
    kind: ClusterIssuer
    metadata: {name: letsencrypt}
    spec: {acme: {server: "https://acme-v02.api.letsencrypt.org/directory", privateKeySecretRef: {name: letsencrypt}}}
    """

RUNNING = {
    "clusters/production/flux-system/gotk-sync.yaml": SYNC,
    "clusters/production/infrastructure.yaml": INFRASTRUCTURE,
    "infrastructure/cert-manager.yaml": CERT_MANAGER,
}
ORDERED = {"clusters/production/issuers.yaml": ISSUERS, "issuers/letsencrypt.yaml": ISSUER}


@pytest.fixture
def reviewed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Reviewed:
    """Commits a repository and then a change to it; the exit status and the JSON of their review."""

    def commit(files: Mapping[str, str]) -> None:
        for path, text in files.items():
            place = tmp_path / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(dedent(text).lstrip("\n"))
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example", "-c", "commit.gpgsign=false")
        subprocess.run(["git", "-C", tmp_path, "add", "--all"], check=True)
        subprocess.run(["git", "-C", tmp_path, *identity, "commit", "--quiet", "--message", "Change"], check=True)

    def review(base: Mapping[str, str], change: Mapping[str, str]) -> tuple[int, Any]:
        subprocess.run(["git", "init", "--quiet", "--initial-branch=main", tmp_path], check=True)
        commit(base)
        commit(change)
        command = ["review", str(tmp_path), "--base", "HEAD~1", "--head", "HEAD", "--format", "json", "--no-cache"]
        status = main(command)
        return status, json.loads(capsys.readouterr().out)

    return review


def test_a_new_issuer_beside_the_release_that_brings_its_crd_fails_the_review(reviewed: Reviewed) -> None:
    status, report = reviewed(RUNNING, {"infrastructure/letsencrypt.yaml": ISSUER})

    assert status == 1
    assert report["conclusion"] == "failure"
    [finding] = report["findings"]
    assert finding["rule"] == "crd-in-same-kustomization"
    assert finding["severity"] == "error"
    assert finding["outcome"] == "deadlock"
    assert finding["when"] == ["fresh"]
    assert finding["new"] is True
    assert finding["at"] == {"path": "infrastructure/letsencrypt.yaml", "line": 3, "end_line": 3}
    assert finding["about"]["name"] == "infrastructure"
    assert finding["object"]["kind"] == "ClusterIssuer"
    assert finding["provider"]["kind"] == "HelmRelease"
    assert finding["missing"] == "ClusterIssuer.cert-manager.io/v1"
    assert finding["predicted_error"] == (
        'ClusterIssuer/letsencrypt dry-run failed: no matches for kind "ClusterIssuer" in version "cert-manager.io/v1"'
    )


def test_a_dependency_on_a_kustomization_that_does_not_wait_is_reported(reviewed: Reviewed) -> None:
    status, report = reviewed(RUNNING, ORDERED)

    assert status == 0
    [finding] = report["findings"]
    assert finding["rule"] == "crd-not-awaited"
    assert finding["severity"] == "warning"
    assert finding["outcome"] == "late"
    assert (finding["about"]["name"], finding["needs"]["name"]) == ("issuers", "infrastructure")


def test_a_dependency_on_a_kustomization_that_waits_is_right(reviewed: Reviewed) -> None:
    waiting = {"clusters/production/infrastructure.yaml": INFRASTRUCTURE + "  wait: true\n"}

    status, report = reviewed({**RUNNING, **waiting}, ORDERED)

    assert status == 0
    assert report["conclusion"] == "success"
    assert report["findings"] == []
    assert [(one["fresh"]["ready"], one["fresh"]["stuck"]) for one in report["clusters"]] == [(3, 0)]
