"""A cluster loaded from a repository that a test writes down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.flux.entry import entry_at
from bot.load.cluster import Known, load
from bot.model.cluster import Cluster, Node, Provided
from bot.model.limits import LIMITS, Limits
from bot.model.ref import kustomization
from bot.ports import Answerer
from bot.render.answerer import LocalAnswerer
from bot.render.cache import AnswerCache
from tests.example_tree import snapshot
from tests.flat_answerer import FlatAnswerer, driven

ROOT = "clusters/main"
SYNC = f"{ROOT}/flux-system/gotk-sync.yaml"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\n"


def ks(name: str, spec: str = "", path: str = "") -> str:
    """A Flux Kustomization that reads this repository."""
    source = "" if "sourceRef" in spec else ", sourceRef: {kind: GitRepository, name: flux-system}"
    times = "" if "interval" in spec else ", interval: 1h"
    prunes = "" if "prune" in spec else ", prune: false"
    more = f"{times}{prunes}, {spec}" if spec else f"{times}{prunes}"
    return (
        "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: {name}, namespace: flux-system}}\nspec: {{path: './{path or name}'{source}{more}}}\n"
    )


def loaded(
    files: Mapping[str, str],
    answering: Answerer | None = None,
    known: Known | None = None,
    root: str = ROOT,
    limits: Limits = LIMITS,
) -> Cluster:
    tree = replace(snapshot({SYNC: "", **files}), limits=limits)
    found = driven(load(entry_at(tree, root), tree, known or Known(Provided())), answering or FlatAnswerer())
    assert isinstance(found, Cluster)
    return found


def node(cluster: Cluster, name: str) -> Node:
    return cluster.nodes[kustomization("flux-system", name)]


def data(cluster: Cluster, name: str = "apps") -> object:
    """The ``data`` of the only ConfigMap that a Kustomization applies."""
    [found] = [one.body["data"] for one in node(cluster, name).resources if one.ref.kind == "ConfigMap"]
    return found


def gaps(cluster: Cluster) -> list[str]:
    return [f"{one.about}: {one.why}" for one in cluster.incomplete]


def real() -> LocalAnswerer:
    return LocalAnswerer(AnswerCache())
