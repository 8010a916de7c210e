"""The Kustomization that a cluster begins with, as it is patched."""

from __future__ import annotations

from bot.load.cluster import Known, load
from bot.load.entrance import entrances
from bot.model.cluster import Cluster, Provided
from bot.model.config import Config
from tests.example_tree import snapshot
from tests.flat_answerer import driven
from tests.loaded_cluster import CONFIG, ROOT, SYNC, gaps, ks, loaded, node, real

INSTANCE = """\
apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata: {name: flux, namespace: flux-system}
spec:
  sync: {kind: GitRepository, url: "https://example.org/fleet", ref: refs/heads/main, path: clusters/main}
  kustomize:
    patches:
"""
POST_BUILD = """\
      - target: {kind: Kustomization}
        patch: |
          - {op: add, path: /spec/postBuild, value: {substitute: {team: shop}}}
"""
OF_A_CONTROLLER = """\
      - target: {kind: Deployment, name: "(kustomize-controller|helm-controller)"}
        patch: |
          - {op: add, path: /spec/template/spec/containers/0/args/-, value: --concurrent=10}
      - patch: |
          apiVersion: apps/v1
          kind: Deployment
          metadata: {name: source-controller}
          spec: {replicas: 1}
"""
NAMED = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: '${team}'}\n"


def instanced(patches: str) -> Cluster:
    files = {"flux.yaml": INSTANCE + patches, f"{ROOT}/a.yaml": NAMED}
    tree = snapshot(files)
    [entry] = entrances(tree, Config(), ())
    cluster = driven(load(entry, tree, Known(Provided())), real())
    assert isinstance(cluster, Cluster)
    return cluster


def test_what_a_flux_instance_patches_into_its_kustomization_counts() -> None:
    cluster = instanced(OF_A_CONTROLLER + POST_BUILD)

    assert [str(one.ref) for one in node(cluster, "flux-system").resources] == ["ConfigMap/shop/x"]
    assert cluster.incomplete == ()


def test_a_patch_of_it_alone_by_its_own_text_counts_too() -> None:
    own = """\
      - patch: |
          apiVersion: kustomize.toolkit.fluxcd.io/v1
          kind: Kustomization
          metadata: {name: flux-system, namespace: flux-system}
          spec: {postBuild: {substitute: {team: shop}}}
"""

    assert [str(one.ref) for one in node(instanced(own), "flux-system").resources] == ["ConfigMap/shop/x"]


def test_patches_of_other_objects_change_nothing_and_nothing_is_built_for_none() -> None:
    for patches in (OF_A_CONTROLLER, "      []\n"):
        cluster = instanced(patches)

        assert [str(one.ref) for one in node(cluster, "flux-system").resources] == ["ConfigMap/${team}/x"]
        assert cluster.incomplete == ()


def test_a_patch_that_does_not_fit_is_told() -> None:
    cluster = instanced('      - {target: {kind: Kustomization}, patch: "- {op: remove, path: /spec/nothing}"}\n')

    [gap] = gaps(cluster)
    assert gap.startswith(
        "Kustomization/flux-system/flux-system: the patches of the FluxInstance in `flux.yaml` are not applied: "
    )
    assert [str(one.ref) for one in node(cluster, "flux-system").resources] == ["ConfigMap/${team}/x"]


ROOTED = ks("flux-system", path=ROOT)
PATCHED = """\
resources: [gotk-sync.yaml]
patches:
  - target: {kind: Kustomization, name: flux-system}
    patch: "- {op: add, path: /spec/postBuild, value: {substitute: {team: shop}}}"
"""


def test_what_the_root_patches_into_itself_counts() -> None:
    system = f"{ROOT}/flux-system"
    files = {SYNC: ROOTED, f"{system}/kustomization.yaml": PATCHED, f"{ROOT}/a.yaml": NAMED}

    cluster = loaded(files, real())

    root = node(cluster, "flux-system")
    assert "ConfigMap/shop/x" in [str(one.ref) for one in root.resources]
    assert root.parents == ()
    assert root.kustomization.resource.origin.path == SYNC


def test_a_root_that_patches_its_path_away_stays_the_one_that_was_bootstrapped() -> None:
    system = f"{ROOT}/flux-system"
    away = PATCHED.replace("/spec/postBuild, value: {substitute: {team: shop}}", "/spec/path, value: ./elsewhere")
    files = {SYNC: ROOTED, f"{system}/kustomization.yaml": away, "elsewhere/b.yaml": CONFIG}

    cluster = loaded({**files, f"{ROOT}/apps.yaml": ks("apps"), "apps/a.yaml": CONFIG}, real())

    assert [ref.name for ref in cluster.nodes] == ["flux-system", "apps"]
