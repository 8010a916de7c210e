"""Repositories in which every value that is no identity is a canary.

``builds.txt`` and ``charts.txt`` are tables of what can be broken: ``=== name``
begins a case, ``--- path`` a file, and each CANARY becomes another one.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Final

_NUMBERS: Final = count(1)
CANARY: Final = re.compile(r"canary-?[0-9]|Y2FuYXJ5")
"""A canary, plain or as base64."""

SYNC: Final = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 10m, path: ./clusters/production, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, url: "https://example.org/acme/fleet", ref: {branch: main}}
"""
SECRET: Final = f"""\
apiVersion: v1
kind: Secret
metadata: {{name: credentials, namespace: flux-system, annotations: {{note: CANARY}}}}
data: {{PASSWORD: CODED}}
stringData: {{USER: CANARY, TOKEN: ghp_canary1{"a1" * 15}}}
"""
DEPLOYMENT: Final = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: flux-system}
spec:
  template: {spec: {containers: [{name: app, image: CANARY, env: [{name: A, value: CANARY}]}]}}
"""


def canary() -> str:
    """A new one."""
    return f"canary-{next(_NUMBERS)}-Zq9x"


def filled(text: str) -> str:
    """The text with a canary at each place for one."""
    text = re.sub("CANARY", lambda _: canary(), text)
    return re.sub("CODED", lambda _: base64.b64encode(canary().encode()).decode(), text)


def leaks(text: str) -> list[str]:
    """The surroundings of each canary in a text."""
    return [text[max(0, found.start() - 120) : found.end() + 40] for found in CANARY.finditer(text)]


def cases(table: str) -> Mapping[str, Mapping[str, str]]:
    """The files of each case of a table."""
    text = Path(__file__).with_name(f"{table}.txt").read_text("utf-8")
    found: dict[str, dict[str, str]] = {}
    for case in text.split("=== ")[1:]:
        name, _, files = case.partition("\n")
        parts = (part.partition("\n") for part in files.split("--- ")[1:])
        found[name] = {path: filled(content) for path, _, content in parts}
    return found
