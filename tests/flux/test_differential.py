"""What fluxbot says that a Kustomization applies is what bare kustomize builds once Flux has amended the directory.

Flux's own steps are done literally here, on files on disk: a kustomization is
written where there is none, the fields of the Flux object are put into it, and
kubectl builds the directory as it lies there, without cell, partial tree,
origins, small schema or cache.
"""

from __future__ import annotations

import json
import subprocess
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.model.cluster import Cluster, Node, Output
from tests.conftest import PROFILE
from tests.hostile.cases import strangers
from tests.loaded_cluster import ks, loaded, node, real
from tests.rules.cases import RuleCase, cases, examined

Json: TypeAlias = dict[str, Any]  # manifests as PyYAML reads them
KUBECTL = Path(sysconfig.get_path("scripts"), "kubectl")
NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
SHARE = 200
"""By this the number of cases is divided: each starts processes."""


def literally(tree: Path, spec: Json) -> list[Json] | str:
    """The objects that Flux applies of a path, or why it fails; ``tree`` is written to."""
    directory = tree / str(spec["path"]).removeprefix("./")
    file = next((directory / name for name in NAMES if (directory / name).exists()), directory / NAMES[0])
    root: Json = (
        (yaml.safe_load(file.read_text()) or {}) if file.exists() else {"resources": list(listed(directory, ""))}
    )
    for field, of_flux in (
        ("namespace", "targetNamespace"),
        ("namePrefix", "namePrefix"),
        ("nameSuffix", "nameSuffix"),
    ):
        if spec.get(of_flux):
            root[field] = spec[of_flux]
    for field in ("patches", "components"):
        if spec.get(field):
            root[field] = [*root.get(field, []), *spec[field]]
    images: dict[str, Json] = {one["name"]: one for one in root.get("images", [])}
    for image in spec.get("images", []):
        images[image["name"]] = {**images.get(image["name"], {}), **image}
    root["images"] = list(images.values())
    file.write_text(yaml.safe_dump(root))
    command = [str(KUBECTL), "kustomize", "--load-restrictor=LoadRestrictionsNone", str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"HOME": str(tree)})
    if done.returncode:
        return done.stderr
    return [labelled(one, spec.get("commonMetadata", {})) for one in yaml.safe_load_all(done.stdout) if one]


def listed(directory: Path, below: str) -> Iterator[str]:
    """What the kustomization lists that Flux writes: a sub-directory with one of its own as a whole."""
    for place in sorted((directory / below).iterdir()):
        inner = f"{below}{place.name}"
        if place.is_dir() and any((place / name).exists() for name in NAMES):
            yield inner
        elif place.is_dir():
            yield from listed(directory, f"{inner}/")
        elif place.suffix in (".yaml", ".yml"):
            yield inner


def labelled(body: Json, common: Json) -> Json:
    """The object with the common labels and annotations, which Flux sets after the build."""
    for field, more in common.items():
        body["metadata"][field] = {**body["metadata"].get(field, {}), **more}
    return body


def same(ours: list[Json], theirs: list[Json]) -> bool:
    """Whether the same objects are there, in whatever order."""
    return sorted(map(canonical, ours)) == sorted(map(canonical, theirs))


def canonical(body: Json) -> str:
    return json.dumps(body, sort_keys=True, default=str)


def applied(found: Node) -> list[Json]:
    return [dict(one.body) for one in found.resources]


