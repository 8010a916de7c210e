"""Post-renderers of HelmReleases, by real Helm and real kustomize."""

from __future__ import annotations

import pytest

from bot.model.ask import Document
from bot.model.cluster import Node
from bot.model.field import Value, mapping, text
from bot.render.answerer import LocalAnswerer
from bot.render.cache import AnswerCache
from tests.loaded_cluster import gaps, ks, loaded, node

RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: shop, namespace: shop}}
spec:
  interval: 1h
  chart:
    spec: {{chart: ./charts/shop, sourceRef: {{kind: GitRepository, name: flux-system, namespace: flux-system}}}}
  postRenderers: {renderers}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}"}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: shop, image: "example/shop:1.0"}, {name: helper, image: "example/helper:1.0"}]}
"""
HOOK = """\
apiVersion: v1
kind: Secret
metadata: {name: before, annotations: {helm.sh/hook: pre-install}}
"""
HELPER = (
    "{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: shop},"
    " spec: {template: {spec: {containers: [{name: helper, $patch: delete}]}}}}'}"
)
LABEL = "{target: {name: '.*'}, patch: '- {op: add, path: /metadata/labels, value: {team: shop}}'}"


def found(renderers: str) -> tuple[Node, list[str]]:
    files = {
        "clusters/main/apps.yaml": ks("apps"),
        "apps/kustomization.yaml": "resources: [release.yaml]",
        "apps/release.yaml": RELEASE.format(renderers=renderers),
        "charts/shop/Chart.yaml": "{apiVersion: v2, name: shop, version: 1.0.0}",
        "charts/shop/templates/deployment.yaml": DEPLOYMENT,
        "charts/shop/templates/hook.yaml": HOOK,
    }
    cluster = loaded(files, LocalAnswerer(AnswerCache(), jobs=1))
    return node(cluster, "apps"), gaps(cluster)


def documents(renderers: str) -> dict[str, Document]:
    """What the chart brings, by kind, where Flux is bound to bring the same."""
    there, missing = found(renderers)
    assert missing == []
    [chart] = there.charts.values()
    return {text(one.body, "kind"): one for one in chart.documents}


def images(deployment: Document) -> list[str]:
    pod = mapping(deployment.body, "spec", "template", "spec")
    containers: Value = pod["containers"]
    assert isinstance(containers, list)
    return [text(one, "image") for one in containers if isinstance(one, dict)]


def test_without_one_all_is_as_helm_renders_it() -> None:
    assert images(documents("[]")["Deployment"]) == ["example/shop:1.0", "example/helper:1.0"]


def test_each_does_its_part_to_what_the_one_before_made() -> None:
    image = "{name: example/shop, newName: mirror.example/shop, newTag: '2.0'}"
    again = "{name: mirror.example/shop, newTag: '3.0'}"

    made = documents(
        f"[{{kustomize: {{patches: [{HELPER}], images: [{image}]}}}}, {{kustomize: {{images: [{again}]}}}}]"
    )

    assert images(made["Deployment"]) == ["mirror.example/shop:3.0"]


def test_hooks_do_not_come_by() -> None:
    made = documents(f"[{{kustomize: {{patches: [{LABEL}]}}}}]")

    assert mapping(made["Deployment"].body, "metadata", "labels") == {"team": "shop"}
    assert mapping(made["Secret"].body, "metadata").keys() == {"name", "annotations"}


@pytest.mark.parametrize(
    ("patch", "why"),
    [("patch: no patch", "unable to parse SM or JSON patch"), ("path: ../../apps/release.yaml", "must specify one of")],
    ids=["no patch", "a file is not read: Flux has no such field"],
)
def test_what_fails_is_named_and_nothing_is_proven(patch: str, why: str) -> None:
    there, missing = found(f"[{{kustomize: {{patches: [{{{patch}}}]}}}}]")

    assert there.charts == {}
    assert [why in one for one in missing] == [True]
    assert missing[0].startswith("HelmRelease/shop/shop: the chart `shop` is not post-rendered: ")
