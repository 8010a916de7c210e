"""What `fluxbot graph` draws."""

from __future__ import annotations

import json

from bot.model.field import mappings, text
from tests.command_line import SYNC, CommandLine

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.org}
spec: {group: example.org, names: {kind: Thing, plural: things}, versions: [{name: v1, served: true}]}
"""
THING = "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: a, namespace: flux-system}\n"


def ks(name: str, more: str = "") -> str:
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: {name}, namespace: flux-system}}\n"
        f"spec: {{interval: 1h, prune: false, path: ./{name}, "
        f"sourceRef: {{kind: GitRepository, name: flux-system}}{more}}}\n"
    )


FILES = {
    SYNC: "",
    "clusters/main/crds.yaml": ks("crds"),
    "clusters/main/apps.yaml": ks("apps", ", dependsOn: [{name: stores}]"),
    "clusters/main/stores.yaml": ks("stores"),
    "crds/things.yaml": CRD,
    "apps/a.yaml": THING,
    "stores/x.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: flux-system}\n",
}


def edges(fluxbot: CommandLine, *arguments: str) -> set[tuple[str, str, str]]:
    """The drawn edges by the labels of their ends."""
    said = fluxbot.run("graph", ".", "--format", "json", *arguments)
    assert (said.status, said.err) == (0, "")
    drawing = json.loads(said.out)
    labels = {text(node, "id"): text(node, "label") for node in mappings(drawing, "nodes")}
    return {
        (labels[text(one, "tail")], text(one, "why"), labels[text(one, "head")]) for one in mappings(drawing, "edges")
    }


def test_the_drawing_shows_who_waits_who_creates_and_what_is_missing(fluxbot: CommandLine) -> None:
    fluxbot.write(FILES)

    assert edges(fluxbot) == {
        ("flux-system/apps", "dependsOn", "flux-system/stores"),
        ("flux-system/apps", "created by", "flux-system/flux-system"),
        ("flux-system/stores", "created by", "flux-system/flux-system"),
        ("flux-system/crds", "created by", "flux-system/flux-system"),
        ("flux-system/apps", "needs Thing.example.org", "flux-system/crds"),
    }


def test_mermaid_is_the_default_and_dot_is_there(fluxbot: CommandLine) -> None:
    fluxbot.write(FILES)

    assert fluxbot.run("graph", ".").out.startswith("flowchart LR\n")
    assert fluxbot.run("graph", ".", "--format", "dot").out.startswith("digraph")


def test_the_same_tree_is_drawn_the_same(fluxbot: CommandLine) -> None:
    fluxbot.write(FILES)

    assert fluxbot.run("graph", ".").out == fluxbot.run("graph", ".", "--no-cache").out


def test_only_the_named_cluster_is_drawn(fluxbot: CommandLine) -> None:
    fluxbot.write({**FILES, "clusters/test/flux-system/gotk-sync.yaml": "", "clusters/test/crds.yaml": ks("crds")})

    assert edges(fluxbot, "--cluster", "clusters/test") == {
        ("flux-system/crds", "created by", "flux-system/flux-system")
    }
    assert 'subgraph c1["clusters/test"]' in fluxbot.run("graph", ".").out


def test_a_revision_is_drawn(fluxbot: CommandLine) -> None:
    fluxbot.commit(FILES)
    fluxbot.commit({"clusters/main/apps.yaml": ks("apps", ", dependsOn: [{name: crds}]")}, "change")

    assert ("flux-system/apps", "dependsOn", "flux-system/stores") in edges(fluxbot, "--rev", "main")
    assert ("flux-system/apps", "dependsOn", "flux-system/crds") in edges(fluxbot, "--rev", "change")


def test_a_repository_without_flux_is_an_empty_drawing(fluxbot: CommandLine) -> None:
    assert edges(fluxbot) == set()


def test_a_drawing_and_a_page_are_one_file_each(fluxbot: CommandLine) -> None:
    fluxbot.write(FILES)

    drawing, page = (fluxbot.run("graph", ".", "--format", one) for one in ("svg", "html"))

    assert (drawing.status, drawing.err, page.status, page.err) == (0, "", 0, "")
    assert drawing.out.startswith("<svg ")
    assert drawing.out == fluxbot.run("graph", ".", "--format", "svg", "--no-cache").out
    assert page.out.startswith("<!doctype html>")
