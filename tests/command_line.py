"""The command line as a test runs it: in this process, with a cache of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from bot.cli import main
from bot.model.field import Body

SYNC = "clusters/main/flux-system/gotk-sync.yaml"

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: flux-system}\n"
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cert-manager, namespace: cert-manager}
spec:
  chart: {spec: {chart: cert-manager, sourceRef: {kind: HelmRepository, name: jetstack}}}
  values: {crds: {enabled: true}}
  interval: 1h
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


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> Body:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


class CommandLine:
    """Runs fluxbot in ``folder``, which is the working directory."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capture = capture

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")

    def commit(self, files: Mapping[str, str], branch: str = "main") -> None:
        """Add the files to a branch; the first call makes the repository."""
        self.write(files)
        if not (self.folder / ".git").exists():
            self.git("init", "-q", "-b", branch)
        if self.git("branch", "--show-current") != branch:
            self.git("switch", "-q", "-c", branch)
        self.git("add", "--all")
        self.git("commit", "-q", "-m", "a change")

    def git(self, *arguments: str) -> str:
        who = {f"GIT_{role}_{what}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1", **who}
        done = subprocess.run(
            ("git", *arguments), cwd=self.folder, env=environment, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def run(self, *arguments: str) -> Said:
        self._capture.readouterr()
        try:
            status = main(arguments)
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else 1
        captured = self._capture.readouterr()
        return Said(status, captured.out, captured.err)
