"""Builds and charts as somebody means harm with them, in the real cell, in small limits so that they end soon."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from bot.model.ask import Answer, Build, Render
from bot.model.snapshot import Blob
from bot.render.cell import Cell
from bot.render.helm import Helm
from bot.render.kustomize import Kustomize
from bot.render.limits import Limits

CONFIG: Final = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"
CHART: Final = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
QUICK: Final = Limits(seconds=200.0, cpu=4)
"""Processor time ends what is endless, because it does not depend on what else the machine does."""


def build(kustomization: str, files: Mapping[str, str] | None = None, limits: Limits = QUICK) -> Answer:
    """What real kustomize makes of a root kustomization and other files."""
    return Kustomize(Cell(limits)).build(Build("", _blobs({"kustomization.yaml": kustomization, **(files or {})})))


def render(template: str, files: Mapping[str, str] | None = None, limits: Limits = QUICK) -> Answer:
    """What the real Helm makes of a chart of one template and other files."""
    chart = {"Chart.yaml": CHART, "templates/a.yaml": template, **(files or {})}
    return Helm(Cell(limits)).render(Render(_blobs(chart), {}, "web", "prod"))


def alias_bomb() -> str:
    """A thousand million values in a few lines of YAML."""
    names = "abcdefghij"
    first = f"a: &a [{', '.join(['x'] * 10)}]\n"
    return first + "".join(f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in pairwise(names))


def _blobs(files: Mapping[str, str]) -> dict[str, Blob]:
    return {path: Blob("0" * 40, len(text), text.encode()) for path, text in files.items()}