def written(files: Mapping[str, bytes], folder: Path) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: nginx, ports: [{containerPort: 80}]}, {name: side, image: "envoy:1"}]
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {colour: blue}\n"
THING = "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: web}\nspec: {parts: [{name: a}], ref: settings}\n"
PART = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
ROOTS = st.fixed_dictionaries(
    {"resources": st.just(["../base", "more.yaml"])},
    optional={
        "namespace": st.sampled_from(["shop", "bank"]),
        "namePrefix": st.just("x-"),
        "nameSuffix": st.just("-z"),
        "images": st.just([{"name": "nginx", "newTag": "1", "newName": "mirror/nginx"}]),
        "components": st.just(["../labels"]),
        "labels": st.just([{"pairs": {"team": "a"}, "includeSelectors": True}]),
        "configMapGenerator": st.just([{"name": "made", "literals": ["a=b"]}]),
        "patches": st.just(
            [{"target": {"kind": "ConfigMap"}, "patch": '[{"op": "add", "path": "/data/own", "value": "1"}]'}]
        ),
        "replicas": st.just([{"name": "web", "count": 3}]),
    },
)
MERGE = "apiVersion: {}\nkind: {}\nmetadata: {{name: web}}\nspec: {}\n"
PATCHES = (
    {
        "patch": MERGE.format(
            "apps/v1", "Deployment", '{template: {spec: {containers: [{name: side, image: "envoy:2"}]}}}'
        )
    },
    {"patch": MERGE.format("example.org/v1", "Thing", "{parts: [{name: b}]}")},
    {"target": {"kind": "Deployment", "name": "web"}, "patch": '[{"op": "add", "path": "/spec/replicas", "value": 2}]'},
    {"target": {"kind": "ConfigMap", "name": "settings"}, "patch": '[{"op": "remove", "path": "/data/colour"}]'},
)
SPECS = st.fixed_dictionaries(
    {"path": st.sampled_from(["./apps", "./base", "./plain"])},
    optional={
        "targetNamespace": st.just("target"),
        "namePrefix": st.just("eu-"),
        "nameSuffix": st.just("-1"),
        "images": st.just([{"name": "nginx", "newTag": "2"}, {"name": "envoy", "newName": "mirror/envoy"}]),
        "components": st.just(["../extra"]),
        "patches": st.lists(st.sampled_from(PATCHES), min_size=1, max_size=2, unique_by=id),
        "commonMetadata": st.just({"labels": {"app": "flux"}, "annotations": {"by": "flux"}}),
    },
)


def files(root: Json) -> dict[str, str]:
    return {
        "apps/kustomization.yaml": yaml.safe_dump(root),
        "apps/more.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}}\n",
        "base/kustomization.yml": "resources: [a.yaml, b.yaml, c.yaml]\n",
        **{f"base/{name}.yaml": text for name, text in (("a", DEPLOYMENT), ("b", CONFIG), ("c", THING))},
        **{f"plain/{name}": text for name, text in (("a.yaml", CONFIG), ("deep/er/b.yml", DEPLOYMENT), ("x.txt", "?"))},
        "plain/own/Kustomization": "resources: [thing.yaml]\nnamePrefix: own-\n",
        "plain/own/thing.yaml": THING,
        "labels/kustomization.yaml": PART + "labels: [{pairs: {tier: web}}]\n",
        "extra/kustomization.yaml": PART + "commonAnnotations: {extra: 'yes'}\n",
    }


@strangers(share=SHARE)
@given(root=ROOTS, spec=SPECS)
def test_generated_trees_are_built_as_bare_kustomize_builds_them(
    root: Json, spec: Json, tmp_path_factory: pytest.TempPathFactory
) -> None:
    texts = files(root)
    more = ", ".join(f"{field}: {json.dumps(value)}" for field, value in spec.items() if field != "path")
    flux = {"clusters/main/apps.yaml": ks("apps", more, str(spec["path"]).removeprefix("./"))}

    found = node(loaded({**texts, **flux}, real()), "apps")

    data = {path: text.encode() for path, text in texts.items()}
    theirs = literally(written(data, tmp_path_factory.mktemp("tree")), spec)
    if isinstance(theirs, str):
        assert not isinstance(found.building, Output), theirs
    else:
        assert same(applied(found), theirs)


BUILT = ("crd-not-ordered", "build-fails")
"""The rules whose cases are built in every run; ``make soak`` builds all."""


@pytest.mark.parametrize("case", [one for one in cases() if one.rule in BUILT or PROFILE == "soak"], ids=str)
def test_fixture_trees_are_built_as_bare_kustomize_builds_them(case: RuleCase, tmp_path: Path) -> None:
    data = {path: blob.data for path, blob in case.head.files.items() if blob.data is not None}

    clusters = [one.cluster for one in examined(case, real()).cases.values()]

    for number, found in enumerate(one for cluster in clusters for one in readable(cluster)):
        theirs = literally(
            written(data, tmp_path / str(number)), {**found.kustomization.spec, "path": found.kustomization.path}
        )
        assert isinstance(theirs, list), theirs
        assert same(applied(found), theirs)


def readable(cluster: Cluster) -> Iterator[Node]:
    """The Kustomizations that are built and replace no variables, which kustomize knows nothing of."""
    for found in cluster.nodes.values():
        is_whole = found.ref.kind == "Kustomization" and isinstance(found.building, Output) and not found.gaps
        if is_whole and not found.kustomization.spec.get("postBuild") and not found.kustomization.spec.get("suspend"):
            yield found
