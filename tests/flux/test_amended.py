"""How the fields of a Flux Kustomization are merged into the root kustomization, shown by real kustomize."""

from __future__ import annotations

import json

from bot.flux.build import Plan, plan
from bot.flux.tree import Tree
from bot.model.ask import Rendered
from bot.model.cluster import Broken
from bot.model.field import Value, text
from bot.render.cell import Cell
from bot.render.kustomize import Kustomize
from tests.example_tree import flux, snapshot
from tests.planned_build import CONFIG, DEPLOYMENT, names, planned, root


def test_the_target_namespace_overrides_that_of_the_file() -> None:
    files = {"apps/kustomization.yaml": "namespace: old\nresources: [a.yaml]\n", "apps/a.yaml": CONFIG}

    assert names(planned(files, "{path: apps, targetNamespace: shop}")) == ["ConfigMap/shop/settings"]


def test_prefix_and_suffix_override_those_of_the_file() -> None:
    files = {"apps/kustomization.yaml": "namePrefix: x-\nresources: [a.yaml]\n", "apps/a.yaml": CONFIG}

    assert names(planned(files, "{path: apps, namePrefix: a-, nameSuffix: -z}")) == ["ConfigMap//a-settings-z"]


def test_patches_come_after_those_of_the_file() -> None:
    files = {
        "apps/kustomization.yaml": """
            resources: [a.yaml]
            patches: [{patch: '[{"op": "add", "path": "/data", "value": {"by": "file", "own": "1"}}]',
                       target: {kind: ConfigMap}}]
            """,
        "apps/a.yaml": CONFIG,
    }
    spec = """{path: apps, patches: [{target: {kind: ConfigMap},
        patch: '[{"op": "replace", "path": "/data/by", "value": "flux"}]'}]}"""

    answer = Kustomize(Cell()).build(planned(files, spec).build)

    assert isinstance(answer, Rendered)
    assert answer.documents[0].body["data"] == {"by": "flux", "own": "1"}


def test_patches_match_names_before_the_prefix_of_the_same_layer() -> None:
    spec = """{path: apps, namePrefix: eu-, patches: [{target: {kind: ConfigMap, name: settings},
        patch: '[{"op": "add", "path": "/data", "value": {"hit": "yes"}}]'}]}"""

    answer = Kustomize(Cell()).build(planned({"apps/a.yaml": CONFIG}, spec).build)

    assert isinstance(answer, Rendered)
    assert answer.documents[0].body["data"] == {"hit": "yes"}


def test_the_old_fields_for_patches_still_count() -> None:
    spec = """{path: apps,
        patchesStrategicMerge: [{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {a: "1"}}],
        patchesJson6902: [{target: {version: v1, kind: ConfigMap, name: settings},
            patch: [{op: add, path: /data/b, value: "2"}]}]}"""

    answer = Kustomize(Cell()).build(planned({"apps/a.yaml": CONFIG}, spec).build)

    assert isinstance(answer, Rendered)
    assert answer.documents[0].body["data"] == {"a": "1", "b": "2"}


COMPONENT = {
    "apps/kustomization.yaml": "resources: [a.yaml]\ncomponents: [own]\n",
    "apps/a.yaml": CONFIG,
    "apps/own/kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -own\n"
    ),
    "parts/flux/kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -flux\n"
    ),
}


def test_components_come_after_those_of_the_file() -> None:
    made = planned(COMPONENT, "{path: apps, components: [../parts/flux]}")

    assert root(made)["components"] == ["own", "../parts/flux"]
    assert names(made) == ["ConfigMap//settings-own-flux"]


def test_absent_components_are_left_out_where_flux_is_told_to_ignore_them() -> None:
    made = planned(COMPONENT, "{path: apps, components: [../parts/none, ../parts/flux], ignoreMissingComponents: true}")

    assert names(made) == ["ConfigMap//settings-own-flux"]


def test_absent_components_make_the_build_fail_otherwise() -> None:
    made = planned(COMPONENT, "{path: apps, components: [../parts/none]}")

    assert "parts/none" in str(Kustomize(Cell()).build(made.build))


def test_images_are_merged_by_name_and_the_fields_of_flux_win() -> None:
    files = {
        "apps/kustomization.yaml": """
            resources: [a.yaml]
            images: [{name: nginx, newName: mirror/nginx, newTag: "1"}, {name: redis, newTag: "7"}]
            """,
        "apps/a.yaml": DEPLOYMENT,
    }

    made = planned(files, '{path: apps, images: [{name: nginx, newTag: "2"}, {name: busybox, newTag: "3"}]}')

    assert root(made)["images"] == [
        {"name": "nginx", "newName": "mirror/nginx", "newTag": "2"},
        {"name": "redis", "newTag": "7"},
        {"name": "busybox", "newTag": "3"},
    ]


def test_origins_are_asked_for_once_beside_what_the_file_asks_for() -> None:
    files = {
        "apps/kustomization.yaml": "resources: [a.yaml]\nbuildMetadata: [originAnnotations, managedByLabel]\n",
        "apps/a.yaml": CONFIG,
    }

    made = planned(files)

    assert root(made)["buildMetadata"] == ["managedByLabel", "originAnnotations"]


def test_every_rendered_object_says_where_it_was_written() -> None:
    files = {
        "apps/kustomization.yaml": "resources: [../base]\nconfigMapGenerator: [{name: made, literals: [a=b]}]\n",
        "base/kustomization.yaml": "resources: [a.yaml]\n",
        "base/a.yaml": CONFIG,
    }

    answer = Kustomize(Cell()).build(planned(files).build)

    assert isinstance(answer, Rendered)
    told = sorted(text(d.body, "metadata", "annotations", "config.kubernetes.io/origin") for d in answer.documents)
    assert told[0].startswith("configuredIn: kustomization.yaml\n")
    assert told[1] == "path: ../base/a.yaml\n"


def test_fields_of_any_other_type_than_flux_wants_do_no_harm() -> None:
    odd: list[Value] = [7, "x", None, [], {"patch": 3}]
    fields = ("patches", "components", "images", "patchesJson6902", "patchesStrategicMerge", "targetNamespace")
    spec = {"path": "apps", **dict.fromkeys(fields, odd)}

    found = plan(flux(json.dumps(spec)), Tree(snapshot({"apps/a.yaml": CONFIG})))

    assert isinstance(found, Plan | Broken)
