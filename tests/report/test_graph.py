"""A drawing as Mermaid, DOT and JSON."""

from __future__ import annotations

import json

import pytest

from bot.report.graph import GraphFormat, render_graph
from bot.review.drawing import Drawing, DrawnEdge, DrawnNode, Style

INFRA = DrawnNode("infra", "flux-system/infra", "Kustomization", "stuck", "clusters/production")
APPS = DrawnNode("apps", "flux-system/apps", "Kustomization", "ready", "clusters/production")
DRAWING = Drawing(
    (INFRA, APPS), (DrawnEdge("apps", "infra", "dependsOn"), DrawnEdge("infra", "apps", "", Style.DASHED))
)


def test_mermaid_shows_clusters_states_and_reasons() -> None:
    assert render_graph(DRAWING, GraphFormat.MERMAID) == (
        """\
flowchart LR
  subgraph c0["clusters/production"]
    n0{{"Kustomization<br/>flux-system/infra<br/>never ready"}}
    n1["Kustomization<br/>flux-system/apps"]
  end
  n1 -->|"dependsOn"| n0
  n0 -.-> n1
  classDef ready stroke:#1a7f37,stroke-width:2px
  class n1 ready
  classDef stuck stroke:#d1242f,stroke-width:2px
  class n0 stuck
"""
    )


def test_dot_shows_clusters_states_and_reasons() -> None:
    assert render_graph(DRAWING, GraphFormat.DOT) == (
        """\
digraph fluxbot {
  rankdir=LR;
  node [shape=box];
  subgraph cluster_0 {
    label="clusters/production";
    n0 [label="Kustomization flux-system/infra", color="#d1242f"];
    n1 [label="Kustomization flux-system/apps", color="#1a7f37"];
  }
  n1 -> n0 [label="dependsOn", style=solid];
  n0 -> n1 [label="", style=dashed];
}
"""
    )


def test_json_holds_the_drawing_as_it_is() -> None:
    assert json.loads(render_graph(DRAWING, GraphFormat.JSON))["edges"] == [
        {"tail": "apps", "head": "infra", "why": "dependsOn", "style": "solid"},
        {"tail": "infra", "head": "apps", "why": "", "style": "dashed"},
    ]


def test_a_drawing_of_nothing_is_still_a_drawing() -> None:
    assert render_graph(Drawing((), ()), GraphFormat.MERMAID) == "flowchart LR\n"


def test_nodes_of_one_cluster_stand_together_in_the_order_of_the_drawing() -> None:
    other = DrawnNode("other", "b", "Kustomization", "ready", "clusters/a")

    lines = render_graph(Drawing((INFRA, other, APPS), ()), GraphFormat.MERMAID).splitlines()

    assert [line.strip()[:2] for line in lines[1:8]] == ["su", "n1", "en", "su", "n0", "n2", "en"]


def test_an_edge_to_a_node_that_is_not_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="not drawn"):
        Drawing((INFRA,), (DrawnEdge("infra", "apps", ""),))


def test_two_nodes_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="same id"):
        Drawing((INFRA, INFRA), ())
