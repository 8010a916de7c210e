"""Where kustomize may do without its schema: only where real kustomize gives the very same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.flux.build import SCHEMA_FILE, Plan, plan, written
from bot.flux.closure import scan
from bot.flux.schema import small_schema_is_exact
from bot.flux.tree import Tree
from bot.manifest.documents import dump, read
from bot.model.ask import Answer, Build
from bot.model.field import Body
from bot.render.cell import Cell
from bot.render.kustomize import Kustomize
from tests.example_tree import body, flux, snapshot

RELEASE = """
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: web, namespace: shop}
    spec: {chart: {spec: {chart: web}}, dependsOn: [{name: a}], values: {containers: [{name: x, image: y}]}}
    """
DEPLOYMENT = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: shop}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
            - {name: web, image: nginx, ports: [{containerPort: 80}]}
            - {name: sidecar, image: envoy}
    """
OBJECTS = {"release.yaml": RELEASE, "deployment.yaml": DEPLOYMENT}
RELEASE_PATCH = """
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: web, namespace: shop}
    spec: {dependsOn: [{name: b}], values: {containers: [{name: z}]}}
    """
DEPLOYMENT_PATCH = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: shop}
    spec: {template: {spec: {containers: [{name: web, image: "nginx:2"}]}}}
    """
AS_LIST = """
    apiVersion: example.org/v1
    kind: ThingList
    items:
      - apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec: {template: {spec: {containers: [{name: web, image: "nginx:2"}]}}}
    """
ALL = "resources: [release.yaml, deployment.yaml]\n"
INLINE = '{patch: "spec: {suspend: true}\\nkind: x\\napiVersion: x\\nmetadata: {name: x}\\n"'


def is_exact(kustomization: str, files: Mapping[str, str]) -> bool:
    tree = Tree(snapshot({**OBJECTS, **files}))
    return small_schema_is_exact(tree, scan(tree, "", body(kustomization)))


def both(kustomization: str, files: Mapping[str, str]) -> tuple[Answer, Answer]:
    """The build by real kustomize: with the schema of Kubernetes, and with the empty one."""
    found = plan(flux("{}"), Tree(snapshot({**OBJECTS, **files, "kustomization.yaml": kustomization})))
    assert isinstance(found, Plan)
    kustomize = Kustomize(Cell())
    return kustomize.build(_with(found.build, small=False)), kustomize.build(_with(found.build, small=True))


def _with(build: Build, *, small: bool) -> Build:
    root = read(build.files["kustomization.yaml"].data or b"").documents[0].body
    plain = {name: value for name, value in root.items() if name != "openapi"}
    schema: Body = {"openapi": {"path": SCHEMA_FILE}} if small else {}
    files = {**build.files, "kustomization.yaml": written(dump({**plain, **schema}).encode())}
    return replace(build, files={**files, SCHEMA_FILE: written(b"{}")} if small else files, small_schema=small)


COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: p.yaml}]\n"
EXACT = [
    ("no patch at all", ALL, {}),
    ("transformers of names and namespaces", f"{ALL}namespace: other\nnamePrefix: a-\nnameSuffix: -z\n", {}),
    ("images and replicas", f"{ALL}images: [{{name: nginx, newTag: '3'}}]\nreplicas: [{{name: web, count: 2}}]\n", {}),
    ("labels", f"{ALL}labels: [{{pairs: {{team: a}}, includeSelectors: true, includeTemplates: true}}]\n", {}),
    ("a generator", f"{ALL}configMapGenerator: [{{name: x, literals: [a=b]}}]\n", {}),
    ("a patch of JSON operations", f"{ALL}patches: [{{path: p.yaml, target: {{kind: Deployment}}}}]\n",
     {"p.yaml": "- {op: add, path: /spec/replicas, value: 3}\n"}),
    ("a merge with a custom resource", f"{ALL}patches: [{{path: p.yaml}}]\n", {"p.yaml": RELEASE_PATCH}),
    ("a merge by the old field", f"{ALL}patchesStrategicMerge: [p.yaml]\n", {"p.yaml": RELEASE_PATCH}),
    ("a merge whose target is custom", f"{ALL}patches: [{INLINE}, target: {{kind: HelmRelease}}}}]\n", {}),
    ("a merge in a component", f"{ALL}components: [part]\n",
     {"part/kustomization.yaml": COMPONENT,
      "part/p.yaml": RELEASE_PATCH}),
]  # fmt: skip


@pytest.mark.parametrize(("kustomization", "files"), [one[1:] for one in EXACT], ids=[one[0] for one in EXACT])
def test_where_the_guard_allows_it_the_small_schema_gives_the_same_bytes(
    kustomization: str, files: dict[str, str]
) -> None:
    real, small = both(kustomization, files)

    assert is_exact(kustomization, files)
    assert real == small


REFUSED = [
    ("a merge with a Deployment", f"{ALL}patches: [{{path: p.yaml}}]\n", {"p.yaml": DEPLOYMENT_PATCH}),
    ("a merge with a Deployment by the old field", f"{ALL}patchesStrategicMerge: [p.yaml]\n",
     {"p.yaml": DEPLOYMENT_PATCH}),
    ("a Deployment in a list of another name", f"{ALL}patches: [{{path: p.yaml}}]\n", {"p.yaml": AS_LIST}),
    ("a second document", f"{ALL}patches: [{{path: p.yaml}}]\n",
     {"p.yaml": f"{RELEASE_PATCH}\n---\n{DEPLOYMENT_PATCH}"}),
    ("a target by a regular expression", f"{ALL}patches: [{{path: p.yaml, target: {{kind: Deploymen.}}}}]\n",
     {"p.yaml": DEPLOYMENT_PATCH}),
    ("a target by a regular expression of groups",
     f"{ALL}patches: [{{path: p.yaml, target: {{group: app., kind: Deployment}}}}]\n", {"p.yaml": DEPLOYMENT_PATCH}),
    ("a document with a tag of its own", f"{ALL}patches: [{{path: p.yaml}}]\n",
     {"p.yaml": f"{RELEASE_PATCH}\n---\n{DEPLOYMENT_PATCH.replace('spec:', 'spec: !mine', 1)}"}),
    ("a tag of its own behind a line of dashes", f"{ALL}patches: [{{path: p.yaml}}]\n",
     {"p.yaml": f"---\n{DEPLOYMENT_PATCH.replace('spec:', 'spec: !mine', 1)}"}),
    ("a field that only Go takes for patches", f"{ALL}Patches: [{{Path: p.yaml}}]\n", {"p.yaml": DEPLOYMENT_PATCH}),
]  # fmt: skip


@pytest.mark.parametrize(("kustomization", "files"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_where_the_small_schema_drops_a_container_the_guard_refuses_it(
    kustomization: str, files: dict[str, str]
) -> None:
    found = plan(flux("{}"), Tree(snapshot({**OBJECTS, **files, "kustomization.yaml": kustomization})))

    real, small = both(kustomization, files)

    assert "sidecar" in str(real)
    assert "sidecar" not in str(small)
    assert isinstance(found, Plan)
    assert not found.build.small_schema


@pytest.mark.parametrize(
    "kustomization",
    [
        "patches: [{path: none.yaml}]",
        "patches: [{path: '../../none.yaml'}]",
        "patches: [{patch: 'a: [b'}]",
        "patches: [{patch: 'spec: {}', target: {name: web}}]",
        "patches: [{patch: 'spec: {}', target: {kind: '.*'}}]",
        "patches: [{patch: 'spec: {}', target: {kind: deployment}}]",
        'patchesStrategicMerge: [\'{"kind": "Deployment"}\']',
        "openapi: {path: my.json}",
        "crds: [x.yaml]",
        "transformers: [x.yaml]",
        "generators: [x.yaml]",
        "validators: [x.yaml]",
        "configurations: [x.yaml]",
    ],
)
def test_what_is_not_proven_is_refused(kustomization: str) -> None:
    assert not is_exact(kustomization, {"x.yaml": "a: b\n", "my.json": "{}"})


def test_a_build_that_the_guard_allows_carries_the_switch_and_its_file() -> None:
    found = plan(
        flux("{path: apps}"),
        Tree(snapshot({"apps/kustomization.yaml": "resources: [a.yaml]\n", "apps/a.yaml": RELEASE})),
    )

    assert isinstance(found, Plan)
    assert found.build.small_schema
    assert found.build.files[f"apps/{SCHEMA_FILE}"].data == b"{}"
