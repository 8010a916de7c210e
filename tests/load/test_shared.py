"""Base and head take over from each other what is the same in both, and nothing else."""

from __future__ import annotations

import pytest

from bot.flux.entry import entry_at
from bot.load.cluster import Known, load
from bot.load.shared import Shared
from bot.model.cluster import Cluster, Provided
from bot.model.snapshot import Snapshot
from tests.example_tree import snapshot
from tests.flat_answerer import FlatAnswerer, driven
from tests.loaded_cluster import CONFIG, ROOT, SYNC, ks, node

_CHART = "chart: {spec: {chart: shop, sourceRef: {kind: HelmRepository, name: charts}}}"
_RELEASE = (
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop, namespace: shop}\n"
    f"spec: {{{_CHART}, valuesFrom: [{{kind: ConfigMap, name: settings}}]}}\n"
)
_VALUES = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {values.yaml: 'a: 1'}\n"
_TREE = {
    SYNC: "",
    f"{ROOT}/apps.yaml": ks("apps"),
    f"{ROOT}/other.yaml": ks("other", "components: [../parts/one, ../parts/two], ignoreMissingComponents: true"),
    f"{ROOT}/generated.yaml": ks("generated"),
    "apps/kustomization.yaml": "resources: [release.yaml, missing.yaml, ../shared, https://example.org/crds.yaml]\n",
    "apps/release.yaml": _RELEASE,
    "other/kustomization.yaml": "resources: [settings.yaml]\n",
    "other/settings.yaml": _VALUES,
    "parts/one/kustomization.yaml": "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\n",
    "shared/kustomization.yaml": "resources: [a.yaml]\n",
    "shared/a.yaml": CONFIG,
    "generated/a.yaml": CONFIG,
    "generated/deep/b.yaml": CONFIG.replace("settings", "more"),
}
_CHANGES: dict[str, dict[str, str | None]] = {
    "nothing": {},
    "a file of a build": {"shared/a.yaml": CONFIG.replace("shop", "store")},
    "values that a release reads from another Kustomization": {"other/settings.yaml": _VALUES.replace("1", "2")},
    "a file that was named and missing": {"apps/missing.yaml": CONFIG},
    "a file that goes away": {"shared/a.yaml": None},
    "a directory that goes away": {"shared/a.yaml": None, "shared/kustomization.yaml": None},
    "a component that was missing": {
        "parts/two/kustomization.yaml": "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\n"
    },
    "one more file below a generated root": {"generated/deep/deeper/c.yaml": CONFIG.replace("settings", "c")},
    "a kustomization in a directory without one": {"generated/deep/kustomization.yaml": "resources: []\n"},
    "a second kustomization beside one": {"shared/kustomization.yml": "resources: []\n"},
    "a file under the name of a remote one": {"apps/https:/example.org/crds.yaml": CONFIG},
    "a file that nothing names": {"README.md": "shop\n"},
    "a Kustomization": {f"{ROOT}/apps.yaml": ks("apps", "targetNamespace: store")},
    "one more Kustomization": {f"{ROOT}/more.yaml": ks("more", path="shared")},
    "what the artifact leaves out": {".sourceignore": "/shared/a.yaml\n"},
}


def _load(tree: Snapshot, shared: Shared) -> Cluster:
    found = driven(load(entry_at(tree, ROOT), tree, Known(Provided()), shared), FlatAnswerer())
    assert isinstance(found, Cluster)
    return found


def _changed(changes: dict[str, str | None]) -> Snapshot:
    whole = {**_TREE, **changes}
    return snapshot({path: text for path, text in whole.items() if text is not None}, label="head")


@pytest.mark.parametrize("changes", _CHANGES.values(), ids=_CHANGES)
def test_a_tree_loads_as_if_no_other_one_had_been_loaded_before(changes: dict[str, str | None]) -> None:
    base, head = snapshot(_TREE, label="base"), _changed(changes)
    shared, back = Shared(), Shared()

    assert (_load(head, shared), _load(base, shared)) == (_load(head, Shared()), _load(base, Shared()))
    assert (_load(base, back), _load(head, back)) == (_load(base, Shared()), _load(head, Shared()))


def test_a_link_makes_the_trees_incomparable() -> None:
    shared = Shared()
    head = Snapshot("head", _changed({}).files, frozenset({"apps/missing.yaml"}))
    _load(snapshot(_TREE, label="base"), shared)

    assert _load(head, shared) == _load(head, Shared())


def test_what_the_change_does_not_touch_is_the_very_same() -> None:
    shared = Shared()
    head = _load(_changed({"shared/a.yaml": CONFIG.replace("shop", "store")}), shared)

    base = _load(snapshot(_TREE, label="base"), shared)

    assert node(base, "other") is node(head, "other")
    assert node(base, "apps") is not node(head, "apps")
